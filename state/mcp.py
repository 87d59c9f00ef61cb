"""Which MCP servers there are: the field's usual `mcpServers` file, read once at the start."""

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator

from state.documents import file_exists, load_document, to_sentences
from state.errors import SettingsError
from state.settings import DEFAULT_MCP_CONFIG, Settings, with_scheme
from state.values import Value

_HTTP_TYPES = ("http", "streamable-http", "streamableHttp", "streamable_http")
"""What programs call the same protocol."""


class _Server(Value):
    """Such files are shared between programs, so what another one keeps there is no error."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=64)


class StdioServer(_Server):
    """A program of this machine, spoken with over its standard input and output."""

    kind: ClassVar[Literal["stdio"]] = "stdio"
    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict)
    """All it gets of keys: none of ours are handed on."""
    cwd: Path | None = None


class HttpServer(_Server):
    """A server spoken with over streamable HTTP."""

    kind: ClassVar[Literal["http"]] = "http"
    url: str
    headers: dict[str, SecretStr] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _has_scheme(cls, address: str) -> str | None:
        return with_scheme(address)


McpServer = StdioServer | HttpServer


def load_mcp_servers(settings: Settings, env_file: Path | None = Path(".env")) -> tuple[McpServer, ...]:
    """Read the file, if there is one, with `${NAME}` standing for a variable's value. Raises SettingsError."""
    file = settings.mcp_config
    if not file_exists(file):
        if file == DEFAULT_MCP_CONFIG:
            return ()
        raise SettingsError(f"ROUNDTABLE_MCP_CONFIG names {file}, which is not there.")
    entries = load_document(file, env_file).get("mcpServers")
    if not isinstance(entries, dict):
        raise SettingsError(f"{file} has to hold a mapping named `mcpServers`.")
    return tuple(_read(file, name, entry) for name, entry in entries.items() if not _is_disabled(entry))


def _is_disabled(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("disabled") is True


def _read(file: Path, name: Any, entry: Any) -> McpServer:
    if not isinstance(entry, dict) or ("command" in entry) == ("url" in entry):
        raise SettingsError(f"In {file}, the server {name} has to have either a `command` or a `url`.")
    kind, types = (StdioServer, ("stdio",)) if "command" in entry else (HttpServer, _HTTP_TYPES)
    if entry.get("type", types[0]) not in types:
        raise SettingsError(f"In {file}, the server {name} has a type that cannot be used: it is stdio with a command, http with a url.")
    try:
        return kind.model_validate(entry | {"name": name})
    except ValidationError as error:
        raise SettingsError(f"In {file}, the server {name}: {' '.join(to_sentences(error))}") from None
