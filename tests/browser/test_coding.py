"""The coding pair as a person meets it, in a real browser, with the real sandbox."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.provider import Provider, Reply
from tests.server import Server

BROKEN = "Here:\n\n```python\nprint(undefined)\n```"
MENDED = "Mended:\n\n```python\nprint('it', 'works')\n```"
DONE = "It works now.\n\nTERMINATE"
SLEEPING = "```python\nimport time\nprint('begun', flush=True)\ntime.sleep(60)\n```"
COPYING = "```python\nopen('plot.png', 'wb').write(open('given.png', 'rb').read())\n```"

LOOKING = "```python\nimport os\nprint('Around me:', dict(os.environ))\n```"


@pytest.fixture
def coding(page: Page, server: Server, provider: Provider) -> Iterator[Chat]:
    chat = Chat(page, server.url)
    chat.open("/coding")
    yield chat
    expect(page.get_by_test_id("stException")).to_have_count(0)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()


def test_a_program_is_approved_mended_and_run(coding: Chat, provider: Provider, server: Server) -> None:
    """And the approval waits over a reload and a kill of the server."""
    page = coding.page
    provider.enqueue(Reply(BROKEN), Reply(MENDED), Reply(DONE))
    coding.send("Do it")
    coding.expect_conversation()
    expect(page.locator(".st-key-approve")).to_be_visible()
    page.reload()
    press(page, "approve")
    expect(page.get_by_text("NameError").first).to_be_visible()
    expect(page.get_by_test_id("stCode").filter(has_text="print('it', 'works')").last).to_be_visible()
    expect(page.locator(".st-key-approve")).to_be_visible()
    server.kill()
    server.start()
    page.reload()
    press(page, "approve")
    expect(page.get_by_text("It works now.").last).to_be_visible()
    page.reload()

    expect(page.get_by_text("It works now.").last).to_be_visible()
    expect(page.get_by_text("Exit code 0")).to_have_count(1)
    expect(page.get_by_text("it works", exact=True)).to_have_count(1)
    assert "it works" in provider.requests[-1].said[-1][1]


def test_a_program_is_given_no_key(coding: Chat, provider: Provider) -> None:
    """What it finds around it is on the page and on the disk, where the fixtures look."""
    provider.enqueue(Reply(LOOKING), Reply(DONE))
    coding.send("Look around")
    press(coding.page, "approve")

    expect(coding.page.get_by_text("It works now.").last).to_be_visible()
    expect(coding.page.get_by_text("Around me:").last).to_be_visible()


def test_edited_code_runs(coding: Chat, provider: Provider) -> None:
    page = coding.page
    provider.enqueue(Reply(BROKEN), Reply(DONE))
    coding.send("Do it")
    page.locator(".st-key-code_card").get_by_text("Edit and run").click()
    page.locator(".st-key-code_card textarea").fill("print('mine')")
    press(page, "edit_and_run")

    expect(page.get_by_text("You edited the code.")).to_be_visible()
    expect(page.get_by_text("It works now.").last).to_be_visible()
    assert "print('mine')" in provider.requests[-1].said[-1][1]


def test_a_stop_ends_running_code_and_keeps_its_output(coding: Chat, provider: Provider) -> None:
    page = coding.page
    provider.enqueue(Reply(SLEEPING))
    coding.send("Sleep")
    press(page, "approve")
    expect(coding.live_note).to_contain_text("The code has been running")
    page.wait_for_timeout(500)
    coding.stop.click()

    expect(page.get_by_text("You stopped this answer while code was running.")).to_be_visible()
    expect(page.get_by_text("begun").last).to_be_visible()


def test_a_dropped_picture_comes_back_as_one_that_code_made(coding: Chat, provider: Provider, tmp_path: Path) -> None:
    """It is on the screen, it can be downloaded as it is, and the conversation's file holds it."""
    page, drawn = coding.page, BytesIO()
    Image.new("RGB", (60, 40), "red").save(drawn, "PNG")
    provider.enqueue(Reply(COPYING), Reply(DONE))
    given = tmp_path / "given.png"
    given.write_bytes(drawn.getvalue())
    page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(given)
    expect(page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()  # not before the file has arrived
    coding.send("Copy it")
    press(page, "approve")

    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()
    expect(page.get_by_text("given.png (1 kB)")).to_be_visible()
    expect(page.get_by_text("It works now.").last).to_be_visible()
    with page.expect_download() as download:
        coding.messages.get_by_test_id("stDownloadButton").filter(has_text="plot.png").locator("button").click()
    assert download.value.path().read_bytes() == drawn.getvalue()
    press(page, "download")
    with page.expect_download() as download:
        press(page, "download_conversation")
    assert download.value.path().read_text().count('"plot.png": "') == 1
