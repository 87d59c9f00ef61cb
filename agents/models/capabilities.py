"""What models can do, by their names: a small table that settings can override, never a reason to refuse a name."""

import re

from autogen_core.models import ModelFamily, ModelInfo

from state.settings import ModelSpec

_SEES = re.compile(
    r"gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|gpt-4-vision|gpt-5|chatgpt|\bo[134](?!-mini\b)|o4-mini|claude|gemini|gemma-?3|llava|vision|-?vl\b|"
    r"pixtral|mistral-small|mistral-medium|llama-?4|minicpm-v|moondream|grok-(2-vision|4)|qwen2\.5vl|qwen3-vl",
    re.IGNORECASE,
)
_BLIND = re.compile(r"o1-mini|o3-mini|gpt-4o-audio|claude-(2|instant)", re.IGNORECASE)
_NO_TOOLS = re.compile(
    r"llava|moondream|minicpm-v|gemma-?[23]?(:|$)|phi-?3|deepseek-r1|o1-mini|o1-preview|claude-(2|instant)", re.IGNORECASE
)
_REASONS = re.compile(r"(^|/)(o[1345]|gpt-5)(?!.*chat)", re.IGNORECASE)


def capabilities(spec: ModelSpec) -> ModelInfo:
    """Say what a model can do. A hosted name nobody knows is taken to do everything but see; the server has the last word."""
    structured = spec.provider in {"openai", "azure", "demo"}
    sees = spec.provider in {"azure", "demo"} or (bool(_SEES.search(spec.model)) and not _BLIND.search(spec.model))
    return ModelInfo(
        vision=_first(spec.vision, sees),
        function_calling=_first(spec.tools, not _NO_TOOLS.search(spec.model)),
        json_output=_first(spec.json_output, spec.provider != "anthropic"),
        structured_output=_first(spec.structured_output, structured),
        family=ModelFamily.UNKNOWN,
        multiple_system_messages=spec.provider != "anthropic",
    )


def parameters(spec: ModelSpec) -> dict[str, float]:
    """The sampling parameters to send. OpenAI's reasoning models refuse both, Anthropic knows no seed."""
    if spec.provider in {"openai", "azure"} and _REASONS.search(spec.model):
        return {}
    given = {"temperature": spec.temperature, "seed": spec.seed if spec.provider != "anthropic" else None}
    return {name: value for name, value in given.items() if value is not None}


def context_tokens(spec: ModelSpec) -> int:
    """How much of a conversation to send, unless settings say: Ollama holds all of it in this machine's memory."""
    return spec.context_tokens or (8_192 if spec.provider == "ollama" else 100_000)


def _first(override: bool | None, table: bool) -> bool:
    return table if override is None else override
