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


TYPE_EARLY = """(text) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const box = document.querySelector('[data-testid="stChatInputTextArea"]');
  new MutationObserver((_, observer) => {
    if (app.dataset.testScriptState === "notRunning") return;
    observer.disconnect();
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }).observe(app, { attributeFilter: ["data-test-script-state"] });
}"""
"""Types as soon as the next page is on its way, before any of it is drawn."""


def test_what_is_typed_before_the_next_page_is_drawn_is_for_that_page(chat: Chat) -> None:
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

    chat.page.evaluate(TYPE_EARLY, "Something else")
    chat.begin_another()
    expect(box).to_have_value("Something else")
    box.press("Enter")
    chat.expect_said("Something else", "A plain answer.")


SEND_EARLY = """(text) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const box = document.querySelector('[data-testid="stChatInputTextArea"]');
  const key = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true };
  new MutationObserver((_, observer) => {
    if (app.dataset.testScriptState !== "running") return;
    observer.disconnect();
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    queueMicrotask(() => box.dispatchEvent(new KeyboardEvent("keydown", key))); // React has taken the text by then
  }).observe(app, { attributeFilter: ["data-test-script-state"] });
}"""
"""Types and sends as soon as the server has begun with the next page."""


def test_a_prompt_goes_where_the_person_is(chat: Chat, provider: Provider) -> None:
    """Not to the conversation they have just left, whose page is still drawn: neither to another nor to a new one."""
    chat.send("First")
    chat.expect_said("First", "A plain answer.")
    first = chat.conversation
    chat.begin_another()
    chat.send("Second")
    chat.expect_said("Second", "A plain answer.")
    chat.page.evaluate(SEND_EARLY, "Sent at once")
    chat.page.locator(f'.st-key-conversations a[href*="{first}"]').click()
    chat.expect_said("First", "A plain answer.", "Sent at once", "A plain answer.")
    assert chat.conversation == first

    chat.page.evaluate(SEND_EARLY, "At once again")
    chat.click("new_conversation")
    chat.expect_said("At once again", "A plain answer.")
