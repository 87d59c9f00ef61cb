"""Tools and questions as a person meets them."""

import json

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.provider import Call, Provider, Reply
from tests.server import Server

SUM = Call("calculate", json.dumps({"expression": "17 * 23"}))


def must_ask(page: Page, tool: str) -> None:
    """Have the person asked before a tool is called."""
    page.locator(".st-key-tools button").first.click()
    choices = page.locator(f".st-key-tool_{tool}")
    choices.get_by_role("radio", name="Ask").click()
    expect(choices.get_by_role("radio", name="Ask")).to_be_checked()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.keyboard.press("Escape")


def test_a_step_shows_what_was_called_and_what_came_of_it(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply(Call("get_weather", json.dumps({"place": "Paris"}))), Reply("Rain."))
    chat.send("How is it in Paris?")
    chat.expect_said("How is it in Paris?", "Rain.")
    step = chat.page.get_by_test_id("stExpander").filter(has_text="Weather · Paris")
    step.locator("summary").click()

    expect(step).to_contain_text("Open-Meteo.com")


def test_a_question_outlives_reload_and_restart_and_is_answered_once(
    chat: Chat, context: BrowserContext, server: Server, provider: Provider
) -> None:
    """The tool runs once, although two tabs show the question and one of them allows it late."""
    provider.enqueue(Reply(SUM), Reply("It is 391."))
    must_ask(chat.page, "calculate")
    chat.send("What is 17 * 23?")
    allow = chat.page.locator(".st-key-approve button")
    expect(allow).to_be_visible()
    chat.page.reload()
    expect(allow).to_be_visible()
    server.kill()
    server.start()
    chat.page.reload()
    expect(allow).to_be_visible()
    other = Chat(context.new_page(), server.url)
    other.open(f"/assistant?conversation={chat.conversation}")
    other.page.locator(".st-key-approve button").click()
    other.expect_said("What is 17 * 23?", "It is 391.")
    chat.expect_said("What is 17 * 23?", "It is 391.")

    assert len(provider.requests) == 2
    expect(allow).to_have_count(0)
    expect(chat.page.get_by_test_id("stExpander").filter(has_text="Calculator")).to_have_count(1)


def test_a_question_is_answered_in_the_prompt_box(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply(Call("ask_person", json.dumps({"question": "Which Paris?", "choices": ["France"]}))), Reply("Texas it is."))
    chat.send("Plan it")
    expect(chat.page.get_by_text("Which Paris?").first).to_be_visible()
    expect(chat.page.get_by_role("button", name="France")).to_be_visible()
    chat.send("Texas")
    chat.expect_said("Plan it", "Texas it is.")

    assert provider.requests[1].said[-1] == ("tool", "Texas")


CLICK_AGAIN = """([x, y]) => {
  const seen = () => [...document.querySelectorAll('[class*="st-key-asked_"]')].map((card) => card.className).join();
  const before = seen();
  new MutationObserver((_, observer) => {
    if (seen() === before) return;
    const under = document.elementFromPoint(x, y)?.closest("button");
    if (!under && !seen()) return;
    observer.disconnect();
    document.body.dataset.clickedAgain = "";
    under?.click();
  }).observe(document.body, { childList: true, subtree: true });
}"""
"""Clicks where the pointer is in the moment in which the next question stands there."""


def test_a_second_click_is_not_for_the_next_question(chat: Chat, provider: Provider) -> None:
    """Nor is a key that is still held down. Once the card has stood there, it takes clicks."""
    sums = [Call("calculate", json.dumps({"expression": f"{number} + 1"})) for number in (1, 2, 3)]
    provider.enqueue(Reply(*sums), Reply("2, 3 and 4."))
    must_ask(chat.page, "calculate")
    chat.send("Add")
    cards, allow = chat.page.locator('[class*="st-key-question"]'), chat.page.get_by_role("button", name="Allow", exact=True)
    expect(cards).to_have_count(3)
    chat.expect_drawn()
    place = allow.first.bounding_box()
    assert place is not None
    chat.page.evaluate(CLICK_AGAIN, (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2))
    allow.first.click()
    expect(chat.page.locator("body[data-clicked-again]")).to_have_count(1)
    expect(cards).to_have_count(2)
    chat.expect_drawn()
    expect(cards).to_have_count(2)

    allow.first.focus()
    chat.page.keyboard.down("Enter")
    expect(cards).to_have_count(1)
    allow.focus()
    chat.page.keyboard.down("Enter")
    chat.expect_drawn()
    expect(cards).to_have_count(1)
    chat.page.keyboard.up("Enter")
    allow.press("Enter")
    chat.expect_said("Add", "2, 3 and 4.")
