"""How a client is made for each provider."""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
from autogen_core.models import ChatCompletionClient
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

from agents.models.capabilities import capabilities, context_tokens, parameters
from agents.models.demo import DemoClient
from agents.models.ollama_client import OllamaClient
from agents.models.openai_clients import AzureClient, OpenAIClient
from state.documents import load_document
from state.errors import SettingsError
from state.settings import ModelSpec, Provider

CONNECT_SECONDS = 10.0
OPENAI_ADDRESS = "https://api.openai.com/v1"
AZURE_SCOPE = "https://cognitiveservices.azure.com/.default"
SECRET = re.compile(r"api_key|secret|password|credential|headers|token(?!s)")
"""What a component's setting is called that holds a secret; `max_tokens` is none."""
OURS = {
    "autogen_ext.models.openai.OpenAIChatCompletionClient": "agents.models.openai_clients.OpenAIClient",
    "autogen_ext.models.openai.AzureOpenAIChatCompletionClient": "agents.models.openai_clients.AzureClient",
    "autogen_ext.models.anthropic.AnthropicChatCompletionClient": "agents.models.anthropic_client.AnthropicClient",
    "autogen_ext.models.ollama.OllamaChatCompletionClient": "agents.models.ollama_client.OllamaClient",
}
"""AutoGen's clients by their component names, and ours, which mend them."""


def build_client(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    """Make the client of a model. `timeout` is in seconds of silence. Raises SettingsError."""
    return _BUILDERS[spec.provider](spec, timeout)


def check(spec: ModelSpec) -> None:
    """Raise SettingsError when a model lacks what its provider needs. Makes no request and no client, but reads a component's file."""
    needed: dict[Provider, dict[str, object]] = {
        "azure": {"its endpoint (AZURE_OPENAI_ENDPOINT)": spec.base_url, "its deployment (AZURE_OPENAI_CHAT_DEPLOYMENT_ID)": spec.model},
        "anthropic": {"an API key": spec.api_key, "a model's name": spec.model},
        "openai": {"an API key or an address": spec.api_key or spec.base_url, "a model's name": spec.model},
        "ollama": {"a model's name": spec.model},
        "component": {"a component file": spec.component},
        "demo": {},
    }
    missing = [what for what, value in needed[spec.provider].items() if not value]
    if missing:
        raise SettingsError(f"The model {spec.name} ({spec.provider}) lacks {' and '.join(missing)}.")
    if spec.provider == "component":
        _component(spec, 60.0)
    elif spec.provider == "anthropic":
        _anthropic_client()  # at the start, as the first prompt would wait for it and the loop with it


def _demo(_spec: ModelSpec, _timeout: float) -> ChatCompletionClient:
    return DemoClient()


def _openai(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    key = _key(spec) or "none"  # servers without keys take any
    return OpenAIClient(api_key=key, base_url=spec.base_url or OPENAI_ADDRESS, **_common(spec, timeout))


def _azure(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    options: dict[str, Any] = {
        "azure_deployment": spec.model,
        "azure_endpoint": spec.base_url,
        "api_version": spec.api_version,
        **_common(spec, timeout),
    }
    if key := _key(spec):
        return AzureClient(api_key=key, **options)
    return AzureClient(azure_ad_token_provider=_entra_token(), **options)


def _entra_token() -> Callable[[], Awaitable[str]]:
    """Ask for tokens on a thread: signing in may run a command or wait for the network, and the loop has others to serve."""
    provider = get_bearer_token_provider(DefaultAzureCredential(), AZURE_SCOPE)

    async def token() -> str:
        return await asyncio.to_thread(provider)

    return token


def _anthropic(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    options: dict[str, Any] = {"api_key": _key(spec), **_common(spec, timeout)}
    if spec.base_url:
        options["base_url"] = spec.base_url
    return _anthropic_client()(**options)


def _anthropic_client() -> Callable[..., ChatCompletionClient]:
    from agents.models.anthropic_client import AnthropicClient  # noqa: PLC0415  # its SDK takes 0.7 s and 42 MB, which only its users should pay

    return AnthropicClient


def _ollama(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    return OllamaClient(
        host=spec.base_url, model=spec.model, model_info=capabilities(spec), timeout=_timeout(timeout), **_ollama_options(spec)
    )


def _ollama_options(spec: ModelSpec) -> dict[str, Any]:
    return {"options": {**parameters(spec), "num_ctx": context_tokens(spec)}}  # without it, Ollama silently drops a long prompt's beginning


def _component(spec: ModelSpec, timeout: float) -> ChatCompletionClient:
    """Load the file that ROUNDTABLE_MODEL or the models file names. It may name any class, as its operator may run any program.

    Nobody else comes here: what a person picks or imports is the *name* of a model, looked up among those that the settings made
    (`Catalog.find`), and `ModelSpec.component` is set from settings alone.
    """
    document = _document(spec)
    provider, config = str(document.get("provider")), dict(document.get("config") or {})
    if provider in OURS:
        limits = {"timeout": timeout} | ({} if provider.endswith("OllamaChatCompletionClient") else {"max_retries": 0})
        config = {"model_info": capabilities(spec), **parameters(spec), **config, **limits}
    try:
        return ChatCompletionClient.load_component({**document, "provider": OURS.get(provider, provider), "config": config})
    except Exception as error:  # whatever the named class raises on what it is given
        raise SettingsError(f"{spec.component} is no usable AutoGen component: {type(error).__name__}.") from None


def described(spec: ModelSpec) -> ModelSpec:
    """Take over a component's own name for its model, which says what it can do."""
    if spec.provider != "component" or spec.component is None:
        return spec
    config = _document(spec).get("config")
    model = config.get("model") if isinstance(config, dict) else None
    return spec.model_copy(update={"model": str(model or spec.component.stem)})


def fingerprint(spec: ModelSpec) -> str:
    """Tell one content of a component's file from another. What looks like a secret is left out."""
    if spec.provider != "component":
        return ""
    text = json.dumps(_without_secrets(_document(spec)), sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _document(spec: ModelSpec) -> dict[str, Any]:
    return load_document(spec.component or Path())


def _without_secrets(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_secrets(inner) for key, inner in value.items() if not SECRET.search(str(key))}


def _common(spec: ModelSpec, timeout: float) -> dict[str, Any]:
    """What the clients of OpenAI, Azure and Anthropic take alike. Retries are ours, so that they can be seen and stopped."""
    return {
        "model": spec.model,
        "model_info": capabilities(spec),
        "timeout": _timeout(timeout),
        "max_retries": 0,
        **parameters(spec),
    }


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def _key(spec: ModelSpec) -> str | None:
    return spec.api_key.get_secret_value() if spec.api_key else None


_BUILDERS: dict[Provider, Callable[[ModelSpec, float], ChatCompletionClient]] = {
    "azure": _azure,
    "openai": _openai,
    "anthropic": _anthropic,
    "ollama": _ollama,
    "component": _component,
    "demo": _demo,
}
