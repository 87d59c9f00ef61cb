"""Everything people come for, done by keyboard alone: whatever is pressed was reached with Tab, and was seen to be reached."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.agents.images.pictures import corners, saved
from tests.browser.chat import Chat
from tests.browser.keyboard import expect_focus, go_to, pick_file, press, write
from tests.nursery import ForkedServer
from tests.provider import Call, Provider, Reply
from tests.services import Services

TEAM_SECONDS = 60_000
PROGRAM = "Here:\n\n```python\nprint('{}')\n```"
DONE = "It works.\n\nTERMINATE"


@pytest.fixture
def openai_environment(openai_environment: dict[str, str]) -> dict[str, str]:
    return openai_environment | {"ROUNDTABLE_MODEL_VISION": "true"}


@pytest.mark.timeout(300)  # a team takes its time on a machine that is full
def test_from_home_to_a_plan(page: Page, tmp_path: Path, services: Services) -> None:
    """With the demo model; the plan's parts are gone through with the arrows, and its calendar is taken along."""
    server = ForkedServer(tmp_path / "demo", **services.environment())
    server.start()
    try:
        chat = Chat(page, server.url)
        chat.open("/")
        press(page, '[data-testid="stSidebarNavLink"][href$="/travel"]')
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
        write(page, "Plan a 2-day trip to Paris from London from 2027-05-03")
        expect(page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
        expect(chat.stop).to_have_count(0)
        expect_focus(page)
        go_to(page, '.st-key-plan [role="tab"][aria-selected="true"]', "Shift+Tab")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".st-key-plan").get_by_role("tab").nth(1)).to_have_attribute("aria-selected", "true")
        with page.expect_download() as download:
            press(page, ".st-key-plan_ics button")
    finally:
        server.kill()

    assert download.value.suggested_filename == "plan.ics"


def test_code_is_edited_and_allowed(chat: Chat, provider: Provider) -> None:
    page = chat.page
    provider.enqueue(Reply(PROGRAM.format("theirs")), Reply(PROGRAM.format("again")), Reply(DONE))
    chat.open("/coding")
    write(page, "Do it")
    press(page, ".st-key-code_card summary", "Shift+Tab")
    go_to(page, ".st-key-code_card textarea")
    page.keyboard.press("Control+A")
    page.keyboard.type("print('mine')")
    press(page, ".st-key-edit_and_run button")
    expect(page.get_by_test_id("stCode").filter(has_text="print('again')")).to_be_visible()
    expect_focus(page)
    press(page, ".st-key-approve button", "Shift+Tab")
    expect(chat.messages.last).to_contain_text("It works.")

    assert "mine" in provider.requests[1].said[-1][1]
    assert "again" in provider.requests[2].said[-1][1]


