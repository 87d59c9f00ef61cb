"""Which model answers."""

import asyncio

import pytest
from autogen_core.models import CreateResult, UserMessage

from agents.models import Model, choose_model
from state.errors import SettingsError
from state.settings import load_settings
from tests.provider import Provider, Reply

OPENAI = {"OPENAI_API_KEY": "sk-planted-key"}
AZURE = {
    "AZURE_OPENAI_KEY": "azure-planted-key",
    "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
    "AZURE_OPENAI_CHAT_DEPLOYMENT_ID": "my-deployment",
}
Set = pytest.MonkeyPatch


def choose(monkeypatch: Set, variables: dict[str, str]) -> Model:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return choose_model(load_settings(env_file=None))


def talk(model: Model, *, stream: bool) -> list[str | CreateResult]:
    """Send one prompt to the model's client, and close it."""

    async def work() -> list[str | CreateResult]:
        client = model.build()
        messages = [UserMessage(content="Hello", source="user")]
        items = [item async for item in client.create_stream(messages)] if stream else [await client.create(messages)]
        await client.close()
        return list(items)

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("variables", "label"),
    [
        (OPENAI | AZURE, "azure · my-deployment"),
        (OPENAI, "openai · gpt-4.1-mini"),
        (OPENAI | {"OPENAI_MODEL": "other"}, "openai · other"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "openai · gpt-4.1-mini"),
        (OPENAI | {"AZURE_OPENAI_KEY": "alone"}, "openai · gpt-4.1-mini"),
        ({"AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9"}, "demo · built-in"),
        ({}, "demo · built-in"),
    ],
    ids=["azure first", "openai", "its model", "a server without keys", "half of azure", "less than azure", "nothing"],
)
def test_auto_takes_the_first_that_is_configured(monkeypatch: Set, variables: dict[str, str], label: str) -> None:
    model = choose(monkeypatch, {"ROUNDTABLE_MODEL": "auto"} | variables)

    assert model.label == label
    assert model.is_demo == label.startswith("demo")


@pytest.mark.parametrize(("setting", "provider"), [("demo", "demo"), ("openai", "openai"), ("azure", "azure")])
def test_a_named_model_is_taken_whatever_else_is_configured(monkeypatch: Set, setting: str, provider: str) -> None:
    assert choose(monkeypatch, {"ROUNDTABLE_MODEL": setting} | OPENAI | AZURE).provider == provider


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"ROUNDTABLE_MODEL": "openai"}, ["OPENAI_API_KEY"]),
        ({"ROUNDTABLE_MODEL": "azure"}, list(AZURE)),
        ({"ROUNDTABLE_MODEL": "azure"} | AZURE | {"AZURE_OPENAI_ENDPOINT": ""}, ["AZURE_OPENAI_ENDPOINT"]),
        ({"ROUNDTABLE_MODEL": "azure"} | AZURE | {"AZURE_OPENAI_KEY": ""}, ["AZURE_OPENAI_KEY"]),
        ({"ROUNDTABLE_MODEL": "auto"} | AZURE | {"AZURE_OPENAI_CHAT_DEPLOYMENT_ID": ""}, ["AZURE_OPENAI_CHAT_DEPLOYMENT_ID"]),
    ],
)
def test_what_is_missing_is_named(monkeypatch: Set, variables: dict[str, str], missing: list[str]) -> None:
    """And nothing that is there, nor any key."""
    with pytest.raises(SettingsError) as caught:
        choose(monkeypatch, variables)

    sentence = str(caught.value)
    assert [name for name in (*AZURE, "OPENAI_API_KEY") if name in sentence] == missing
    assert "planted" not in sentence


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_azure_is_spoken_to_as_azure(monkeypatch: Set, provider: Provider, stream: bool) -> None:  # pytest passes it
    provider.enqueue(Reply("Hello ", "from Azure."))
    variables = AZURE | {
        "AZURE_OPENAI_ENDPOINT": provider.address,
        "AZURE_OPENAI_CHAT_DEPLOYMENT_ID": "scripted",  # AutoGen warns of a server that answers with another model's name
        "AZURE_OPENAI_API_VERSION": "2025-01-01",
    }
    items = talk(choose(monkeypatch, {"ROUNDTABLE_MODEL": "azure"} | variables), stream=stream)
    request = provider.requests[0]

    assert request.path == "/openai/deployments/scripted/chat/completions"
    assert request.query == "api-version=2025-01-01"
    assert request.headers["api-key"] == "azure-planted-key"
    assert request.said == [("user", "Hello")]
    assert isinstance(items[-1], CreateResult)
    assert items[-1].content == "Hello from Azure."
    assert (items[-1].usage.prompt_tokens, items[-1].usage.completion_tokens) == (11, 3)


def test_openai_gets_its_key_and_model(monkeypatch: Set, provider: Provider) -> None:
    variables = OPENAI | {"ROUNDTABLE_MODEL": "openai", "OPENAI_BASE_URL": provider.base_url, "OPENAI_MODEL": "any-name"}
    talk(choose(monkeypatch, variables), stream=True)
    request = provider.requests[0]

    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-planted-key"
    assert request.body["model"] == "any-name"


def test_a_server_without_keys_needs_none(monkeypatch: Set, provider: Provider) -> None:
    items = talk(choose(monkeypatch, {"ROUNDTABLE_MODEL": "auto", "OPENAI_BASE_URL": provider.base_url}), stream=True)

    assert items[0] == "A plain answer."


def test_the_demo_needs_no_network(monkeypatch: Set) -> None:
    items = talk(choose(monkeypatch, {"ROUNDTABLE_MODEL": "demo"}), stream=False)

    assert isinstance(items[0], CreateResult)
    assert "demo model" in str(items[0].content)
