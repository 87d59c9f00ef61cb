"""What the environment, `.env` and the models file decide, read once at the start."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from state.documents import file_exists, load_document, to_sentences
from state.errors import SettingsError
from state.values import Value

Provider = Literal["azure", "openai", "anthropic", "ollama", "component", "demo"]
Auth = Literal["local", "browser", "header", "oidc"]
CodeExecution = Literal["auto", "docker", "bubblewrap", "unsandboxed", "off"]
CHOICES = ("auto", "azure", "openai", "anthropic", "ollama", "demo")
DEFAULT_MODELS_FILE = Path("models.yaml")
DEFAULT_MCP_CONFIG = Path("mcp.json")
COMPONENT_SUFFIXES = (".json", ".yaml", ".yml")


def with_scheme(address: str | None) -> str | None:
    """Refuse an address no client could use."""
    if address and not address.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return address


def sendable(key: SecretStr | None) -> SecretStr | None:
    """Refuse a key that no header can carry, as one copied with its line break or typographic quotes."""
    if key and not re.fullmatch(r"[!-~]+", key.get_secret_value()):
        raise ValueError("a key has no spaces, line breaks or typographic characters")
    return key


class Price(Value):
    """Money for a million tokens, in whatever currency the file's author thinks in."""

    prompt: float = Field(ge=0, le=1e9)
    completion: float = Field(ge=0, le=1e9)


class ModelSpec(Value):
    """All there is to say about one model; a models file is a list of these."""

    name: str = Field(min_length=1)
    """What people pick it by. No two models share one."""
    provider: Provider
    model: str = ""
    """Its name at its server: for Azure the deployment's."""
    base_url: str | None = None
    """Its server's address: for Azure the endpoint, for Ollama the host."""
    api_key: SecretStr | None = None
    api_version: str = "2024-06-01"
    """Azure's."""
    component: Path | None = None
    """The file with an AutoGen component configuration, for the provider `component`."""
    temperature: float | None = Field(None, ge=0, le=2)
    seed: int | None = None
    vision: bool | None = None
    tools: bool | None = None
    json_output: bool | None = None
    structured_output: bool | None = None
    """What the model can do, where the built-in table is wrong about it."""
    context_tokens: int | None = Field(None, ge=500)
    """About how much of a long conversation is sent, counted as a token for each four characters. None: as is usual there."""
    price: Price | None = None

    @field_validator("base_url")
    @classmethod
    def _has_scheme(cls, address: str | None) -> str | None:
        return with_scheme(address)

    @field_validator("api_key")
    @classmethod
    def _can_be_sent(cls, key: SecretStr | None) -> SecretStr | None:
        return sendable(key)


