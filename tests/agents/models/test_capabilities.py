"""What models can do and take, by their names."""

import pytest

from agents.models.capabilities import capabilities, parameters
from state.settings import ModelSpec, Provider


def spec(provider: Provider, model: str, **values: object) -> ModelSpec:
    return ModelSpec.model_validate({"name": "m", "provider": provider, "model": model, **values})


@pytest.mark.parametrize(
    ("provider", "model", "sees", "calls_tools"),
    [
        ("openai", "gpt-4.1-mini", True, True),
        ("openai", "gpt-5.1", True, True),
        ("openai", "gpt-3.5-turbo", False, True),
        ("openai", "o3-mini", False, True),
        ("openai", "o3", True, True),
        ("openai", "somebody/new-model-9000", False, True),
        ("openai", "qwen/qwen3-vl-8b", True, True),
        ("anthropic", "claude-sonnet-4-5", True, True),
        ("ollama", "llama3.2", False, True),
        ("ollama", "llama3.2-vision", True, True),
        ("ollama", "llava:13b", True, False),
        ("ollama", "deepseek-r1:8b", False, False),
        ("azure", "my-deployment", True, True),
    ],
)
def test_the_table(provider: Provider, model: str, sees: bool, calls_tools: bool) -> None:
    info = capabilities(spec(provider, model))

    assert (info["vision"], info["function_calling"]) == (sees, calls_tools)


def test_settings_override_the_table() -> None:
    info = capabilities(spec("openai", "gpt-4o", vision=False, tools=False, json_output=False, structured_output=False))

    assert not any((info["vision"], info["function_calling"], info["json_output"], info["structured_output"]))


@pytest.mark.parametrize(
    ("provider", "model", "sent"),
    [
        ("openai", "gpt-4.1", {"temperature": 0.0, "seed": 42}),
        ("openai", "o3-mini", {}),
        ("azure", "gpt-5", {}),
        ("openai", "openai/gpt-5-mini", {}),
        ("openai", "gpt-5-chat-latest", {"temperature": 0.0, "seed": 42}),
        ("anthropic", "claude-sonnet-4-5", {"temperature": 0.0}),
        ("ollama", "llama3.2", {"temperature": 0.0, "seed": 42}),
    ],
)
def test_temperature_and_seed_go_only_where_they_are_taken(provider: Provider, model: str, sent: dict[str, float]) -> None:
    assert parameters(spec(provider, model, temperature=0, seed=42)) == sent
    assert parameters(spec(provider, model)) == {}
