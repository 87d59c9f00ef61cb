"""The models there are to pick from."""

import asyncio
import json
import re
import socket
import time
from pathlib import Path

import pytest
import yaml

from agents.application import Application
from agents.models.catalog import Catalog, ollama_address
from agents.models.model import Model
from agents.models.trial import Trial, try_model
from state.errors import SettingsError
from state.settings import load_listed_models, load_settings
from tests.provider import Provider


def catalog() -> Catalog:
    settings = load_settings(env_file=None)
    return Catalog(settings, load_listed_models(settings, env_file=None))


def names(found: Catalog) -> list[str]:
    return [model.name for model in found.models]


def test_without_anything_there_is_the_demo() -> None:
    found = catalog()

    assert found.default.is_demo
    assert names(found) == ["Demo"]


def test_auto_takes_the_first_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_MODEL", "auto")
    order = []
    for variables in (
        {"OLLAMA_MODEL": "llama3.2"},
        {"ANTHROPIC_API_KEY": "k"},
        {"OPENAI_API_KEY": "k"},
        {"AZURE_OPENAI_ENDPOINT": "https://a.example", "AZURE_OPENAI_CHAT_DEPLOYMENT_ID": "d", "AZURE_OPENAI_KEY": "k"},
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        order.append(catalog().default.provider)

    assert order == ["ollama", "anthropic", "openai", "azure"]
    assert names(catalog()) == ["Azure d", "gpt-4.1-mini", "claude-sonnet-5-5", "Ollama llama3.2", "Demo"]


@pytest.mark.parametrize(
    ("choice", "variable"),
    [("openai", "OPENAI_API_KEY"), ("azure", "AZURE_OPENAI_ENDPOINT"), ("anthropic", "ANTHROPIC_API_KEY")],
)
def test_a_choice_that_cannot_be_had_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, choice: str, variable: str) -> None:
    monkeypatch.setenv("ROUNDTABLE_MODEL", choice)
    with pytest.raises(SettingsError, match=variable):
        catalog()


def test_an_azure_endpoint_without_a_deployment_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://a.example")
    with pytest.raises(SettingsError, match="AZURE_OPENAI_CHAT_DEPLOYMENT_ID"):
        catalog()


LISTED = """
models:
  - {name: Fast, provider: openai, model: small, api_key: "${PLANTED}", temperature: 0, price: {prompt: 1, completion: 2}}
  - {name: Here, provider: openai, model: own, base_url: "http://localhost:1/v1", vision: true}
"""


def test_a_models_file_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its order is kept, its variables are filled in, and what the environment configures follows."""
    file = tmp_path / "models.yaml"
    file.write_text(LISTED)
    for name, value in {"ROUNDTABLE_MODEL": "auto", "ROUNDTABLE_MODELS_FILE": str(file), "PLANTED": "sk-1", "OPENAI_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    found = catalog()

    assert names(found) == ["Fast", "Here", "gpt-4.1-mini", "Demo"]
    assert found.default.spec.api_key is not None
    assert found.default.spec.api_key.get_secret_value() == "sk-1"
    assert "sk-1" not in repr(found.default) + found.default.identity
    assert found.find("Here").info["vision"]
    assert found.find("no longer there") is found.default


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("models: [", "models.yaml, line 1 cannot be read"),
        ("models: &all [*all]", "aliases are not allowed here"),
        ("models: " + "[" * 3000, "cannot be read"),
        ("models: [!!python/object/apply:os.getcwd []]", "cannot be read"),
        ("- a", "has to hold a mapping"),
        ("models: 3", "a list named `models`"),
        ("models: [{name: A, provider: wrong}]", "provider"),
        ("models: [{name: A, provider: openai, model: m, api_key: '${NOT_SET_ANYWHERE}'}]", "NOT_SET_ANYWHERE, which is not set"),
        ("models: [{name: A, provider: demo}, {name: A, provider: demo}]", "more than one model is named A"),
        ("models: [{name: A, provider: openai, model: m}]", "lacks an API key or an address"),
        ("models: [{name: A, provider: openai, model: m, api_key: sk-planted, vision: maybe}]", "vision"),
    ],
)
def test_a_wrong_models_file_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(text)
    monkeypatch.setenv("ROUNDTABLE_MODELS_FILE", str(file))
    with pytest.raises(SettingsError, match=re.escape(sentence)) as raised:
        catalog()

    assert "sk-planted" not in str(raised.value)


COMPONENTS = {
    "openai": ("autogen_ext.models.openai.OpenAIChatCompletionClient", "base_url", "/v1"),
    "anthropic": ("autogen_ext.models.anthropic.AnthropicChatCompletionClient", "base_url", ""),
    "ollama": ("autogen_ext.models.ollama.OllamaChatCompletionClient", "host", ""),
}


async def tried(model: Model) -> Trial:
    client = model.build()
    trial = await try_model(model, asyncio.sleep(0, client))
    await client.close()
    return trial


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("kind", COMPONENTS)
def test_a_component_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, provider: Provider, kind: str, suffix: str) -> None:
    """AutoGen's own configuration, JSON or YAML, with any model's name; the client is ours, so that its streams close and count."""
    name, address, path = COMPONENTS[kind]
    config = {"model": "scripted", address: provider.address + path} | ({} if kind == "ollama" else {"api_key": "${PLANTED}"})
    document = {"provider": name, "config": config}
    file = tmp_path / f"client.{suffix}"
    file.write_text(json.dumps(document) if suffix == "json" else yaml.safe_dump(document))
    monkeypatch.setenv("PLANTED", "sk-component")
    monkeypatch.setenv("ROUNDTABLE_MODEL", str(file))
    model = catalog().default
    trial = asyncio.run(tried(model))

    assert (trial.is_answered, trial.text) == (True, "A plain answer.")
    assert model.label == "component · scripted"
    assert "sk-component" not in model.identity + repr(model)


def test_another_content_of_a_component_file_is_another_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that nothing the earlier one answered comes from the cache; another key alone makes no difference."""
    file = tmp_path / "client.json"
    monkeypatch.setenv("ROUNDTABLE_MODEL", str(file))
    identities = []
    for change in ({}, {"api_key": "sk-other"}, {"temperature": 1}, {"max_tokens": 5}):
        config = {"model": "gpt-4o", "api_key": "sk-one"} | change
        file.write_text(json.dumps({"provider": COMPONENTS["openai"][0], "config": config}))
        identities.append(catalog().default.identity)

    assert identities[0] == identities[1]
    assert len(set(identities)) == 3


