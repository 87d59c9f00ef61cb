"""What is typed and not sent, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.slow import LateServer
from tests.provider import Provider, Reply


def test_a_draft_outlives_a_reload_and_goes_when_it_is_sent(chat: Chat, provider: Provider) -> None:
    """Each conversation has its own, which goes with it, and so has the one that has not begun. An answer is copied as it was written."""
    provider.enqueue(Reply("It is **so**."))
    box = chat.page.get_by_test_id("stChatInputTextArea")
    box.fill("Not sent yet")
    chat.page.reload()
    expect(box).to_have_value("Not sent yet")
    box.press("Enter")
    chat.expect_said("Not sent yet", "It is so.")
    here = chat.conversation
    box.fill("A second thought")
    chat.open("/assistant")
    expect(box).to_have_value("")
    chat.open(f"/assistant?conversation={here}")
    expect(box).to_have_value("A second thought")

    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.click("copy")
    expect(chat.page.locator(".copied")).to_have_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()") == "It is **so**."

    chat.open("/conversations")
    chat.click(f"menu_{here}")
    chat.click(f"delete_{here}")
    chat.click(f"confirm_delete_{here}")
    chat.page.wait_for_function("place => !Object.keys(localStorage).some(name => name.includes(place))", arg=here)


@pytest.fixture
def late(chat: Chat) -> LateServer:
    server = LateServer(chat.page)
    chat.page.reload()
    chat.expect_drawn()
    return server


def expect_on_the_way(page: Page) -> None:
    """Wait until the page knows that it will be drawn again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "running")


def test_what_is_typed_before_the_next_page_is_drawn_is_for_that_page(chat: Chat, late: LateServer) -> None:
    """And what was typed before that stays with the conversation it was typed in."""
    box = chat.page.get_by_test_id("stChatInputTextArea")
    chat.send("Hello")
    chat.expect_said("Hello", "A plain answer.")
    conversation = chat.conversation
    box.fill("A second thought")
    chat.begin_another()
    expect(box).to_have_value("")
    chat.open(f"/assistant?conversation={conversation}")
    expect(box).to_have_value("A second thought")

    late.hold_next_rerun()
    chat.click("new_conversation")
    expect_on_the_way(chat.page)
    box.fill("Something else")
    late.let_go()
    expect(chat.messages).to_have_count(0)
    chat.expect_drawn()
    expect(box).to_have_value("Something else")
    box.press("Enter")
    chat.expect_said("Something else", "A plain answer.")


def test_a_prompt_goes_where_the_person_is(chat: Chat, late: LateServer) -> None:
    """Not to the conversation they have just left, whose page is still drawn: neither to another nor to a new one."""
    chat.send("First")
    chat.expect_said("First", "A plain answer.")
    first = chat.conversation
    chat.begin_another()
    chat.send("Second")
    chat.expect_said("Second", "A plain answer.")
    late.hold_next_rerun()
    chat.page.locator(f'.st-key-conversations a[href*="{first}"]').click()
    expect_on_the_way(chat.page)
    chat.send("Sent at once")
    late.let_go()
    chat.expect_said("First", "A plain answer.", "Sent at once", "A plain answer.")
    assert chat.conversation == first

    late.hold_next_rerun()
    chat.click("new_conversation")
    expect_on_the_way(chat.page)
    chat.send("At once again")
    late.let_go()
    chat.expect_said("At once again", "A plain answer.")
