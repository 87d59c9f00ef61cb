"""The Conversations page in a real browser."""

from contextlib import closing

import httpx2
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from agents.application import Application
from pages.ui.search import NOT_FOUND
from pages.ui.sidebar import FOUND
from state.errors import ConversationNotFound
from state.events import AgentMessage, RunEnded, UserMessage
from state.settings import load_settings
from state.users import LOCAL_USER
from tests.browser.chat import Chat
from tests.browser.slow import OvertakenServer
from tests.provider import Gate, Provider, Reply
from tests.server import Server


def open_list(chat: Chat) -> Locator:
    chat.open("/conversations")
    return chat.page.locator(".st-key-all_conversations")


def click(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button:visible").click()


def search(page: Page, text: str) -> None:
    box = page.locator(".st-key-search input")
    box.fill(text)
    box.press("Enter")


def test_what_was_answered_is_found_and_leads_back(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("The lamp is on the **upper** shelf."), Reply("Nothing."))
    chat.send("Where?")
    chat.expect_said("Where?", "upper shelf")
    conversation = chat.conversation
    chat.begin_another()
    chat.send("Something else")
    chat.expect_said("Something else", "Nothing.")
    found = open_list(chat)
    search(chat.page, '"upper" she')

    expect(found.locator("strong")).to_have_text(["upper", "shelf"])
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
        expect(chat.messages.last).to_contain_text("Line 39")
        expect(chat.stop).to_have_count(0)
    found = open_list(chat)
    search(chat.page, "LAMP she")
    found.get_by_role("link", name="is on the shelf").click()
    said = chat.messages.get_by_text("on the shelf.")

    expect(said).to_be_in_viewport()
    assert chat.page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["she", "lämp", "she"]
    chat.page.reload()
    expect(chat.messages.first).to_be_in_viewport()  # what was looked for is nowhere but in the tab's memory
    chat.send("Thanks")
    expect(chat.messages.get_by_text("The end.")).to_be_in_viewport()
    assert chat.page.evaluate("CSS.highlights.has('found')") is False


def test_a_prompt_leads_to_the_end_whatever_the_next_rerun_says(chat: Chat, provider: Provider) -> None:
    """The rerun of the prompt is overtaken before it is drawn, by one that names the place still."""
    lines = "\n\n".join(f"Line {number}" for number in range(40))
    provider.enqueue(Reply(lines), Reply(lines), Reply("The end."))
    for prompt in ("Where?", "And then?"):
        chat.send(prompt)
        expect(chat.messages.last).to_contain_text("Line 39")
        expect(chat.stop).to_have_count(0)
    server = OvertakenServer(chat.page)
    chat.page.goto(f"{chat.page.url}&at=3")
    expect(chat.messages.first).to_be_in_viewport()
    chat.expect_drawn()
    server.overtake_next_rerun()

    chat.send("Thanks")

    expect(chat.messages.get_by_text("The end.")).to_be_in_viewport()
    assert "at=" not in chat.page.url


def open_sidebar_search(page: Page) -> Locator:
    """By its key, which opens the sidebar where it is closed."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    box = page.locator(".st-key-find input")
    expect(box).to_be_focused()
    return box


def test_the_sidebar_finds_while_one_types(chat: Chat, provider: Provider) -> None:
    """On a narrow screen too, where the way to the place is free at once; Escape brings the list back."""
    page, listed = chat.page, chat.page.locator(".st-key-conversations")
    page.set_viewport_size({"width": 360, "height": 740})
    provider.enqueue(Reply("The lamp is on the **upper** shelf."), Reply("Nothing."))
    chat.send("Where?")
    chat.expect_said("Where?", "upper shelf")
    conversation = chat.conversation
    chat.open("/assistant")
    chat.send("Something else")
    chat.expect_said("Something else", "Nothing.")
    box = open_sidebar_search(page)
    page.keyboard.type("UPPER she")

    expect(listed.locator("strong")).to_have_text(["upper", "shelf"])
    expect(listed.get_by_role("link")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(listed.get_by_role("link", name="Something else")).to_be_visible()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    page.keyboard.type("shelf")
    listed.get_by_role("link", name="is on the").click()
    chat.expect_said("Where?", "upper shelf")
    assert chat.conversation.startswith(f"{conversation}&at=")
    expect(page.locator('[data-testid="stSidebar"][aria-expanded="true"]')).to_have_count(0)
    assert page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["shelf"]


def test_a_place_is_gone_to_again(chat: Chat, provider: Provider) -> None:
    """After a prompt, which led to the end."""
    lines = "\n\n".join(f"Line {number}" for number in range(60))
    provider.enqueue(Reply(f"The lamp is on the shelf.\n\n{lines}"), Reply(f"The end.\n\n{lines}\n\nIt is over."))
    chat.send("Where?")
    chat.expect_said("Where?", "shelf")
    open_sidebar_search(chat.page)
    chat.page.keyboard.type("lamp")
    place = chat.page.locator(".st-key-conversations").get_by_role("link", name="is on the")
    place.click()
    lamp = chat.messages.get_by_text("is on the shelf.")
    expect(lamp).to_be_in_viewport()
    chat.send("And then?")
    chat.expect_said("Where?", "shelf", "And then?", "It is over.")
    expect(lamp).not_to_be_in_viewport()

    place.click()

    expect(lamp).to_be_in_viewport()


def test_all_that_the_sidebar_finds_is_on_the_page_of_all(chat: Chat, server: Server) -> None:
    """Also where that page was left with another search."""
    server.kill()
    with closing(Application(load_settings(env_file=None))) as app:
        store = app.store(LOCAL_USER)
        for number in range(FOUND + 1):
            run, _ = store.begin_run(None, "assistant", UserMessage(text=f"lamp {number}"), "demo")
            store.end_run(run, [AgentMessage(source="assistant", text="Yes.")], RunEnded(status="finished"))
    server.start()
    listed = open_list(chat)
    search(chat.page, "nothing")
    expect(listed).to_contain_text(NOT_FOUND)
    chat.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Home").click()
    expect(chat.page.get_by_role("heading", name="Roundtable")).to_be_visible()
    box = open_sidebar_search(chat.page)
    chat.page.keyboard.type("lamp")
    click(chat.page, "search_all")

    expect(listed.locator('[class*="st-key-row_"]')).to_have_count(FOUND + 1)
    expect(chat.page.locator(".st-key-search input")).to_have_value("lamp")
    expect(box).to_have_value("")


def test_a_conversation_is_renamed(chat: Chat) -> None:
    chat.send("Hello")
    chat.expect_said("Hello", "A plain answer.")
    conversation = chat.conversation
    listed = open_list(chat)
    click(chat.page, f"menu_{conversation}")
    box = chat.page.locator(f".st-key-rename_{conversation} input")
    box.fill("A *better* title")
    box.press("Enter")

    expect(listed.get_by_role("link", name="A *better* title")).to_be_visible()
    expect(chat.page.get_by_test_id("stSidebar").get_by_role("link", name="A *better* title")).to_be_visible()


def test_a_conversation_is_deleted_when_that_is_confirmed(chat: Chat) -> None:
    chat.send("To go")
    chat.expect_said("To go", "A plain answer.")
    conversation = chat.conversation
    listed = open_list(chat)
    click(chat.page, f"menu_{conversation}")
    click(chat.page, f"delete_{conversation}")
    expect(chat.page.get_by_text("Delete To go?")).to_be_visible()
    click(chat.page, f"confirm_delete_{conversation}")

    expect(listed).to_contain_text("You have no conversations yet")
    for path in ("/", "/assistant"):
        chat.open(f"{path}?conversation={conversation}")
        expect(chat.page.get_by_text(str(ConversationNotFound()))).to_be_visible()
        chat.page.get_by_role("link", name="Start a new conversation").click()
        expect(chat.page.get_by_role("heading", name="Roundtable")).to_be_visible()


def test_marks_follow_what_goes_on_elsewhere(chat: Chat, page: Page, provider: Provider) -> None:
    """A conversation's link keeps its mode's symbol and has a mark beside it, until its answer is there."""
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, "a lot."))
    chat.send("Go on")
    expect(chat.live_text).to_have_text("So far")
    page.get_by_role("link", name="Home").click()
    links = page.get_by_role("link", name="Go on")
    expect(links).to_have_count(2)
    for link in links.all():
        expect(link).to_have_accessible_description("Being written")
        expect(link).to_have_text("chatGo on")  # the symbol's name, and the title
    with page.expect_response("**/marks?*") as news:
        gate.open()
    assert news.value.ok
    expect(page.locator("[data-mark]")).to_have_count(0)
    expect(links).to_have_count(2)


def test_deleted_while_an_answer_is_written_elsewhere(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    """The model's server is told, the tab that was reading says what happened, and its address finds nothing any more."""
    followed: list[Request] = []
    chat.page.on("request", lambda request: followed.append(request) if "/events/" in request.url else None)
    provider.enqueue(Reply("So far ", Gate()))
    chat.send("Go on")
    expect(chat.live_text).to_have_text("So far")
    conversation, other = chat.conversation, Chat(context.new_page(), server.url)
    listed = open_list(other)
    expect(listed.get_by_role("link", name="Go on")).to_have_accessible_description("Being written")
    click(other.page, f"menu_{conversation}")
    click(other.page, f"delete_{conversation}")
    click(other.page, f"confirm_delete_{conversation}")

    expect(chat.page.get_by_text(str(ConversationNotFound()))).to_be_visible()
    expect(chat.messages).to_have_count(0)
    assert provider.requests[0].hung_up.is_set()
    expect(listed).to_contain_text("You have no conversations yet")
    assert httpx2.get(followed[-1].url).status_code == 404
