"""Pictures in a real browser: uploaded, looked at, asked about."""

import base64
import csv
import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.agents.images.pictures import corners, photo, saved
from tests.browser.chat import Chat
from tests.nursery import ForkedServer
from tests.planted import guarded
from tests.provider import Gate, Provider, Reply
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


def thumbnails(chat: Chat) -> Locator:
    return chat.messages.locator(".pictures img")


def is_drawn(picture: Locator) -> None:
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") > 0


def sent(request: Request) -> list[Image.Image]:
    """The pictures of a request's prompts, as the model's server got them."""
    parts = [part for role, content in request.said if role == "user" and isinstance(content, list) for part in content]
    uris = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in uris]


def test_a_picture_is_seen_by_the_model_and_there_after_a_reload(images: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("Four corners."), Reply("Red."))
    images.attach(LOGO)
    images.send("What is it?")
    images.expect_said("What is it?", "Four corners.")
    images.page.reload()

    images.expect_said("What is it?", "Four corners.")
    is_drawn(thumbnails(images).first)
    expect(images.messages.first).to_contain_text("PNG, 96 × 64, 1 kB → PNG, 96 × 64, 1 kB")
    images.send("Which colour is top left?")
    images.expect_said("What is it?", "Four corners.", "Which colour is top left?", "Red.")
    assert [[picture.size for picture in sent(request)] for request in provider.requests] == [[(96, 64)], [(96, 64)]]


def test_pictures_without_a_word_are_described_and_opened_in_full_size(images: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("Two pictures."))
    images.attach(LOGO, HOLIDAY)
    images.page.get_by_test_id("stChatInputTextArea").press("Enter")
    images.expect_said("Describe these pictures.", "Two pictures.")
    images.messages.get_by_role("button", name="Show holiday.jpg in full size").click()
    dialog = images.page.locator("dialog")

    is_drawn(dialog.locator("img"))
    assert dialog.locator("img").evaluate("image => image.naturalWidth") == 1200
    images.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_files_that_are_none_are_said_and_the_others_go(images: Chat, provider: Provider) -> None:
    """With the name as text, whatever it would be as HTML or Markdown; it is still said after a reload."""
    provider.enqueue(Reply("One picture."))
    images.attach(("<img src=x onerror=alert(1)>.png", b"hello"), LOGO, ("cut.jpg", HOLIDAY[1][:5000]))
    images.send("What is it?")
    images.expect_said("What is it?", "One picture.")
    images.page.reload()

    expect(thumbnails(images)).to_have_count(1)
    expect(images.messages.first).to_contain_text("<img src=x onerror=alert(1)>.png was left out: it is not a PNG")
    expect(images.messages.first).to_contain_text("cut.jpg was left out: it begins like JPEG and is damaged or incomplete.")
    assert len(sent(provider.requests[0])) == 1


def test_the_switch_stands_in_one_line_with_its_name(images: Chat) -> None:
    switch = images.page.locator(".st-key-describe_each")
    expect(switch.locator("label > div").first).to_be_visible()
    expect(switch.locator("p")).to_be_visible()
    middles = switch.evaluate(
        """(element) => ["label > div", "p"].map((part) => {
            const { top, bottom } = element.querySelector(part).getBoundingClientRect();
            return (top + bottom) / 2;
        })"""
    )

    assert abs(middles[0] - middles[1]) <= 3


def test_nothing_is_sent_when_no_file_is_a_picture(images: Chat, provider: Provider) -> None:
    images.attach(("notes.png", b"hello"))
    images.send("What is it?")

    expect(images.page.get_by_text("notes.png was left out")).to_be_visible()
    expect(images.page.get_by_test_id("stChatInputTextArea")).to_have_value("What is it?")
    assert provider.requests == []


def test_a_refused_prompt_keeps_its_pictures(images: Chat, provider: Provider) -> None:
    """While another answer is written nothing is sent; text and pictures wait at the prompt box, and go with the next."""
    gate = Gate()
    provider.enqueue(Reply("Slow ", gate), Reply("A logo."))
    images.send("First")
    expect(images.live_text).to_have_text("Slow")
    images.attach(LOGO)
    images.send("And this?")
    is_drawn(images.page.locator(".st-key-attached img"))
    expect(images.page.get_by_test_id("stChatInputTextArea")).to_have_value("And this?")
    gate.open()
    expect(images.stop).to_have_count(0)
    images.page.get_by_test_id("stChatInputTextArea").press("Enter")

    images.expect_said("First", "Slow", "And this?", "A logo.")
    expect(images.page.locator(".st-key-attached")).to_have_count(0)
    assert len(sent(provider.requests[1])) == 1


