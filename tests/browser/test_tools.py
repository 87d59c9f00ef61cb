"""Tools and questions as a person meets them."""

import json

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import PATIENCE, Chat
from tests.provider import Call, Provider, Reply
from tests.server import Server

SUM = Call("calculate", json.dumps({"expression": "17 * 23"}))


def must_ask(page: Page, tool: str) -> None:
    """Have the person asked before a tool is called."""
    page.locator(".st-key-options button").first.click()
    page.get_by_test_id("stExpander").filter(has_text="Tools").locator("summary").click()
    page.locator(f".st-key-tool_{tool}").get_by_role("radio", name="Ask").or_(
        page.locator(f".st-key-tool_{tool}").get_by_role("button", name="Ask")
    ).first.click()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
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
    expect(allow).to_be_visible(timeout=PATIENCE)
    chat.page.reload()
    expect(allow).to_be_visible(timeout=PATIENCE)
    server.kill()
    server.start()
    chat.page.reload()
    expect(allow).to_be_visible(timeout=PATIENCE)
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
    expect(chat.page.get_by_text("Which Paris?").first).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_role("button", name="France")).to_be_visible()
    chat.send("Texas")
    chat.expect_said("Plan it", "Texas it is.")

    assert provider.requests[1].said[-1] == ("tool", "Texas")
