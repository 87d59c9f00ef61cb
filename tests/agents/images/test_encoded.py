"""A picture is encoded once, and every model gets those bytes."""

import base64
from typing import Any

import pytest
from autogen_agentchat.messages import MultiModalMessage
from autogen_core import Image
from autogen_core.models import ChatCompletionClient, UserMessage

from agents.images.encoded import EncodedImage, media_type_of
from agents.images.preparing import prepare
from agents.models.anthropic_client import AnthropicClient
from agents.models.ollama_client import OllamaClient
from agents.models.openai_clients import OpenAIClient
from tests.agents.images.pictures import corners, opened, photo, saved
from tests.agents.models.clients import CAPABLE, ask
from tests.provider import Provider

JPEG = prepare(saved(photo(400, 300), "JPEG"), "photo.jpg").data
PNG = prepare(saved(corners(), "PNG"), "logo.png").data
TYPES = {JPEG: "image/jpeg", PNG: "image/png"}


def openai(provider: Provider) -> ChatCompletionClient:
    return OpenAIClient(model="any", api_key="sk-planted", base_url=provider.base_url, model_info=CAPABLE, max_retries=0)


def claude(provider: Provider) -> ChatCompletionClient:
    return AnthropicClient(model="any", api_key="sk-planted", base_url=provider.address, model_info=CAPABLE, max_retries=0)


def llama(provider: Provider) -> ChatCompletionClient:
    return OllamaClient(model="any", host=provider.address, model_info=CAPABLE)


def sent(client: ChatCompletionClient, provider: Provider, image: Image) -> Any:
    ask(client, UserMessage(content=["What is it?", image], source="user"))
    return provider.requests[0].body["messages"][-1]


@pytest.mark.parametrize(("data", "media_type"), TYPES.items(), ids=TYPES.values())
def test_openai_gets_the_bytes_as_they_are(provider: Provider, data: bytes, media_type: str) -> None:
    url = sent(openai(provider), provider, EncodedImage(data))["content"][1]["image_url"]["url"]

    assert url == f"data:{media_type};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(("data", "media_type"), TYPES.items(), ids=TYPES.values())
def test_anthropic_gets_the_bytes_as_they_are(provider: Provider, data: bytes, media_type: str) -> None:
    source = sent(claude(provider), provider, EncodedImage(data))["content"][1]["source"]

    assert source == {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}


@pytest.mark.parametrize("data", TYPES, ids=TYPES.values())
def test_ollama_gets_the_bytes_as_they_are(provider: Provider, data: bytes) -> None:
    assert sent(llama(provider), provider, EncodedImage(data))["images"] == [base64.b64encode(data).decode()]


def test_autogens_own_image_is_a_png() -> None:
    image = Image(opened(JPEG))

    assert media_type_of(image) == "image/png"
    assert base64.b64decode(image.to_base64()).startswith(b"\x89PNG")


def test_it_is_an_image_of_autogens() -> None:
    image = EncodedImage(JPEG)
    message = MultiModalMessage(content=["Look", image], source="user")

    assert message.content[1] is image
    assert message.model_dump()["content"][1] == {"data": base64.b64encode(JPEG).decode()}
    assert image.image.size == (400, 300)
    assert EncodedImage.from_base64(image.to_base64()).data == JPEG


def test_nothing_is_decoded_or_encoded_again(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    """Pillow is out of reach, and everything that AutoGen does with a picture still works."""

    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture was decoded or encoded")

    image = EncodedImage(JPEG)
    monkeypatch.setattr("PIL.Image.open", forbidden)
    monkeypatch.setattr("PIL.Image.Image.save", forbidden)
    message = MultiModalMessage(content=["Look", image], source="user")
    ask(openai(provider), message.to_model_message())

    assert message.model_dump_json()
    assert image.to_base64() is image.to_base64()
