"""All that can be done with a turn, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.provider import Gate, Provider, Reply
from tests.server import Server


@pytest.fixture
def stopped(chat: Chat, provider: Provider) -> Chat:
    """A chat whose second answer was stopped in the middle of a word."""
    provider.enqueue(Reply("Hi."), Reply("The quick bro", Gate()))
    chat.send("Hello")
    chat.expect_said("Hello", "Hi.")
    chat.send("Tell")
    expect(chat.live_text).to_have_text("The quick bro")
    chat.stop.click()
    chat.expect_said("Hello", "Hi.", "Tell", "The quick bro")
    return chat


def test_a_stopped_answer_goes_on(stopped: Chat, provider: Provider) -> None:
    """Its live text begins with what was there, and it is one answer in the end, after a reload too."""
    gate = Gate()
    provider.enqueue(Reply("brown ", gate, "fox."))
    stopped.click("continue")
    expect(stopped.live_text).to_have_text("The quick brown")
    expect(stopped.messages).to_have_count(4)
    gate.open()

    stopped.expect_said("Hello", "Hi.", "Tell", "The quick brown fox.")
    expect(stopped.page.get_by_role("button", name="Continue")).to_have_count(0)
    stopped.page.reload()
    stopped.expect_said("Hello", "Hi.", "Tell", "The quick brown fox.")


def test_a_stopped_answer_is_tried_again(stopped: Chat, provider: Provider) -> None:
    """The first attempt stays beside the second."""
    provider.enqueue(Reply("The slow fox."))
    stopped.click("retry")
    stopped.expect_said("Hello", "Hi.", "Tell", "The slow fox.")
    stopped.button_of("Tell", "Previous version").click()

    stopped.expect_said("Hello", "Hi.", "Tell", "The quick bro")


def test_a_stopped_turn_is_undone(stopped: Chat) -> None:
    """Its prompt is in the box, and it can be brought back."""
    stopped.click("undo")
    stopped.expect_said("Hello", "Hi.")
    expect(stopped.page.get_by_test_id("stChatInputTextArea")).to_have_value("Tell")
    stopped.click("forward")

    stopped.expect_said("Hello", "Hi.", "Tell", "The quick bro")


def test_the_editor_comes_into_sight(chat: Chat, provider: Provider) -> None:
    """The prompt of a long answer is far above the button."""
    provider.enqueue(Reply("\n\n".join(f"Paragraph {number}" for number in range(60))))
    chat.send("Write")
    chat.expect_said("Write", "Paragraph 59")
    expect(chat.messages.first).not_to_be_in_viewport()
    chat.click("edit")
    editor = chat.page.get_by_label("Edit your prompt")

    expect(editor).to_be_focused()
    expect(editor).to_be_in_viewport(ratio=1)


def test_edit_regenerate_and_the_versions_of_both(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Three."))
    chat.send("Count")
    chat.expect_said("Count", "One.")
    chat.click("regenerate")
    chat.expect_said("Count", "Two.")
    chat.click("edit")
    chat.page.get_by_label("Edit your prompt").fill("Count on")
    chat.click("edit_send")
    chat.expect_said("Count on", "Three.")
    expect(chat.page.get_by_text("3/3")).to_be_visible()

    for number, said in ((2, ("Count", "Two.")), (1, ("Count", "One."))):
        chat.page.get_by_role("button", name="Previous version").click()
        chat.expect_said(*said)
        expect(chat.page.get_by_text(f"{number}/3")).to_be_visible()
    chat.page.get_by_role("button", name="Next version").click()
    chat.expect_said("Count", "Two.")


def test_back_forward_and_a_branch(chat: Chat, provider: Provider) -> None:
    """The branch is another conversation, and leaves the first as it is."""
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Else."))
    for prompt, answer in (("First", "One."), ("Second", "Two.")):
        chat.send(prompt)
        expect(chat.messages.last).to_contain_text(answer)
        expect(chat.stop).to_have_count(0)
    conversation = chat.conversation
    chat.button_of("First", "Go back here").click()
    chat.expect_said("First", "One.")
    chat.click("forward")
    chat.expect_said("First", "One.", "Second", "Two.")
    chat.button_of("First", "Branch").click()
    chat.expect_said("First", "One.")
    assert chat.conversation != conversation
    chat.send("Third")

    chat.expect_said("First", "One.", "Third", "Else.")
    chat.open(f"/assistant?conversation={conversation}")
    chat.expect_said("First", "One.", "Second", "Two.")


def test_a_version_switched_in_one_tab_shows_in_the_other(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    provider.enqueue(Reply("One."), Reply("Two."))
    chat.send("Count")
    chat.expect_said("Count", "One.")
    chat.click("regenerate")
    chat.expect_said("Count", "Two.")
    other = Chat(context.new_page(), server.url)
    other.open(f"/assistant?conversation={chat.conversation}")
    other.expect_said("Count", "Two.")
    chat.page.get_by_role("button", name="Previous version").click()

    for tab in (chat, other):
        tab.expect_said("Count", "One.")


def test_a_conversation_goes_out_and_comes_in_again(chat: Chat, provider: Provider, tmp_path: Path) -> None:
    """With its versions; the copy goes on as the first would."""
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Three."))
    chat.send("Count")
    chat.expect_said("Count", "One.")
    chat.click("regenerate")
    chat.expect_said("Count", "Two.")
    conversation, file = chat.conversation, tmp_path / "conversation.json"
    with chat.page.expect_download() as download:
        chat.click("download")
        chat.click("download_conversation")
    download.value.save_as(file)
    import_file(chat.page, chat, file)
    chat.page.get_by_test_id("stMain").get_by_role("link", name="Count").first.click()
    chat.expect_said("Count", "Two.")
    assert chat.conversation != conversation
    expect(chat.page.get_by_text("2/2")).to_be_visible()
    chat.send("On")

    chat.expect_said("Count", "Two.", "On", "Three.")
    assert provider.requests[-1].said == [("user", "Count"), ("assistant", "Two."), ("user", "On")]


def import_file(page: Page, chat: Chat, file: Path) -> None:
    chat.open("/conversations")
    page.get_by_text("Import a conversation").click()
    page.locator(".st-key-import_file input[type=file]").set_input_files(file)
    expect(page.get_by_text("1 message").or_(page.get_by_text("messages"))).to_be_visible()
    chat.click("import_confirm")
    expect(page.get_by_text("It was imported.")).to_be_visible()
    chat.expect_drawn()


def test_a_file_of_something_else_is_refused(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "conversation.json"
    file.write_text('{"provider": "os.system"}')
    chat.open("/conversations")
    chat.page.get_by_text("Import a conversation").click()
    chat.page.locator(".st-key-import_file input[type=file]").set_input_files(file)

    expect(chat.page.get_by_test_id("stAlert").first).to_contain_text("holds no Roundtable conversation")
    expect(chat.page.locator(".st-key-import_confirm")).to_have_count(0)


def test_all_data_is_deleted(chat: Chat) -> None:
    """After a question; then no list and no address finds anything."""
    chat.send("Hello")
    chat.expect_said("Hello", "A plain answer.")
    conversation = chat.conversation
    chat.open("/settings")
    chat.click("delete_all")
    expect(chat.page.get_by_text("This cannot be undone")).to_be_visible()
    chat.click("confirm_delete_all")
    expect(chat.page.get_by_text("You have none.")).to_be_visible()
    chat.open(f"/assistant?conversation={conversation}")

    expect(chat.page.get_by_text("There is no such conversation")).to_be_visible()
