"""A conversation without a mouse."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.keyboard import BOX, expect_focus, go_to, press
from tests.conftest import wait_until
from tests.provider import Gate, Provider, Reply
from tests.server import Server

MOVING = """() => { window.frames_seen = 0; window.moved = new Set();
  const note = () => {
    for (const { effect } of document.getAnimations()) if (effect.getComputedTiming().duration > 1) moved.add(effect.target.tagName);
    frames_seen += 1;
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note); }"""
"""Notes what an animation or transition of more than a millisecond moves, in each frame from now on."""


def test_a_conversation_by_keyboard_alone(chat: Chat, provider: Provider) -> None:
    """New conversation, prompt, stop, continue, edit, settings: all is reached, is seen to be reached, and no rerun loses the place."""
    page = chat.page
    provider.enqueue(Reply("The quick ", Gate()), Reply("brown fox."), Reply("The slow fox."))
    press(page, ".st-key-new_conversation button")
    expect_focus(page)
    go_to(page, BOX)
    page.keyboard.type("Tell me")
    page.keyboard.press("Enter")
    expect(chat.live_text).to_have_text("The quick")
    expect_focus(page)
    press(page, ".st-key-stop button", "Shift+Tab")
    expect(page.get_by_text("You stopped this answer")).to_be_visible()
    expect_focus(page)
    press(page, ".st-key-continue button", "Shift+Tab")
    expect(chat.messages.last).to_contain_text("brown fox.")
    expect(chat.stop).to_have_count(0)
    expect_focus(page)
    press(page, ".st-key-edit button", "Shift+Tab")
    go_to(page, ".st-key-editor textarea", "Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Tell me more")
    press(page, ".st-key-edit_send button")
    chat.expect_said("Tell me more", "The slow fox.")
    expect_focus(page)
    press(page, ".st-key-timeline button", "Shift+Tab")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_focus(page)
    press(page, '[data-testid="stSidebarNavLink"][href$="/settings"]', "Shift+Tab")

    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    expect_focus(page)


def test_what_leads_elsewhere_or_goes_away_does_not_take_the_focus_along(chat: Chat) -> None:
    """On any page: an example on Home, the download of all data, the question before it is deleted, a conversation that was deleted."""
    page, key = chat.page, "document.activeElement.closest('[class*=st-key-]').className"
    chat.open("/")
    press(page, ".st-key-example_assistant_0 button")
    chat.expect_conversation()
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_focused()
    conversation = chat.conversation
    press(page, '[data-testid="stSidebarNavLink"][href$="/settings"]', "Shift+Tab")
    with page.expect_download():
        press(page, ".st-key-export_all button")
    expect_focus(page)
    assert "st-key-export_all" in page.evaluate(key)
    press(page, ".st-key-delete_all button")
    expect(page.locator(".st-key-delete_all")).to_have_count(0)
    expect_focus(page)
    press(page, '[data-testid="stSidebarNavLink"][href$="/conversations"]', "Shift+Tab")
    press(page, f".st-key-menu_{conversation} button")
    for step in ("delete", "confirm_delete"):
        press(page, f".st-key-{step}_{conversation} button")
        expect(page.locator(f".st-key-{step}_{conversation}")).to_have_count(0)
        expect_focus(page)


def test_nothing_moves_for_who_wants_that(chat: Chat, provider: Provider) -> None:
    """The dots that wait for an answer stand still."""
    provider.enqueue(Reply(Gate()))
    chat.send("Go")
    dot = chat.page.locator(".live-dots span").first
    expect(dot).to_have_css("animation-name", "none")
    chat.page.emulate_media(reduced_motion="no-preference")

    expect(dot).to_have_css("animation-name", "live-dot")


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_what_opens_does_not_move_for_who_wants_that(
    page: Page, server: Server, motion: Literal["reduce", "no-preference"], moves: bool
) -> None:
    chat = Chat(page, server.url)
    page.emulate_media(reduced_motion=motion)
    chat.open("/conversations")
    chat.expect_drawn()
    page.evaluate(MOVING)
    page.get_by_text("Import a conversation").click()
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    seen = page.evaluate("frames_seen")
    wait_until(lambda: page.evaluate("frames_seen") > seen + 10)

    assert bool(page.evaluate("moved.size")) == moves
