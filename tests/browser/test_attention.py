"""What a page says to somebody who looks elsewhere, and the keys for somebody without a mouse."""

import json

from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.provider import Gate, HangUp, Provider, Reply

NOTICES = """() => {
  window.notices = [];
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (window.Notification.permission = "granted"); }
    constructor(title, { body }) { window.notices.push([title, body]); }
  };
}"""
"""A browser without a screen shows no notifications; this one writes down what it was to show."""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_an_answer_that_nobody_watched_is_marked_and_notified(chat: Chat, page: Page, provider: Provider) -> None:
    """With the conversation's title alone, where that is switched on; the mark goes when one looks again."""
    page.evaluate(NOTICES)
    page.get_by_role("button", name="Keys and notifications").click()
    page.get_by_role("switch", name="Notify me when an answer is ready").check()
    expect(page.get_by_role("switch", name="Notify me when an answer is ready")).to_be_checked()
    page.keyboard.press("Escape")
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, "a secret."))
    chat.send("What is it?")
    expect(chat.live_text).to_have_text("So far")
    page.evaluate(HIDE, True)
    gate.open()
    chat.expect_said("What is it?", "So far a secret.")

    page.wait_for_function("() => document.title.startsWith('● What is it?')")
    assert page.evaluate("() => JSON.stringify(window.notices)") == json.dumps(
        [["What is it?", "Your answer is ready."]], separators=(",", ":")
    )
    page.evaluate(HIDE, False)
    page.wait_for_function("() => !document.title.startsWith('●')")


def test_an_answer_that_failed_is_not_said_to_be_ready(chat: Chat, page: Page, provider: Provider) -> None:
    page.evaluate(NOTICES)
    page.evaluate("localStorage.setItem('roundtable/notify', 'on'); Notification.permission = 'granted'")
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, HangUp()))
    chat.send("What is it?")
    expect(chat.live_text).to_have_text("So far")
    page.evaluate(HIDE, True)
    gate.open()
    expect(page.locator(".st-key-retry")).to_be_visible()

    page.wait_for_function("() => window.notices.length")
    assert page.evaluate("() => window.notices[0][1]") == "This answer failed."


def test_keys_lead_where_the_mouse_does(chat: Chat, page: Page, provider: Provider) -> None:
    """Never while one types, and not at all when they are switched off."""
    gate = Gate()
    provider.enqueue(Reply("The first."), Reply("The second ", gate, "is long."))
    chat.send("One?")
    chat.expect_said("One?", "The first.")
    box = page.get_by_test_id("stChatInputTextArea")
    page.get_by_text("The first.").click()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("Two? n/e")
    expect(box).to_have_value("Two? n/e")
    page.keyboard.press("Enter")
    expect(chat.live_text).to_have_text("The second")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("You stopped this answer")).to_be_visible()
    gate.open()
    page.get_by_text("The first.").click()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    sheet.get_by_role("switch", name="Use these keys").uncheck()
    sheet.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.get_by_role("button", name="Keys and notifications").click()
    expect(chat.messages).to_have_count(4)
    sheet.get_by_role("switch", name="Use these keys").check()
    sheet.get_by_role("button", name="Close").click()
    page.get_by_text("The first.").click()
    page.keyboard.press("n")
    expect(chat.messages).to_have_count(0)


def test_keys_for_the_last_turn_and_the_list(chat: Chat, page: Page, provider: Provider) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    provider.enqueue(Reply("The first."), Reply("The second."))
    chat.send("One?")
    chat.expect_said("One?", "The first.")
    page.get_by_text("The first.").click()
    page.keyboard.press("y")
    expect(page.locator(".copied")).to_have_text("Copied")
    page.keyboard.press("e")
    expect(page.get_by_label("Edit your prompt")).to_be_focused()
    chat.click("edit_cancel")
    expect(page.get_by_label("Edit your prompt")).to_have_count(0)
    chat.begin_another()
    chat.send("Two?")
    chat.expect_said("Two?", "The second.")
    page.get_by_text("The second.").click()

    page.keyboard.press("j")
    chat.expect_said("One?", "The first.")
    page.keyboard.press("k")
    chat.expect_said("Two?", "The second.")
    page.keyboard.press("s")
    box = page.get_by_test_id("stSidebar").get_by_role("searchbox")
    expect(box).to_be_focused()
    box.fill("first")
    expect(page.locator(".st-key-conversations a")).to_have_count(2)
    page.get_by_text("The second.").click()
    page.keyboard.press("j")
    chat.expect_said("One?", "The first.")
    page.get_by_text("The first.").last.click()
    page.keyboard.press("j")
    chat.expect_drawn()
    assert "at=" not in page.url
