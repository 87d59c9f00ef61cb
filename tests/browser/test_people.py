"""Several people at one server, each in a browser of their own."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from agents.places import BUSY
from tests.browser.chat import Chat
from tests.browser.conftest import close
from tests.nursery import ForkedServer
from tests.planted import guarded
from tests.provider import Gate, Provider, Reply
from tests.server import Server

STREAM = "/_stcore/stream"


@pytest.fixture
def shared(tmp_path: Path, openai_environment: dict[str, str]) -> Iterator[Server]:
    """A server where each browser is its own."""
    environment = openai_environment | {"ROUNDTABLE_AUTH": "browser", "ROUNDTABLE_MODEL_TIMEOUT": "20"}
    with guarded(ForkedServer(tmp_path / "data", **environment)) as server:
        yield server


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    close(context)


def test_each_browser_sees_its_own(shared: Server, page: Page, other_page: Page, provider: Provider) -> None:
    """Over a reload too, and while an answer is being written. Another's address is as unknown as any."""
    gate = Gate()
    provider.enqueue(Reply("For my eyes ", gate, "only."))
    mine, theirs = Chat(page, shared.url), Chat(other_page, shared.url)
    mine.open("/assistant")
    mine.send("My secret plan")
    expect(mine.live_text).to_have_text("For my eyes")
    theirs.open(page.url.removeprefix(shared.url))

    expect(other_page.get_by_text("There is no such conversation among yours").first).to_be_visible()
    expect(other_page.get_by_text("secret plan")).to_have_count(0)
    expect(theirs.live_text).to_have_count(0)
    theirs.open("/conversations")
    expect(other_page.get_by_text("You have no conversations yet")).to_be_visible()
    page.reload()
    expect(mine.live_text).to_have_text("For my eyes")
    gate.open()
    mine.expect_said("My secret plan", "For my eyes only.")


def test_limits_are_said(shared: Server, page: Page, other_page: Page, provider: Provider) -> None:
    """A place in the queue, and that a file is too large, before it is sent."""
    shared.kill()
    shared.add(ROUNDTABLE_RUNS="1", ROUNDTABLE_UPLOAD_MEGABYTES="1")
    shared.start()
    gate = Gate()
    provider.enqueue(Reply("Mine ", gate, "first."))
    mine, theirs = Chat(page, shared.url), Chat(other_page, shared.url)
    mine.open("/assistant")
    mine.send("I was here first")
    expect(mine.live_text).to_have_text("Mine")
    theirs.open("/conversations")
    other_page.get_by_text("Import a conversation").click()
    large = FilePayload(name="large.json", mimeType="application/json", buffer=b"x" * 1_500_000)
    other_page.locator(".st-key-import_file input[type=file]").set_input_files(large)
    expect(other_page.get_by_text("1.0MB or smaller")).to_be_visible()
    theirs.open("/assistant")
    theirs.send("And I came then")

    expect(other_page.locator(".live-note").last).to_have_text(BUSY.format(before="one answer is"))
    gate.open()
    theirs.expect_said("And I came then", "A plain answer.")
    mine.expect_said("I was here first", "Mine first.")


def test_a_browser_s_cookie_is_out_of_scripts_reach(shared: Server, page: Page) -> None:
    Chat(page, shared.url).open("/")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}

    assert cookies["roundtable_browser"]["httpOnly"]
    assert cookies["roundtable_browser"]["sameSite"] == "Lax"
    assert "roundtable_browser" not in page.evaluate("document.cookie")


def test_a_foreign_page_opens_no_websocket(shared: Server) -> None:
    address = shared.url.replace("http", "ws") + STREAM
    with connect(address, origin=Origin(shared.url)) as ours:
        assert ours.protocol.state.name == "OPEN"
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, origin=Origin("http://evil.example"))
    assert httpx2.get(shared.url, headers={"Host": "evil.example"}).status_code == 403
    assert "evil" not in shared.log.read_text()