@pytest.mark.parametrize("text", ["{}", '{"provider": "os.system", "config": {}}', '{"provider": "nowhere.Client", "config": {}}'])
def test_a_component_file_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    file = tmp_path / "client.json"
    file.write_text(text)
    monkeypatch.setenv("ROUNDTABLE_MODEL", str(file))
    with pytest.raises(SettingsError, match="no usable AutoGen component"):
        catalog()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, "http://127.0.0.1:11434"),
        ("http://gpu-box:8080/", "http://gpu-box:8080"),
        ("http://gpu-box/ollama", "http://gpu-box:11434/ollama"),
        ("[::1]", "http://[::1]:11434"),
        ("gpu-box", "http://gpu-box:11434"),
        ("gpu-box:8080", "http://gpu-box:8080"),
        ("http://gpu-box", "http://gpu-box:11434"),
        ("https://ollama.example", "https://ollama.example"),
    ],
)
def test_an_ollama_host_may_be_short(monkeypatch: pytest.MonkeyPatch, host: str | None, address: str) -> None:
    if host:
        monkeypatch.setenv("OLLAMA_HOST", host)

    assert ollama_address(load_settings(env_file=None)) == address


def test_a_running_ollama_is_found(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    """It comes before the demo, and becomes the default where nothing else is configured."""
    provider.models = ["llama3.2:latest", "llava:7b"]
    monkeypatch.setenv("ROUNDTABLE_MODEL", "auto")
    monkeypatch.setenv("OLLAMA_HOST", provider.address)
    found = catalog()
    before = found.default.provider
    asyncio.run(found.look_for_ollama())

    assert before == "demo"
    assert names(found) == ["Ollama llama3.2:latest", "Ollama llava:7b", "Demo"]


def test_an_ollama_that_swallows_connections_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application is up and answers while the probe still waits for an address that accepts and never says a word."""
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(1)
        monkeypatch.setenv("ROUNDTABLE_MODEL", "auto")
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{black_hole.getsockname()[1]}")
        began = time.monotonic()
        application = Application(load_settings(env_file=None))
        took = time.monotonic() - began
        probe_is_waiting = application.catalog.default.is_demo and application.loop.answers_within(1)
        application.close()

    assert probe_is_waiting
    assert took < 1.5


@pytest.mark.parametrize(
    "answer", [[], {}, {"models": 3}, {"models": [7, {"name": ""}, {"name": 5}, {"name": "\ud800"}]}, {"models": [{}]}]
)
def test_an_ollama_that_answers_garbage_adds_nothing(monkeypatch: pytest.MonkeyPatch, provider: Provider, answer: object) -> None:
    provider.tags = answer
    monkeypatch.setenv("ROUNDTABLE_MODEL", "auto")
    monkeypatch.setenv("OLLAMA_HOST", provider.address)
    found = catalog()
    asyncio.run(found.look_for_ollama())

    assert names(found) == ["Demo"]


def test_a_missing_ollama_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_MODEL", "ollama")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    found = catalog()
    asyncio.run(found.look_for_ollama())

    assert found.default.is_demo
    assert "none answers at http://127.0.0.1:9" in found.default.why


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ROUNDTABLE_MODELS_FILE", "nowhere.yaml"),
        ("ROUNDTABLE_MODELS_FILE", "x" * 300),
        ("ROUNDTABLE_CACHE_MEGABYTES", "inf"),
        ("ROUNDTABLE_MODEL_TIMEOUT", "inf"),
        ("OPENAI_BASE_URL", "localhost:8000/v1"),
        ("OPENAI_API_KEY", "sk-planted\n"),
        ("ANTHROPIC_API_KEY", "“sk-planted”"),
    ],
)
def test_a_value_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as raised:
        catalog()

    assert "planted" not in str(raised.value)
