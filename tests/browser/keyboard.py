"""A page for someone without a mouse: what has the focus, and the way to it."""

from playwright.sync_api import FilePayload, Page, expect

BOX = '[data-testid="stChatInputTextArea"]'
MOST_STEPS = 80
"""Presses of Tab to anything on a page."""
IS_AT = "selector => document.activeElement?.matches(selector)"
HAS_FOCUS = "() => document.activeElement !== document.body"
RING = """() => { const style = getComputedStyle(document.activeElement);
  return document.activeElement.matches("textarea, [type=text], [type=search]") || style.boxShadow !== "none"
    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0); }"""
"""Around what has the focus; a box to write in has its caret."""


def go_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus, which is to be seen there."""
    expect(page.locator(f"{selector}:visible")).to_have_count(1)
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
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(300)  # what closes has put the focus back by then
    page.wait_for_function(HAS_FOCUS)


def write(page: Page, prompt: str) -> None:
    """Send a prompt."""
    go_to(page, BOX)
    page.keyboard.type(prompt)
    page.keyboard.press("Enter")


def pick_file(page: Page, selector: str, file: FilePayload) -> None:
    """Give a file to a button that asks for one."""
    with page.expect_file_chooser() as chooser:
        press(page, selector)
    chooser.value.set_files(file)
