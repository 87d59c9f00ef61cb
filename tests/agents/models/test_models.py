"""The clients of models, as the environment configures them, over real HTTP."""

import asyncio

import pytest
from autogen_core.models import CreateResult, UserMessage

from agents.models.catalog import Catalog
from agents.models.model import Model
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
    return Catalog(load_settings(env_file=None)).default


def talk(model: Model, *, stream: bool) -> list[str | CreateResult]:
    """Send one prompt to the model's client, and close it."""

    async def work() -> list[str | CreateResult]:
        client = model.build()
        messages = [UserMessage(content="Hello", source="user")]
        items = [item async for item in client.create_stream(messages)] if stream else [await client.create(messages)]
        await client.close()
        return list(items)

    return asyncio.run(work())


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_azure_is_spoken_to_as_azure(monkeypatch: Set, provider: Provider, stream: bool) -> None:
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


def test_azure_without_a_key_asks_entra(monkeypatch: Set) -> None:
    """The client is made without any request; a token is asked for with the first prompt."""
    model = choose(monkeypatch, {"ROUNDTABLE_MODEL": "azure"} | AZURE | {"AZURE_OPENAI_KEY": ""})

    assert "Entra ID" in model.why
    assert type(model.build()).__name__ == "AzureClient"


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"ROUNDTABLE_MODEL": "anthropic", "ANTHROPIC_API_KEY": "sk-ant", "ANTHROPIC_MODEL": "claude-next"}, "/v1/messages"),
        ({"ROUNDTABLE_MODEL": "ollama", "OLLAMA_MODEL": "llama9"}, "/api/chat"),
    ],
    ids=["anthropic", "ollama"],
)
def test_each_provider_speaks_its_own_protocol(monkeypatch: Set, provider: Provider, variables: dict[str, str], path: str) -> None:
    """With any model's name, the settings' temperature, and usage on the stream."""
    provider.enqueue(Reply("Hello ", "there.", usage=(7, 2)))
    addresses = {"ANTHROPIC_BASE_URL": provider.address, "OLLAMA_HOST": provider.address, "ROUNDTABLE_TEMPERATURE": "0"}
    items = talk(choose(monkeypatch, variables | addresses), stream=True)
    request = provider.requests[0]

    assert request.path == path
    assert request.body["model"] in {"claude-next", "llama9"}
    assert request.body.get("options", request.body)["temperature"] == 0
    assert "".join(item for item in items if isinstance(item, str)) == "Hello there."
    assert isinstance(items[-1], CreateResult)
    assert (items[-1].usage.prompt_tokens, items[-1].usage.completion_tokens) == (7, 2)
