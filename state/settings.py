"""What the environment and `.env` decide, read once at the start."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from state.errors import SettingsError

ModelSetting = Literal["auto", "demo", "azure", "openai"]


class Settings(BaseSettings):
    """Every setting, named as its environment variable. The environment wins over `.env`; an empty value counts as not set."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8")

    data_dir: Path = Field(Path("data"), validation_alias="ROUNDTABLE_DATA_DIR")
    """Where conversations are kept."""
    model: ModelSetting = Field("auto", validation_alias="ROUNDTABLE_MODEL")
    """Which model answers; `auto` takes the first that is configured: azure, openai, demo."""
    model_timeout: float = Field(60.0, gt=0, validation_alias="ROUNDTABLE_MODEL_TIMEOUT")
    """Seconds of silence from a model's server after which the run fails."""

    azure_key: SecretStr | None = Field(None, validation_alias="AZURE_OPENAI_KEY")
    azure_endpoint: str | None = Field(None, validation_alias="AZURE_OPENAI_ENDPOINT")
    azure_deployment: str | None = Field(None, validation_alias="AZURE_OPENAI_CHAT_DEPLOYMENT_ID")
    azure_api_version: str = Field("2024-06-01", validation_alias="AZURE_OPENAI_API_VERSION")

    openai_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(None, validation_alias="OPENAI_BASE_URL")
    openai_model: str = Field("gpt-4.1-mini", validation_alias="OPENAI_MODEL")


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment and `.env`. Raises SettingsError, with a sentence for each wrong value."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError(" ".join(_sentences(error.errors(include_input=False)))) from None


def _sentences(problems: Iterable[Any]) -> Iterable[str]:
    """Say what is wrong by the variable's name; its value, which may be a secret, is left out."""
    for problem in problems:
        yield f"{problem['loc'][0]} has a value that cannot be used: {problem['msg'].lower()}."
