"""Nothing on the page moves while an answer is written, but what is written."""

import pytest
from playwright.sync_api import Browser

from tests.benchmarks.shift import ANSWERS, MOST, shift_of
from tests.browser.chat import Chat
from tests.provider import Provider
from tests.server import Server


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_holds_still(browser: Browser, server: Server, provider: Provider, width: int) -> None:
    """From the first text until after the finished answer took its place: of the first answer, and of one further down."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    chat = Chat(context.new_page(), server.url)
    chat.open("/assistant")
    moved = {name: shift_of(chat, provider, ANSWERS[name]) for name in ("of all kinds", "short")}
    context.close()

    assert {name: sum(value for value, _, _ in shifts) < MOST for name, shifts in moved.items()} == dict.fromkeys(moved, True), moved
