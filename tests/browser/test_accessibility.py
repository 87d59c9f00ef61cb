"""What axe-core finds on every page and in every state, light and dark: nothing serious."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.server import Server
from tests.services import Services

TEAM_SECONDS = 60_000
GRAVE = {"serious", "critical"}
STREAMLIT_S_OWN: dict[tuple[str, str], str] = {
    (
        "scrollable-region-focusable",
        "<pre class=",
    ): "its block of code has no tabindex; browsers let the keyboard into what scrolls by themselves",
}
"""What cannot be mended from here: why, by the rule and a part of the element."""
SETTLED = """() => Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), Promise.all(document.getAnimations()
    .filter((animation) => animation.playState === "running" && animation.effect.getComputedTiming().iterations !== Infinity)
    .map((animation) => animation.finished.catch(() => {})))])"""
"""Nothing is half faded in any more; what goes on for longer than a second is no fading."""
VIOLATIONS = {"resultTypes": ["violations"]}
MODES = ("assistant", "images", "travel", "coding")


@pytest.fixture
def server(tmp_path: Path, services: Services) -> Iterator[Server]:
    """A server on the demo model, whose tools ask local services."""
    server = ForkedServer(tmp_path / "data", **services.environment(), ROUNDTABLE_TITLES="prompt")
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["light", "dark"])
def chat(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Chat]:
    theme: Literal["light", "dark"] = request.param
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    yield Chat(context.new_page(), server.url)
    context.close()


@pytest.fixture
def looker(chat: Chat) -> "Looker":
    return Looker(chat.page)


class Looker:
    """Looks at a page in many states, and says at the end what was found in which."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._found: list[str] = []
        self.states = 0

    def look(self, state: str, within: str | None = None) -> None:
        """`within` is for what lies over the rest, against which axe would measure the text under it."""
        self.states += 1
        expect(self._page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        self._page.evaluate(SETTLED)
        for violation in Axe().run(self._page, context=within, options=VIOLATIONS).response["violations"]:
            elements = [node["html"] for node in violation["nodes"] if not _is_streamlit_s(violation["id"], node["html"])]
            if violation["impact"] in GRAVE and elements:
                self._found.append(f"{state}: {violation['id']}: {elements[:3]}")

    def found(self) -> str:
        return "\n".join(self._found)


def _is_streamlit_s(rule: str, element: str) -> bool:
    return any(rule == known and part in element for known, part in STREAMLIT_S_OWN)


def drawn_picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "red").save(drawn, "PNG")
    return drawn.getvalue()


def test_empty_pages(chat: Chat, looker: Looker) -> None:
    for path in ("/settings", "/conversations", "/", *(f"/{mode}" for mode in MODES)):
        chat.open(path)
        looker.look(path)

    assert looker.states == 7
    assert not looker.found()


def test_a_team(chat: Chat, looker: Looker) -> None:
    page = chat.page
    chat.open("/travel")
    chat.send("Plan a 2-day trip to Paris from London from 2027-05-03")
    expect(chat.live_text).not_to_be_empty()
    looker.look("a team at work")
    page.get_by_role("button", name="Team").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    looker.look("a team's roles")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
    expect(chat.stop).to_have_count(0)
    looker.look("a plan")
    page.get_by_text("Why now?").first.click()
    expect(page.get_by_text("The selector's answer")).to_be_visible()
    looker.look("why now", within='[data-testid="stPopoverBody"]')

    assert looker.states == 4
    assert not looker.found()


def test_a_chat(chat: Chat, looker: Looker) -> None:
    page = chat.page
    _begin_and_stop(chat, looker)
    chat.click("timeline")
    expect(page.get_by_role("dialog").get_by_test_id("stVegaLiteChart")).to_be_visible()
    looker.look("the timeline")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".st-key-options button").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    looker.look("the options")
    page.keyboard.press("Escape")
    chat.click("edit")
    expect(page.get_by_label("Edit your prompt")).to_be_visible()
    looker.look("a prompt being edited")

    assert looker.states == 5
    assert not looker.found()


def test_what_lists_a_chat(chat: Chat, looker: Looker) -> None:
    page = chat.page
    _begin_and_stop(chat, looker)
    chat.open("/")
    looker.look("home")
    chat.open("/conversations")
    looker.look("conversations")
    page.locator("[class*=st-key-menu_] button").first.click()
    expect(page.get_by_test_id("stPopoverBody").get_by_label("Title")).to_be_visible()
    looker.look("a conversation's menu")
    chat.open("/settings")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    chat.click("delete_all")
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    looker.look("settings")

    assert looker.states == 6
    assert not looker.found()


def test_code(chat: Chat, looker: Looker) -> None:
    chat.open("/coding")
    chat.page.get_by_test_id("stMain").locator("[class*=st-key-example_] button").first.click()
    chat.expect_conversation()
    address = f"/coding?conversation={chat.conversation}"
    expect(chat.page.locator(".st-key-approve")).to_be_visible()
    expect(chat.page.get_by_test_id("stCode").locator(".linenumber").first).to_be_attached()  # what colours it comes late
    looker.look("code to be allowed")
    chat.open("/coding")
    looker.look("coding, beside a live conversation")
    chat.open(address)
    chat.click("approve")
    expect(chat.stop).to_have_count(0, timeout=TEAM_SECONDS)
    expect(chat.page.get_by_text("Exit code 0").first).to_be_visible()
    looker.look("code that ran")

    assert looker.states == 3
    assert not looker.found()


def test_a_picture(chat: Chat, looker: Looker) -> None:
    chat.open("/images")
    upload = FilePayload(name="red.png", mimeType="image/png", buffer=drawn_picture())
    chat.page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(upload)
    expect(chat.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()
    chat.send("What is this?")
    expect(chat.messages).to_have_count(2)
    expect(chat.stop).to_have_count(0, timeout=TEAM_SECONDS)
    looker.look("a picture described")

    assert looker.states == 1
    assert not looker.found()


def _begin_and_stop(chat: Chat, looker: Looker) -> None:
    chat.open("/assistant")
    chat.send("What is the weather in Paris, and the time in Tokyo?")
    expect(chat.live_text).not_to_be_empty()
    looker.look("an answer being written")
    chat.stop.click()
    expect(chat.page.get_by_text("You stopped this answer")).to_be_visible()
    looker.look("an answer stopped")
