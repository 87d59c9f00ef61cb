"""A conversation without a mouse."""

from playwright.sync_api import Page, expect

from tests.browser.chat import PATIENCE, Chat
from tests.provider import Gate, Provider, Reply

MOST_STEPS = 80
"""Presses of Tab to anything on a page."""
IS_AT = "selector => document.activeElement?.matches(selector)"
HAS_FOCUS = "() => document.activeElement !== document.body"
RING = """() => { const style = getComputedStyle(document.activeElement);
  return document.activeElement.matches("textarea") || style.boxShadow !== "none"
    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0); }"""
"""Around what has the focus; a box to write in has its caret."""


def go_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus, which is to be seen there."""
    expect(page.locator(f"{selector}:visible")).to_have_count(1, timeout=PATIENCE)
    for _ in range(MOST_STEPS):
        if page.evaluate(IS_AT, selector):
            assert page.evaluate(RING), f"nobody sees that {selector} has the focus"
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} was not reached")


def press(page: Page, selector: str, key: str = "Tab") -> None:
    go_to(page, selector, key)
    page.keyboard.press("Enter")


def expect_focus(page: Page) -> None:
    """Somewhere, once all is drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    page.wait_for_timeout(300)  # what closes has put the focus back by then
    assert page.evaluate(HAS_FOCUS)


def test_a_conversation_by_keyboard_alone(chat: Chat, provider: Provider) -> None:
    """New conversation, prompt, stop, continue, edit, settings: all is reached, is seen to be reached, and no rerun loses the place."""
    page, box = chat.page, '[data-testid="stChatInputTextArea"]'
    provider.enqueue(Reply("The quick ", Gate()), Reply("brown fox."), Reply("The slow fox."))
    press(page, ".st-key-new_conversation button")
    expect_focus(page)
    go_to(page, box)
    page.keyboard.type("Tell me")
    page.keyboard.press("Enter")
    expect(chat.live_text).to_have_text("The quick", timeout=PATIENCE)
    expect_focus(page)
    press(page, ".st-key-stop button", "Shift+Tab")
    expect(page.get_by_text("You stopped this answer")).to_be_visible(timeout=PATIENCE)
    expect_focus(page)
    press(page, ".st-key-continue button", "Shift+Tab")
    expect(chat.messages.last).to_contain_text("brown fox.", timeout=PATIENCE)
    expect(chat.stop).to_have_count(0, timeout=PATIENCE)
    expect_focus(page)
    press(page, ".st-key-edit button", "Shift+Tab")
    go_to(page, ".st-key-editor textarea", "Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Tell me more")
    press(page, ".st-key-edit_send button")
    chat.expect_said("Tell me more", "The slow fox.")
    expect_focus(page)
    press(page, ".st-key-timeline button", "Shift+Tab")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    expect_focus(page)
    press(page, '[data-testid="stSidebarNavLink"][href$="/settings"]', "Shift+Tab")

    expect(page.get_by_role("heading", name="Settings")).to_be_visible(timeout=PATIENCE)
    expect_focus(page)


def test_nothing_moves_for_who_wants_that(chat: Chat, provider: Provider) -> None:
    """The dots that wait for an answer stand still."""
    provider.enqueue(Reply(Gate()))
    chat.send("Go")
    dot = chat.page.locator(".live-dots span").first
    expect(dot).to_have_css("animation-name", "live-dot", timeout=PATIENCE)
    chat.page.emulate_media(reduced_motion="reduce")

    expect(dot).to_have_css("animation-name", "none", timeout=PATIENCE)
