"""The file of MCP servers."""

import json
from pathlib import Path
from typing import Any

import pytest

from state.errors import SettingsError
from state.mcp import HttpServer, StdioServer, load_mcp_servers
from state.settings import load_settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the settings name."""
    path = tmp_path / "mcp.json"
    monkeypatch.setenv("ROUNDTABLE_MCP_CONFIG", str(path))
    return path


def load(file: Path, content: Any) -> tuple[StdioServer | HttpServer, ...]:
    file.write_text(content if isinstance(content, str) else json.dumps(content, indent="\t"), encoding="utf-8")
    return load_mcp_servers(load_settings(env_file=None), env_file=None)


def refused(file: Path, content: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(file, content)
    return str(caught.value).replace(str(file), "FILE")


def test_the_usual_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold what other programs keep there, and names secrets instead of holding them."""
    monkeypatch.setenv("MY_TOKEN", "planted-secret")
    servers = load(
        file,
        {
            "mcpServers": {
                "files": {"command": "npx", "args": ["-y", "server"], "env": {"TOKEN": "${MY_TOKEN}"}, "autoApprove": ["read"]},
                "docs": {"type": "streamable-http", "url": "http://localhost:1/mcp", "headers": {"Authorization": "Bearer ${MY_TOKEN}"}},
                "off": {"command": "x", "disabled": True},
            },
            "inputs": [],
        },
    )
    files, docs = servers

    assert isinstance(files, StdioServer)
    assert (files.name, files.command, files.args) == ("files", "npx", ("-y", "server"))
    assert files.env["TOKEN"].get_secret_value() == "planted-secret"
    assert isinstance(docs, HttpServer)
    assert docs.headers["Authorization"].get_secret_value() == "Bearer planted-secret"
    assert "planted-secret" not in repr(servers)


def test_it_need_not_exist_unless_it_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="which is not there"):
        load_mcp_servers(load_settings(env_file=None))
    monkeypatch.delenv("ROUNDTABLE_MCP_CONFIG")
    monkeypatch.chdir(tmp_path)

    assert load_mcp_servers(load_settings(env_file=None)) == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"mcpServers": {\n"a": }}', "FILE, line 2 cannot be read: Expecting value."),
        ("[" * 100_000, "FILE cannot be read: RecursionError."),
        ([], "FILE has to hold a mapping."),
        ({"servers": {}}, "FILE has to hold a mapping named `mcpServers`."),
        ({"mcpServers": []}, "FILE has to hold a mapping named `mcpServers`."),
        ({"mcpServers": {"a": "npx"}}, "In FILE, the server a has to have either a `command` or a `url`."),
        ({"mcpServers": {"a": {}}}, "In FILE, the server a has to have either a `command` or a `url`."),
        ({"mcpServers": {"a": {"command": "x", "url": "http://x"}}}, "In FILE, the server a has to have either a `command` or a `url`."),
        (
            {"mcpServers": {"a": {"type": "sse", "url": "http://x"}}},
            "In FILE, the server a has a type that cannot be used: it is stdio with a command, http with a url.",
        ),
        (
            {"mcpServers": {"a": {"command": ["npx"]}}},
            "In FILE, the server a: command has a value that cannot be used: input should be a valid string.",
        ),
        (
            {"mcpServers": {"a": {"url": "file:///etc/passwd"}}},
            "In FILE, the server a: url has a value that cannot be used: an address begins with http:// or https://.",
        ),
        ({"mcpServers": {"a": {"command": "${NOT_SET}"}}}, "FILE names the variable NOT_SET, which is not set."),
    ],
)
def test_what_is_wrong_is_said(file: Path, content: Any, sentence: str) -> None:
    assert refused(file, content) == sentence