class Settings(BaseSettings):
    """Every setting, named as its environment variable. The environment wins over `.env`; an empty value counts as not set."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8")

    data_dir: Path = Field(Path("data"), validation_alias="ROUNDTABLE_DATA_DIR")
    """Where conversations are kept."""
    model: str = Field("auto", validation_alias="ROUNDTABLE_MODEL")
    """Which model answers: `auto` takes the first that is configured, in the order of `CHOICES`; or a component file's path."""
    models_file: Path = Field(DEFAULT_MODELS_FILE, validation_alias="ROUNDTABLE_MODELS_FILE")
    """A list of named models to pick from; it need not exist."""
    model_timeout: float = Field(60.0, gt=0, le=3600, validation_alias="ROUNDTABLE_MODEL_TIMEOUT")
    """Seconds of silence from a model's server after which a run fails."""
    model_retries: int = Field(3, ge=0, le=10, validation_alias="ROUNDTABLE_MODEL_RETRIES")
    """How often a request is sent again when a model's server is busy, failing or unreachable."""
    cache_days: float = Field(30.0, gt=0, le=3650, validation_alias="ROUNDTABLE_CACHE_DAYS")
    """How long a cached answer may be used."""
    turn_tokens: int = Field(200_000, ge=1, validation_alias="ROUNDTABLE_TURN_TOKENS")
    turn_seconds: float = Field(900.0, gt=0, validation_alias="ROUNDTABLE_TURN_SECONDS")
    turn_calls: int = Field(40, ge=1, validation_alias="ROUNDTABLE_TURN_CALLS")
    """What a turn may take before the person is asked whether it should go on: tokens, seconds, calls of the model."""
    titles: Literal["model", "prompt"] = Field("model", validation_alias="ROUNDTABLE_TITLES")
    """Who names a conversation: its model after the first answer, or its first prompt alone."""
    cache_megabytes: float = Field(100.0, ge=1, le=100_000, validation_alias="ROUNDTABLE_CACHE_MEGABYTES")
    """How large a user's cache of answers may grow."""

    auth: Auth = Field("local", validation_alias="ROUNDTABLE_AUTH")
    """Who is at a page: the one user of this machine, whichever browser it is, whom a proxy names, or who signed in."""
    hosts: str = Field("", validation_alias="ROUNDTABLE_HOSTS")
    """Names the server is reached by, with commas between; this machine's own always hold."""
    auth_header: str = Field("X-Forwarded-User", pattern=r"^[A-Za-z0-9-]{1,80}$", validation_alias="ROUNDTABLE_AUTH_HEADER")
    """The header in which a proxy names the user."""
    proxy_key: SecretStr | None = Field(None, min_length=16, validation_alias="ROUNDTABLE_AUTH_SECRET")
    """What the proxy sends as `X-Roundtable-Secret`, so that it is believed."""
    trusted_proxies: str = Field("", validation_alias="ROUNDTABLE_TRUSTED_PROXIES")
    """Addresses or networks, with commas between, from which the user's header is believed."""
    oidc_metadata_url: str | None = Field(None, validation_alias="ROUNDTABLE_OIDC_METADATA_URL")
    """The provider's address that ends with `/.well-known/openid-configuration`."""
    oidc_client_id: str | None = Field(None, validation_alias="ROUNDTABLE_OIDC_CLIENT_ID")
    oidc_client_key: SecretStr | None = Field(None, validation_alias="ROUNDTABLE_OIDC_CLIENT_SECRET")
    oidc_redirect_url: str | None = Field(None, validation_alias="ROUNDTABLE_OIDC_REDIRECT_URL")
    """This server's own address, as the provider knows it: it ends with `/oauth2callback`."""

    runs: int = Field(100, ge=1, le=10_000, validation_alias="ROUNDTABLE_RUNS")
    """How many answers are written at once; more wait in a queue."""
    user_runs: int | None = Field(None, ge=1, validation_alias="ROUNDTABLE_USER_RUNS")
    """How many of them one user may have."""
    user_prompts: int | None = Field(None, ge=1, validation_alias="ROUNDTABLE_USER_PROMPTS")
    """How many prompts a user may send within a minute."""
    user_tokens: int | None = Field(None, ge=1, validation_alias="ROUNDTABLE_USER_TOKENS")
    """How many tokens a user may take in a day, by UTC."""
    user_megabytes: int | None = Field(None, ge=1, validation_alias="ROUNDTABLE_USER_MEGABYTES")
    """How much of the disk a user's conversations and files may take. For these four, `agents/shares.py` has what is usual."""
    upload_megabytes: int = Field(50, ge=1, le=1000, validation_alias="ROUNDTABLE_UPLOAD_MEGABYTES")
    """How large one uploaded file may be."""

    metrics_key: SecretStr | None = Field(None, min_length=16, validation_alias="ROUNDTABLE_METRICS_TOKEN")
    """What `/metrics` wants as `Authorization: Bearer …`. Without it, it answers in `local` mode only."""
    log: Literal["text", "json"] = Field("text", validation_alias="ROUNDTABLE_LOG")
    """What the server's log looks like."""

    weather_url: str = Field("https://api.open-meteo.com/v1", validation_alias="ROUNDTABLE_WEATHER_URL")
    geocoding_url: str = Field("https://geocoding-api.open-meteo.com/v1", validation_alias="ROUNDTABLE_GEOCODING_URL")
    currency_url: str = Field("https://api.frankfurter.dev/v1", validation_alias="ROUNDTABLE_CURRENCY_URL")
    places_url: str = Field("https://nominatim.openstreetmap.org", validation_alias="ROUNDTABLE_PLACES_URL")
    climate_url: str = Field("https://archive-api.open-meteo.com/v1/archive", validation_alias="ROUNDTABLE_CLIMATE_URL")
    overpass_url: str = Field("https://overpass-api.de/api/interpreter", validation_alias="ROUNDTABLE_OVERPASS_URL")
    """Where the built-in tools ask: these services, or one's own that speak as they do."""
    contact: str | None = Field(None, pattern=r"^[!-'*-~]{1,200}$", validation_alias="ROUNDTABLE_CONTACT")
    """An address, of mail or web, that those services are told, to turn to in case of trouble."""
    tool_timeout: float = Field(10.0, gt=0, le=600, validation_alias="ROUNDTABLE_TOOL_TIMEOUT")
    """Seconds after which a tool gives a service's answer up."""
    mcp_config: Path = Field(DEFAULT_MCP_CONFIG, validation_alias="ROUNDTABLE_MCP_CONFIG")
    """The `mcpServers` file with servers of tools; it need not exist."""
    mcp_timeout: float = Field(60.0, gt=0, le=3600, validation_alias="ROUNDTABLE_MCP_TIMEOUT")
    """Seconds after which a call of an MCP server's tool is given up."""
    code_execution: CodeExecution = Field("auto", validation_alias="ROUNDTABLE_CODE_EXECUTION")
    """What closes in the code that agents write: `auto` takes the first that works, in this order; `off` runs none."""
    code_seconds: float = Field(60.0, gt=0, le=3600, validation_alias="ROUNDTABLE_CODE_SECONDS")
    """How long a block of code may run."""
    code_memory_megabytes: int = Field(2048, ge=64, le=1_000_000, validation_alias="ROUNDTABLE_CODE_MEMORY_MEGABYTES")
    """How much memory a block of code may use, all its processes together."""
    code_shell: bool = Field(True, validation_alias="ROUNDTABLE_CODE_SHELL")
    """Whether shell blocks run too, or Python only."""
    code_image: str = Field("python:3.11-slim", min_length=1, validation_alias="ROUNDTABLE_CODE_IMAGE")
    """The Docker image code runs in. It is never pulled by itself."""

    temperature: float | None = Field(None, ge=0, le=2, validation_alias="ROUNDTABLE_TEMPERATURE")
    seed: int | None = Field(None, validation_alias="ROUNDTABLE_SEED")
    vision: bool | None = Field(None, validation_alias="ROUNDTABLE_MODEL_VISION")
    tools: bool | None = Field(None, validation_alias="ROUNDTABLE_MODEL_TOOLS")
    json_output: bool | None = Field(None, validation_alias="ROUNDTABLE_MODEL_JSON")
    structured_output: bool | None = Field(None, validation_alias="ROUNDTABLE_MODEL_STRUCTURED_OUTPUT")
    context_tokens: int | None = Field(None, ge=500, validation_alias="ROUNDTABLE_CONTEXT_TOKENS")
    price_prompt: float | None = Field(None, ge=0, le=1e9, validation_alias="ROUNDTABLE_PRICE_PROMPT")
    price_completion: float | None = Field(None, ge=0, le=1e9, validation_alias="ROUNDTABLE_PRICE_COMPLETION")
    """These nine hold for the models the environment configures; a models file says them for each of its own."""

    azure_key: SecretStr | None = Field(None, validation_alias="AZURE_OPENAI_KEY")
    azure_endpoint: str | None = Field(None, validation_alias="AZURE_OPENAI_ENDPOINT")
    azure_deployment: str | None = Field(None, validation_alias="AZURE_OPENAI_CHAT_DEPLOYMENT_ID")
    azure_api_version: str = Field("2024-06-01", validation_alias="AZURE_OPENAI_API_VERSION")

    openai_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(None, validation_alias="OPENAI_BASE_URL")
    openai_model: str = Field("gpt-4.1-mini", validation_alias="OPENAI_MODEL")

    anthropic_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_base_url: str | None = Field(None, validation_alias="ANTHROPIC_BASE_URL")
    anthropic_model: str = Field("claude-sonnet-5-5", validation_alias="ANTHROPIC_MODEL")

    ollama_host: str | None = Field(None, validation_alias="OLLAMA_HOST")
    ollama_model: str | None = Field(None, validation_alias="OLLAMA_MODEL")

    @field_validator(
        "azure_endpoint",
        "openai_base_url",
        "anthropic_base_url",
        "weather_url",
        "geocoding_url",
        "currency_url",
        "places_url",
        "climate_url",
        "overpass_url",
        "oidc_metadata_url",
        "oidc_redirect_url",
    )
    @classmethod
    def _has_scheme(cls, address: str | None) -> str | None:
        return with_scheme(address)

    @field_validator("azure_key", "openai_key", "anthropic_key", "proxy_key", "oidc_client_key", "metrics_key")
    @classmethod
    def _can_be_sent(cls, key: SecretStr | None) -> SecretStr | None:
        return sendable(key)

    @property
    def has_several_users(self) -> bool:
        """Whether more than one person may use the server."""
        return self.auth != "local"

    @field_validator("model")
    @classmethod
    def _known_choice(cls, choice: str) -> str:
        if choice in CHOICES or choice.endswith(COMPONENT_SUFFIXES):
            return choice
        raise ValueError(f"it is one of {', '.join(CHOICES)}, or the path of a .json or .yaml file with an AutoGen component")


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment and `.env`. Raises SettingsError, with a sentence for each wrong value."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError(" ".join(to_sentences(error))) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file} is not a text file in UTF-8.") from None


def load_listed_models(settings: Settings, env_file: Path | None = Path(".env")) -> tuple[ModelSpec, ...]:
    """Read the models file, if there is one, with `${NAME}` standing for a variable's value. Raises SettingsError."""
    file = settings.models_file
    if not file.name or not file_exists(file):
        if file == DEFAULT_MODELS_FILE:
            return ()
        raise SettingsError(f"ROUNDTABLE_MODELS_FILE names {file}, which is not there.")
    entries = load_document(file, env_file).get("models")
    if not isinstance(entries, list):
        raise SettingsError(f"{file} has to hold a list named `models`.")
    try:
        specs = tuple(ModelSpec.model_validate(entry) for entry in entries)
    except ValidationError as error:
        raise SettingsError(f"In {file}: {' '.join(to_sentences(error))}") from None
    names = [spec.name for spec in specs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"In {file}, more than one model is named {', '.join(sorted(twice))}.")
    return specs
