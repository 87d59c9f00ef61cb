"""A disk that is full or cannot be written to, seen in a real browser, with a real disk."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from state import paths
from state.users import LOCAL_USER
from tests.browser.chat import Chat
from tests.faults.disk import fill, small_disk
from tests.nursery import ForkedServer
from tests.planted import guarded
from tests.provider import Gate, Provider, Reply
from tests.server import Server

FULL = "The disk is full"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=4) as place:
        yield place


@pytest.fixture
def server(disk: Path, openai_environment: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose data are on the small disk."""
    server = ForkedServer(disk / "data", **openai_environment | {"ROUNDTABLE_MODEL_TIMEOUT": "20"})
    server.log = disk.parent / "server.log"
    with guarded(server):
        yield server


def test_a_full_disk_is_said_and_works_again_when_there_is_room(chat: Chat, disk: Path, provider: Provider) -> None:
    """A prompt that cannot be saved goes back into its box; what was saved is there."""
    chat.send("First")
    chat.expect_said("First", "A plain answer.")
    ballast = fill(disk)
    chat.send("Second")
    expect(chat.page.get_by_test_id("stAlert")).to_contain_text(FULL)
    expect(chat.page.get_by_test_id("stChatInputTextArea")).to_have_value("Second")
    chat.page.reload()
    chat.expect_said("First", "A plain answer.")
    ballast.unlink()
    chat.send("Second")

    chat.expect_said("First", "A plain answer.", "Second", "A plain answer.")
    assert len(provider.requests) == 2


def test_an_answer_outlasts_a_full_disk(chat: Chat, disk: Path, provider: Provider) -> None:
    """It is said while it lasts, the text stays in sight, and all of it is saved when there is room."""
    gate, again = Gate(), Gate()
    provider.enqueue(Reply("Before. ", gate, "Meanwhile. ", again, "After. " + "Long. " * 2000))
    chat.send("Tell")
    expect(chat.live_text).to_have_text("Before.")
    ballast = fill(disk)
    gate.open()
    expect(chat.live_text).to_contain_text("Meanwhile.")
    again.open()
    expect(chat.live_note).to_contain_text(FULL)
    expect(chat.live_text).to_contain_text("After.")
    ballast.unlink()

    expect(chat.stop).to_have_count(0)
    chat.page.reload()
    expect(chat.messages.nth(1)).to_contain_text("Before. Meanwhile. After.")


def test_a_folder_that_cannot_be_written_to_is_said(page: Page, server: Server, disk: Path) -> None:
    """The server stays up, and works as soon as the folder can be written to."""
    folder = paths.database_file(disk / "data", LOCAL_USER).parent
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    chat = Chat(page, server.url)
    try:
        chat.open("/assistant")
        expect(page.get_by_test_id("stAlert")).to_contain_text("The data folder cannot be written to")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    chat.click("try_again_page")
    chat.send("Now?")

    chat.expect_said("Now?", "A plain answer.")
