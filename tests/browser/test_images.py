"""Pictures in a real browser: uploaded, looked at, asked about."""

import base64
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect

from tests.agents.images.pictures import corners, photo, saved
from tests.browser.chat import PATIENCE, Chat
from tests.provider import Provider, Reply
from tests.provider.server import Request

File = tuple[str, bytes]
LOGO: File = ("logo.png", saved(corners(), "PNG"))
HOLIDAY: File = ("holiday.jpg", saved(photo(1200, 900), "JPEG"))


@pytest.fixture
def openai_environment(openai_environment: dict[str, str]) -> dict[str, str]:
    return openai_environment | {"ROUNDTABLE_MODEL_VISION": "true"}


@pytest.fixture
def images(chat: Chat) -> Chat:
    """The Images page, opened."""
    chat.open("/images")
    return chat


def attach(chat: Chat, *files: File) -> None:
    box = chat.page.get_by_test_id("stChatInput").locator("input[type=file]")
    box.set_input_files([FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in files])
    expect(chat.page.get_by_test_id("stFileChip")).to_have_count(len(files), timeout=PATIENCE)


def thumbnails(chat: Chat) -> Locator:
    return chat.messages.locator(".pictures img")


def is_drawn(picture: Locator) -> None:
    expect(picture).to_be_visible(timeout=PATIENCE)
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") > 0


def sent(request: Request) -> list[Image.Image]:
    """The pictures of a request's prompts, as the model's server got them."""
    parts = [part for role, content in request.said if role == "user" and isinstance(content, list) for part in content]
    uris = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in uris]


def test_a_picture_is_seen_by_the_model_and_there_after_a_reload(images: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("Four corners."), Reply("Red."))
    attach(images, LOGO)
    images.send("What is it?")
    images.expect_said("What is it?", "Four corners.")
    images.page.reload()

    images.expect_said("What is it?", "Four corners.")
    is_drawn(thumbnails(images).first)
    expect(images.messages.first).to_contain_text("PNG, 96 × 64, 1 kB → PNG, 96 × 64, 1 kB")
    images.send("Which colour is top left?")
    images.expect_said("What is it?", "Four corners.", "Which colour is top left?", "Red.")
    assert [[picture.size for picture in sent(request)] for request in provider.requests] == [[(96, 64)], [(96, 64)]]