def test_a_tool_that_asks_is_allowed_and_a_question_answered(chat: Chat, provider: Provider) -> None:
    page = chat.page
    question = json.dumps({"question": "Which Paris?", "choices": ["France", "Texas"]})
    provider.enqueue(Reply(Call("calculate", '{"expression": "1 + 2"}')), Reply(Call("ask_person", question)), Reply("Texas, then."))
    press(page, ".st-key-tools button")
    go_to(page, '.st-key-tool_calculate [role="radio"][aria-checked="true"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".st-key-tool_calculate").get_by_role("radio").nth(1)).to_be_checked()
    chat.expect_drawn()
    page.keyboard.press("Escape")
    write(page, "Add")
    expect(page.locator(".st-key-approve")).to_be_visible()
    press(page, ".st-key-approve button", "Shift+Tab")
    expect(page.locator(".st-key-choice_1, .st-key-choice_1_1")).to_be_visible()
    expect_focus(page)
    press(page, '[class*="st-key-choice_1"] button', "Shift+Tab")
    chat.expect_said("Add", "Texas, then.")

    assert provider.requests[-1].said[-1] == ("tool", "Texas")


def test_a_picture_is_attached(chat: Chat, provider: Provider) -> None:
    page = chat.page
    provider.enqueue(Reply("A logo."))
    picture = FilePayload(name="logo.png", mimeType="image/png", buffer=saved(corners(), "PNG"))
    pick_file(page, '[data-testid="stChatInputFileUploadButton"] button', picture)
    expect(page.get_by_test_id("stFileChip")).to_have_count(1)
    expect(page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()
    write(page, "What is it?")
    chat.expect_said("What is it?", "A logo.")
    expect_focus(page)
    press(page, ".stChatMessage .pictures button", "Shift+Tab")
    expect(page.locator(".picture-dialog img")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator(".picture-dialog")).to_have_count(0)
    expect_focus(page)


def test_a_place_is_found_and_gone_to(chat: Chat, provider: Provider) -> None:
    page = chat.page
    lines = "\n\n".join(f"Line {number}" for number in range(40))
    provider.enqueue(Reply(f"The lamp is on the shelf.\n\n{lines}"))
    write(page, "Where?")
    chat.expect_said("Where?", "Line 39")
    press(page, ".st-key-new_conversation button")
    expect(chat.messages).to_have_count(0)
    go_to(page, ".st-key-find input")
    page.keyboard.type("lamp")
    expect(page.locator('.st-key-conversations [class*="st-key-found_"] a')).to_be_visible()
    press(page, '.st-key-conversations [class*="st-key-found_"] a')

    expect(chat.messages.get_by_text("The lamp is on the shelf.")).to_be_in_viewport()
    expect_focus(page)


def test_a_file_is_imported(chat: Chat, provider: Provider) -> None:
    page = chat.page
    provider.enqueue(Reply("Hi."))
    write(page, "Hello")
    chat.expect_said("Hello", "Hi.")
    press(page, ".st-key-download button", "Shift+Tab")
    with page.expect_download() as download:
        press(page, ".st-key-download_conversation button")
    page.keyboard.press("Escape")
    expect_focus(page)
    file = FilePayload(name="conversation.json", mimeType="application/json", buffer=download.value.path().read_bytes())
    first = chat.conversation
    press(page, '[data-testid="stSidebarNavLink"][href$="/conversations"]', "Shift+Tab")
    press(page, '[data-testid="stMain"] [data-testid="stExpander"] summary')
    pick_file(page, '.st-key-import_file [data-testid="stFileUploaderDropzone"] button', file)
    expect(page.locator(".st-key-import_confirm")).to_be_visible()
    press(page, ".st-key-import_confirm button")
    expect(page.get_by_test_id("stAlertContentSuccess")).to_be_visible()
    expect_focus(page)
    press(page, '[data-testid="stExpander"] [data-testid="stPageLink-NavLink"]')
    chat.expect_said("Hello", "Hi.")

    assert chat.conversation != first


def test_an_answer_is_judged(chat: Chat, provider: Provider) -> None:
    page = chat.page
    provider.enqueue(Reply("One."))
    write(page, "Count")
    chat.expect_said("Count", "One.")
    press(page, ".st-key-bad button", "Shift+Tab")
    expect(page.locator(".st-key-say_why")).to_be_visible()
    expect_focus(page)
    press(page, ".st-key-say_why button")
    go_to(page, '[data-testid="stPopoverBody"] textarea')
    page.keyboard.type("Too short")
    press(page, '[data-testid="stPopoverBody"] [data-testid="stFormSubmitButton"] button')
    chat.expect_drawn()
    page.reload()
    press(page, ".st-key-say_why button", "Shift+Tab")

    expect(page.get_by_test_id("stPopoverBody").locator("textarea")).to_have_value("Too short")


def test_versions_a_way_back_and_a_branch(chat: Chat, provider: Provider) -> None:
    page = chat.page
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Three."))
    write(page, "Count")
    chat.expect_said("Count", "One.")
    press(page, ".st-key-regenerate button", "Shift+Tab")
    chat.expect_said("Count", "Two.")
    expect_focus(page)
    press(page, '[class*="st-key-to_previous_"] button', "Shift+Tab")
    chat.expect_said("Count", "One.")
    expect_focus(page)
    press(page, '[class*="st-key-to_next_"] button')
    chat.expect_said("Count", "Two.")
    write(page, "On")
    chat.expect_said("Count", "Two.", "On", "Three.")
    press(page, '[class*="st-key-go_back_"] button', "Shift+Tab")
    chat.expect_said("Count", "Two.")
    expect_focus(page)
    press(page, ".st-key-forward button", "Shift+Tab")
    chat.expect_said("Count", "Two.", "On", "Three.")
    conversation = chat.conversation
    press(page, '[class*="st-key-branch_"] button', "Shift+Tab")
    chat.expect_said("Count", "Two.")
    expect_focus(page)

    assert chat.conversation != conversation
