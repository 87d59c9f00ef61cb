"""The Conversations page in a real browser."""

import httpx2
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from state.errors import ConversationNotFound
from tests.browser.chat import PATIENCE, Chat
from tests.provider import Gate, Provider, Reply
from tests.server import Server


def open_list(chat: Chat) -> Locator:
    chat.open("/conversations")
    return chat.page.locator(".st-key-all_conversations")


def click(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button:visible").click(timeout=PATIENCE)


def search(page: Page, text: str) -> None:
    box = page.locator(".st-key-search input")
    box.fill(text)
    box.press("Enter")


def test_what_was_answered_is_found_and_leads_back(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("The lamp is on the **upper** shelf."), Reply("Nothing."))
    chat.send("Where?")
    chat.expect_said("Where?", "upper shelf")
    conversation = chat.conversation
    click(chat.page, "new_conversation")
    expect(chat.messages).to_have_count(0, timeout=PATIENCE)
    chat.send("Something else")
    chat.expect_said("Something else", "Nothing.")
    found = open_list(chat)
    search(chat.page, '"upper" she')

    expect(found.locator("strong")).to_have_text(["upper", "shelf"], timeout=PATIENCE)
    expect(found.get_by_role("link")).to_have_count(2)
    expect(found).to_contain_text("The lamp is on the **upper** shelf.")
    found.get_by_role("link", name="Where?").click()
    chat.expect_said("Where?", "upper shelf")
    assert chat.conversation == conversation


def test_a_place_found_is_gone_to(chat: Chat, provider: Provider) -> None:
    """Also far down in a long answer, where the words are marked. A reload stays there; the next prompt leads to the end."""
    lines = "\n\n".join(f"Line {number}" for number in range(40))
    provider.enqueue(
        Reply(f"A shell.\n\n{lines}\n\nThe **lämp** is on the shelf.\n\n{lines}"), Reply(f"Later.\n\n{lines}"), Reply("The end.")
    )
    for prompt in ("Where?", "And then?"):
        chat.send(prompt)
        expect(chat.messages.last).to_contain_text("Line 39", timeout=PATIENCE)
        expect(chat.stop).to_have_count(0, timeout=PATIENCE)
    found = open_list(chat)
    search(chat.page, "LAMP she")
    found.get_by_role("link", name="is on the shelf").click(timeout=PATIENCE)
    said = chat.messages.get_by_text("on the shelf.")

    expect(said).to_be_in_viewport(timeout=PATIENCE)
    assert chat.page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["she", "lämp", "she"]
    chat.page.reload()
    expect(chat.messages.first).to_be_in_viewport(timeout=PATIENCE)  # what was looked for is nowhere but in the tab's memory
    chat.send("Thanks")
    expect(chat.messages.get_by_text("The end.")).to_be_in_viewport(timeout=PATIENCE)
    assert chat.page.evaluate("CSS.highlights.has('found')") is False


def test_a_conversation_is_renamed(chat: Chat) -> None:
    chat.send("Hello")
    chat.expect_said("Hello", "A plain answer.")
    conversation = chat.conversation
    listed = open_list(chat)
    click(chat.page, f"menu_{conversation}")
    box = chat.page.locator(f".st-key-rename_{conversation} input")
    box.fill("A *better* title")
    box.press("Enter")

    expect(listed.get_by_role("link", name="A *better* title")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_test_id("stSidebar").get_by_role("link", name="A *better* title")).to_be_visible(timeout=PATIENCE)


def test_a_conversation_is_deleted_when_that_is_confirmed(chat: Chat) -> None:
    chat.send("To go")
    chat.expect_said("To go", "A plain answer.")
    conversation = chat.conversation
    listed = open_list(chat)
    click(chat.page, f"menu_{conversation}")
    click(chat.page, f"delete_{conversation}")
    expect(chat.page.get_by_text("Delete To go?")).to_be_visible(timeout=PATIENCE)
    click(chat.page, f"confirm_delete_{conversation}")

    expect(listed).to_contain_text("You have no conversations yet", timeout=PATIENCE)
    chat.open(f"/assistant?conversation={conversation}")
    expect(chat.page.get_by_text(str(ConversationNotFound()))).to_be_visible(timeout=PATIENCE)


def test_deleted_while_an_answer_is_written_elsewhere(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    """The model's server is told, the tab that was reading says what happened, and its address finds nothing any more."""
    followed: list[Request] = []
    chat.page.on("request", lambda request: followed.append(request) if "/events/" in request.url else None)
    provider.enqueue(Reply("So far ", Gate()))
    chat.send("Go on")
    expect(chat.live_text).to_have_text("So far", timeout=PATIENCE)
    conversation, other = chat.conversation, Chat(context.new_page(), server.url)
    listed = open_list(other)
    expect(listed).to_contain_text("being written")
    click(other.page, f"menu_{conversation}")
    click(other.page, f"delete_{conversation}")
    click(other.page, f"confirm_delete_{conversation}")

    expect(chat.page.get_by_text(str(ConversationNotFound()))).to_be_visible(timeout=PATIENCE)
    expect(chat.messages).to_have_count(0, timeout=PATIENCE)
    assert provider.requests[0].hung_up.is_set()
    expect(listed).to_contain_text("You have no conversations yet", timeout=PATIENCE)
    assert httpx2.get(followed[-1].url).status_code == 404
