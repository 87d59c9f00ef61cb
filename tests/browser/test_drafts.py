"""What is typed and not sent, in a real browser."""

from playwright.sync_api import expect

from tests.browser.chat import Chat
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
