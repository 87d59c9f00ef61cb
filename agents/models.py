"""Which model answers, and the client that talks to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
from autogen_core.models import ChatCompletionClient, ModelFamily, ModelInfo
from pydantic import SecretStr

from agents.demo import DemoClient
from agents.live_client import LiveClient
from agents.openai_clients import AzureClient, OpenAIClient
from state.errors import SettingsError
from state.settings import Settings

Provider = Literal["demo", "openai", "azure"]
CONNECT_SECONDS = 10.0

CAPABLE = ModelInfo(
    vision=True,
    function_calling=True,
    json_output=True,
    structured_output=True,
    family=ModelFamily.UNKNOWN,
    multiple_system_messages=True,
)
"""AutoGen refuses model names it does not know unless it is told what they can do."""


@dataclass(frozen=True)
class Model:
    """A model the application talks to."""

    provider: Provider
    name: str
    build: Callable[[], ChatCompletionClient]
    """Makes its client. Call it on the background loop, which the client then belongs to."""

    @property
    def label(self) -> str:
        return f"{self.provider} · {self.name}"

    @property
    def is_demo(self) -> bool:
        return self.provider == "demo"


def choose_model(settings: Settings) -> Model:
    """Find the model the settings ask for. Raises SettingsError when it lacks what it needs."""
    provider = _first_configured(settings) if settings.model == "auto" else settings.model
    return {"azure": _azure, "openai": _openai, "demo": _demo}[provider](settings)


def _first_configured(settings: Settings) -> Provider:
    if settings.azure_key and settings.azure_endpoint:
        return "azure"
    if settings.openai_key or settings.openai_base_url:
        return "openai"
    return "demo"


def _demo(_settings: Settings) -> Model:
    return Model("demo", "built-in", lambda: LiveClient(DemoClient()))


def _openai(settings: Settings) -> Model:
    if not settings.openai_key and not settings.openai_base_url:
        raise SettingsError(
            "ROUNDTABLE_MODEL is openai, but OPENAI_API_KEY is not set. Set it, or OPENAI_BASE_URL for a server without keys."
        )
    options = {
        "model": settings.openai_model,
        "api_key": _value(settings.openai_key) or "none",  # servers without keys take any
        "base_url": settings.openai_base_url or "https://api.openai.com/v1",
        **_common(settings),
    }
    return Model("openai", settings.openai_model, lambda: LiveClient(OpenAIClient(**options)))


def _azure(settings: Settings) -> Model:
    needed = {
        "AZURE_OPENAI_KEY": settings.azure_key,
        "AZURE_OPENAI_ENDPOINT": settings.azure_endpoint,
        "AZURE_OPENAI_CHAT_DEPLOYMENT_ID": settings.azure_deployment,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(f"Azure OpenAI is chosen, but {' and '.join(missing)} is not set.")
    options = {
        "model": settings.azure_deployment,
        "azure_deployment": settings.azure_deployment,
        "api_key": _value(settings.azure_key),
        "azure_endpoint": settings.azure_endpoint,
        "api_version": settings.azure_api_version,
        **_common(settings),
    }
    return Model("azure", str(settings.azure_deployment), lambda: LiveClient(AzureClient(**options)))


def _common(settings: Settings) -> dict[str, Any]:
    timeout = httpx2.Timeout(settings.model_timeout, connect=min(CONNECT_SECONDS, settings.model_timeout))
    return {"model_info": CAPABLE, "timeout": timeout}


def _value(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