def test_undone_pictures_come_back_to_the_prompt_box(images: Chat, provider: Provider) -> None:
    provider.enqueue(Reply(status=401), Reply("A logo."))
    images.attach(LOGO)
    images.send("What is it?")
    images.page.locator(".st-key-undo button").click()
    is_drawn(images.page.locator(".st-key-attached img"))
    expect(images.page.get_by_test_id("stChatInputTextArea")).to_have_value("What is it?")
    images.page.get_by_test_id("stChatInputTextArea").press("Enter")

    images.expect_said("What is it?", "A logo.")
    assert len(sent(provider.requests[1])) == 1


def test_a_batch_fills_a_table_stops_goes_on_and_is_downloaded(images: Chat, provider: Provider) -> None:
    form = json.dumps({"title": "A <b>title</b>", "alt_text": "Alt.", "description": "Long.", "tags": ["tag"]})
    provider.enqueue(*(Reply(form) for _ in range(4)), *(Reply(Gate()) for _ in range(3)), *(Reply(form) for _ in range(4)))
    images.page.locator(".st-key-describe_each label").click()
    images.attach(*((f"{number}.png", saved(corners(96 + 2 * number, 64), "PNG")) for number in range(8)), ("text.png", b"hello"))
    images.page.get_by_test_id("stChatInputTextArea").press("Enter")
    table = images.page.locator(".pictures table")
    expect(table.locator("strong")).to_have_text(["A <b>title</b>"] * 4)
    expect(images.page.get_by_text("4 of 8 pictures described")).to_be_visible()
    images.stop.click()
    images.page.locator(".st-key-continue button").click()

    expect(table.locator("strong")).to_have_count(8)
    expect(images.stop).to_have_count(0)
    images.page.reload()
    expect(table.locator("strong")).to_have_count(8)
    is_drawn(table.locator("img").first)
    expect(images.messages.first).to_contain_text("text.png was left out")
    with images.page.expect_download() as download:
        images.page.locator("[class*=st-key-table_csv_] button").click()
    assert len(list(csv.DictReader(StringIO(download.value.path().read_text(encoding="utf-8-sig"))))) == 8
    provider.enqueue(Reply(form.replace("Long.", "Longer.")))
    table.get_by_role("button", name="Describe 3.png again").click()
    expect(table.locator("tr").nth(4)).to_contain_text("Longer.")


def test_more_files_than_a_page_may_hold_are_refused_in_a_sentence(page: Page, tmp_path: Path, openai_environment: dict[str, str]) -> None:
    """Of eleven, ten of which are the most; what was taken is there to be sent."""
    with guarded(ForkedServer(tmp_path / "small", **openai_environment | {"ROUNDTABLE_UPLOAD_MEGABYTES": "1"})) as server:
        chat = Chat(page, server.url)
        chat.open("/images")
        chat.attach(*[(f"{number}.png", bytes(950_000)) for number in range(11)])

        expect(page.get_by_role("status").filter(has_text="Send or remove some")).to_be_visible()
        expect(page.locator("[data-testid=stFileChip] img")).to_have_count(10)


def test_a_model_that_cannot_see_is_said_at_the_prompt_box(
    page: Page, tmp_path: Path, openai_environment: dict[str, str], provider: Provider
) -> None:
    with guarded(ForkedServer(tmp_path / "blind", **openai_environment | {"ROUNDTABLE_MODEL_VISION": "false"})) as server:
        chat = Chat(page, server.url)
        chat.open("/images")
        expect(page.get_by_text("takes no pictures")).to_be_visible()
        expect(page.get_by_test_id("stChatInputFileUploadButton")).to_have_count(0)


def test_the_assistant_takes_a_pasted_picture(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("A logo."))
    chat.open("/assistant")
    chat.page.get_by_test_id("stChatInputTextArea").evaluate(
        """(box, bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(LOGO[1]),
    )
    expect(chat.page.get_by_test_id("stFileChip")).to_have_count(1)
    expect(chat.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()  # once it is uploaded
    chat.send("What is it?")

    chat.expect_said("What is it?", "A logo.")
    is_drawn(thumbnails(chat).first)
    assert len(sent(provider.requests[0])) == 1
