"""The models there are to pick from."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpx2

from agents.models.model import Model
from agents.models.providers import check, described, fingerprint
from state.errors import SettingsError
from state.settings import CHOICES, ModelSpec, Price, Settings

OLLAMA_PORT = 11434
OLLAMA_ADDRESS = f"http://127.0.0.1:{OLLAMA_PORT}"
PROBE_SECONDS = 2.0

_log = logging.getLogger(__name__)


class Catalog:
    """The models of the models file, then those of the environment, then an Ollama found running, then the demo.

    Raises SettingsError where a configured model lacks something. Nothing is asked of any server before `look_for_ollama`.
    """

    def __init__(self, settings: Settings, listed: Sequence[ModelSpec] = ()) -> None:
        self._settings = settings
        self._models: list[Model] = []
        for spec in listed:
            self._add(spec, f"It is listed in {settings.models_file}.")
        for spec, why in configured(settings):
            self._add(spec, why)
        silent = f" ROUNDTABLE_MODEL is ollama, but none answers at {ollama_address(settings)}." if settings.model == "ollama" else ""
        self._add(ModelSpec(name="Demo", provider="demo", model="built-in"), f"It is built in and needs no key.{silent}")
        if settings.model != "auto":
            self._chosen()  # a choice that cannot be had stops the start

    @property
    def models(self) -> tuple[Model, ...]:
        """All there are, the default first."""
        return (self.default, *(model for model in self._models if model is not self.default))

    @property
    def default(self) -> Model:
        """The model of a conversation that has picked none."""
        return self._models[0] if self._settings.model == "auto" else self._chosen()

    def find(self, name: str | None) -> Model:
        """The model of that name; the default when there is none, as when a conversation's model is no longer configured."""
        return next((model for model in self._models if model.name == name), self.default)

    async def look_for_ollama(self) -> None:
        """Ask a local Ollama for its models and add what it has. Nobody waits for this; where nothing answers, nothing changes."""
        settings = self._settings
        if settings.ollama_model or settings.model not in {"auto", "ollama"}:
            return
        address = ollama_address(settings)
        for name in await _installed_models(address):
            spec = _specified(settings, ModelSpec(name=f"Ollama {name}", provider="ollama", model=name, base_url=address))
            self._add(spec, f"Ollama answered at {address}.", before_demo=True)

    def _chosen(self) -> Model:
        choice = self._settings.model
        provider = choice if choice in CHOICES else "component"
        for model in self._models:
            if model.provider == provider:
                return model
        if provider == "ollama":
            return self._models[-1]  # until it has answered
        raise SettingsError(f"ROUNDTABLE_MODEL is {choice}, but {_NEEDED[provider]}.")

    def _add(self, spec: ModelSpec, why: str, *, before_demo: bool = False) -> None:
        check(spec)
        spec = described(spec)
        if any(model.name == spec.name for model in self._models):
            spec = spec.model_copy(update={"name": f"{spec.name} ({spec.provider})"})
        self._models.insert(len(self._models) - before_demo, Model(spec, why, self._settings.model_timeout, fingerprint(spec)))


_NEEDED = {
    "azure": "AZURE_OPENAI_ENDPOINT is not set",
    "openai": "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set",
    "anthropic": "ANTHROPIC_API_KEY is not set",
    "component": "there is no such file",
}


def configured(settings: Settings) -> Iterable[tuple[ModelSpec, str]]:
    """The models the environment configures, each with the reason, in the order `auto` takes them."""
    if settings.model not in CHOICES:
        file = Path(settings.model)
        yield (
            _specified(settings, ModelSpec(name=file.stem, provider="component", model=file.name, component=file)),
            "ROUNDTABLE_MODEL names its file.",
        )
    if settings.azure_endpoint:
        yield (
            _specified(
                settings,
                ModelSpec(
                    name=f"Azure {settings.azure_deployment or ''}".strip(),
                    provider="azure",
                    model=settings.azure_deployment or "",
                    base_url=settings.azure_endpoint,
                    api_key=settings.azure_key,
                    api_version=settings.azure_api_version,
                ),
            ),
            "AZURE_OPENAI_ENDPOINT is set."
            if settings.azure_key
            else "AZURE_OPENAI_ENDPOINT is set and AZURE_OPENAI_KEY is not, so it is reached with Entra ID.",
        )
    if settings.openai_key or settings.openai_base_url:
        spec = ModelSpec(
            name=settings.openai_model,
            provider="openai",
            model=settings.openai_model,
            base_url=settings.openai_base_url,
            api_key=settings.openai_key,
        )
        yield _specified(settings, spec), f"{'OPENAI_API_KEY' if settings.openai_key else 'OPENAI_BASE_URL'} is set."
    if settings.anthropic_key:
        spec = ModelSpec(
            name=settings.anthropic_model,
            provider="anthropic",
            model=settings.anthropic_model,
            base_url=settings.anthropic_base_url,
            api_key=settings.anthropic_key,
        )
        yield _specified(settings, spec), "ANTHROPIC_API_KEY is set."
    if settings.ollama_model:
        spec = ModelSpec(
            name=f"Ollama {settings.ollama_model}", provider="ollama", model=settings.ollama_model, base_url=ollama_address(settings)
        )
        yield _specified(settings, spec), "OLLAMA_MODEL is set."


def ollama_address(settings: Settings) -> str:
    """The address of Ollama, whose OLLAMA_HOST may leave out the scheme or the port."""
    host = (settings.ollama_host or OLLAMA_ADDRESS).rstrip("/")
    scheme, _, rest = host.rpartition("://")
    place, slash, path = rest.partition("/")
    has_port = place.rpartition("]")[2].count(":") == 1
    port = "" if has_port or scheme == "https" else f":{OLLAMA_PORT}"
    return f"{scheme or 'http'}://{place}{port}{slash}{path}"


def _specified(settings: Settings, spec: ModelSpec) -> ModelSpec:
    """Give a model what the environment says for all its models."""
    prices = (settings.price_prompt, settings.price_completion)
    price = Price(prompt=prices[0] or 0, completion=prices[1] or 0) if any(each is not None for each in prices) else None
    names = ("temperature", "seed", "vision", "tools", "json_output", "structured_output", "context_tokens")
    return spec.model_copy(update={name: getattr(settings, name) for name in names} | {"price": price})


async def _installed_models(address: str) -> list[str]:
    """The names an Ollama lists, each once; none where nothing answers or the answer is not Ollama's."""
    try:
        async with httpx2.AsyncClient(timeout=PROBE_SECONDS) as client:
            entries = (await client.get(f"{address}/api/tags")).raise_for_status().json()["models"]
            names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    except Exception as error:  # whatever answers there may send anything, and nobody waits for this
        _log.info("no Ollama answers at %s: %s", address, type(error).__name__)
        return []
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name.isprintable() and name))
