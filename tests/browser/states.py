"""Every page and main state of the interface, one after the other, for whoever looks at them: axe-core, or a camera.

A walk goes from state to state as a person does, and has each looked at. Those of `SCRIPTED` want a server whose model is the scripted
provider, those of `DEMO` one on the demo model, whose tools ask local services.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playwright.sync_api import FilePayload, Page, expect

from agents.modes import MODES
from tests.agents.images.pictures import corners, photo, saved
from tests.browser.chat import Chat
from tests.browser.screens import NARROW, size_of
from tests.provider import Call, Gate, Provider, Reply
from tests.server import Server

TEAM_SECONDS = 60_000
POPOVER = '[data-testid="stPopoverBody"]'
ANSWER = """## All that an answer can hold

A paragraph with **bold**, *italic*, `code`, a formula $a^2 + b^2 = c^2$ and [a link](https://example.org/place).

- one
  - two

1. first

| place | nights | price in euros | what it is like |
| --- | ---: | ---: | --- |
| Paris | 3 | 120 | a small room with a view of roofs |

> Quoted.

$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"  # a comment
```

"""
DESCRIBED = json.dumps({"title": "A red corner", "alt_text": "Four corners.", "description": "Each has a colour.", "tags": ["red", "blue"]})
QUESTION = json.dumps({"question": "Which Paris do you mean?", "choices": ["France", "Texas"]})


class Look(Protocol):
    def __call__(self, state: str, within: str | None = None, widths: Sequence[int] = ()) -> None:
        """Look at a state, on screens of these widths or of all. `within` names what lies over the rest of the page."""


@dataclass(frozen=True)
class Tour:
    """One tab, what is behind it, and who looks at it."""

    chat: Chat
    server: Server
    provider: Provider
    look: Look

    @property
    def page(self) -> Page:
        return self.chat.page

    def open_over(self, state: str, key: str, within: str = POPOVER) -> None:
        """Look at what a button opens over the page, and close it again."""
        self.chat.click(key)
        expect(self.page.locator(within)).to_be_visible()
        self.look(state, within)
        self.page.keyboard.press("Escape")
        expect(self.page.locator(within)).to_have_count(0)


def walk_empty_pages(tour: Tour) -> None:
    """As someone new finds them."""
    for path in ("", *(mode.key for mode in MODES), "conversations", "settings"):
        tour.chat.open(f"/{path}")
        tour.look(f"new {path or 'home'}")


def walk_an_answer(tour: Tour) -> None:
    chat, page, gate = tour.chat, tour.page, Gate()
    tour.provider.enqueue(Reply(gate, ANSWER, Gate()), Reply(ANSWER), Reply("Shorter."))
    chat.open("/assistant")
    chat.send("Show me what an answer can hold")
    expect(page.locator(".live-dots")).to_be_visible()
    chat.expect_drawn()
    tour.look("waiting for the model")
    gate.open()
    expect(chat.live_text).to_contain_text("Hello")
    tour.look("an answer being written")
    chat.stop.click()
    expect(page.locator(".st-key-next_steps")).to_be_visible()
    tour.look("an answer stopped")
    chat.click("retry")
    expect(chat.stop).to_have_count(0)
    tour.look("an answer")
    chat.click("bad")
    tour.open_over("a comment on an answer", "say_why")
    tour.open_over("the timeline", "timeline", '[role="dialog"]')
    tour.open_over("the options", "options")
    tour.open_over("the tools", "tools")
    page.locator(".help-button").click()
    tour.look("the keys", ".help-sheet")
    page.keyboard.press("Escape")
    chat.click("edit")
    expect(page.locator(".st-key-editor textarea")).to_be_visible()
    tour.look("a prompt being edited")


def walk_troubles(tour: Tour) -> None:
    chat, page = tour.chat, tour.page
    tour.provider.enqueue(
        Reply("The quick brown ", Gate()),
        Reply("fox.", finish="length"),
        Reply(status=401),
        Reply(status=503, headers={"retry-after": "50"}),
    )
    chat.open("/assistant")
    chat.send("Tell me of the fox")
    expect(chat.live_text).to_have_text("The quick brown")
    tour.server.kill()
    expect(page.locator(".connection-band")).not_to_be_empty()
    tour.look("offline", ".connection-band")  # what is switched off meanwhile need not be read
    tour.server.start()
    page.reload()
    expect(page.locator(".st-key-retry")).to_be_visible()
    tour.look("interrupted")
    chat.click("retry")
    expect(chat.messages.last).to_contain_text("fox.")
    expect(chat.stop).to_have_count(0)
    tour.look("an answer cut off")
    chat.send("And then?")
    expect(page.get_by_test_id("stAlertContentError")).to_be_visible()
    tour.look("failed")
    chat.click("retry")
    expect(chat.live_note).to_contain_text("attempt")
    tour.look("trying again")
    chat.open("/assistant?conversation=unknown")
    tour.look("no such conversation")


def walk_questions(tour: Tour) -> None:
    """A tool that must be allowed, a question, and a budget that is used up."""
    chat, page = tour.chat, tour.page
    tour.server.kill()
    tour.server.add(ROUNDTABLE_TURN_CALLS="1")
    tour.server.start()
    tour.provider.enqueue(Reply(Call("calculate", '{"expression": "17 * 23"}'), Call("ask_person", QUESTION)))
    chat.open("/assistant")
    chat.click("tools")
    page.locator(".st-key-tool_calculate").get_by_role("radio", name="Ask").click()
    chat.expect_drawn()
    page.keyboard.press("Escape")
    chat.send("What is 17 * 23 there?")
    expect(page.locator('[class*="st-key-asked_"]')).to_have_count(2)
    tour.look("questions")
    chat.click("approve")
    chat.click("choice_0_1")
    expect(page.locator('[class*="st-key-asked_"]')).to_have_count(1)
    chat.expect_drawn()
    page.get_by_role("button", name="Continue", exact=True).hover()
    tour.look("a budget used up, at its first button")
    chat.open("/")
    tour.look("home, with one that waits")


def walk_lists(tour: Tour) -> None:
    """What there is to find, take in and delete."""
    chat, page = tour.chat, tour.page
    tour.provider.enqueue(Reply("The lamp is on the **upper** shelf, as it was."), Reply("So far ", Gate()))
    chat.open("/assistant")
    chat.send("Where is the lamp?")
    chat.expect_said("Where is the lamp?", "upper")
    chat.click("download")
    with page.expect_download() as download:
        chat.click("download_conversation")
    chat.open("/assistant")
    chat.send("A long prompt, which makes a title that is too long for a line of the sidebar, and of a narrow screen too")
    expect(chat.live_text).to_have_text("So far")
    chat.open("/")
    tour.look("home")
    chat.open("/conversations")
    tour.look("conversations")
    page.locator("[class*=st-key-menu_] button").first.click()
    page.locator("[class*=st-key-delete_] button").click()
    expect(page.locator("[class*=st-key-confirm_delete_]")).to_be_visible()
    tour.look("a conversation's menu", POPOVER)
    page.keyboard.press("Escape")
    for box, state in ((".st-key-search input", "all that was found"), (".st-key-find input", "found in the sidebar")):
        page.locator(box).fill("lamp")
        expect(page.get_by_role("link", name="is on the").first).to_be_visible()
        tour.look(state)
        page.locator(box).fill("")
    _import(tour, download.value.path())
    chat.open("/settings")
    page.locator('[data-testid="stExpander"]:has([data-testid="stTable"]) summary').last.click()
    chat.click("delete_all")
    expect(page.locator(".st-key-confirm_delete_all")).to_be_visible()
    tour.look("settings")
    _open_sidebar_on_a_phone(tour)


def _import(tour: Tour, file: Path) -> None:
    page = tour.page
    tour.chat.open("/conversations")
    page.get_by_test_id("stExpander").locator("summary").click()
    page.locator(".st-key-import_file input[type=file]").set_input_files(
        FilePayload(name="c.json", mimeType="application/json", buffer=file.read_bytes())
    )
    expect(page.locator(".st-key-import_confirm")).to_be_visible()
    tour.look("an import")


def _open_sidebar_on_a_phone(tour: Tour) -> None:
    tour.chat.open("/assistant")
    tour.page.set_viewport_size(size_of(NARROW))
    tour.page.get_by_test_id("stExpandSidebarButton").click()
    expect(tour.page.locator(".st-key-new_conversation")).to_be_in_viewport()
    tour.look("the sidebar on a narrow screen", widths=[NARROW])


def walk_pictures(tour: Tour) -> None:
    chat, page = tour.chat, tour.page
    files = [("corners.png", saved(corners(), "PNG")), ("a holiday far away.jpg", saved(photo(1200, 900), "JPEG"))]
    tour.provider.enqueue(Reply(status=401), Reply(DESCRIBED), Reply(status=401))
    chat.open("/images")
    chat.attach(*files)
    tour.look("pictures in the prompt box")
    chat.send("What are they?")
    chat.click("undo")
    expect(page.locator(".st-key-attached img")).to_have_count(2)
    tour.look("pictures that wait")
    page.locator(".st-key-describe_each label").click()
    chat.expect_drawn()
    chat.send("Describe them")
    expect(page.locator(".pictures strong")).to_have_count(1)
    expect(chat.stop).to_have_count(0)
    tour.look("pictures described")
    page.locator(".pictures td button").first.click()
    expect(page.locator(".picture-dialog img")).to_be_visible()
    tour.look("a picture in full size", ".picture-dialog")


def walk_a_team(tour: Tour) -> None:
    chat, page = tour.chat, tour.page
    chat.open("/travel")
    chat.send("Plan a 2-day trip to Paris from London from 2027-05-03")
    expect(chat.live_text).not_to_be_empty()
    tour.look("a team at work")
    tour.open_over("the members of a team", "roles")
    expect(page.locator(".st-key-plan_files")).to_be_visible(timeout=TEAM_SECONDS)
    expect(chat.stop).to_have_count(0)
    tour.look("a plan")
    for tab in (1, 2):
        page.locator(".st-key-plan").get_by_role("tab").nth(tab).click()
        tour.look(f"a plan's {('days', 'costs', 'map')[tab]}")
    page.locator("[class*=st-key-why_] button").first.click()
    expect(page.locator(POPOVER)).to_be_visible()
    tour.look("why one spoke", POPOVER)


def walk_code(tour: Tour) -> None:
    chat, page = tour.chat, tour.page
    chat.open("/coding")
    page.get_by_test_id("stMain").locator("[class*=st-key-example_] button").first.click()
    expect(page.locator(".st-key-approve")).to_be_visible()
    expect(page.get_by_test_id("stCode").locator(".linenumber").first).to_be_attached()  # what colours it comes late
    page.locator(".st-key-code_card summary").click()
    expect(page.locator(".st-key-edit_and_run")).to_be_visible()
    tour.look("code to be allowed")
    chat.click("approve")
    expect(page.locator(".st-key-actions_last")).to_be_visible(timeout=TEAM_SECONDS)
    tour.look("code that ran")


def scripted_environment(provider: Provider) -> dict[str, str]:
    """For a server whose model is the scripted one, which sees pictures and may be silent for long."""
    return {
        "ROUNDTABLE_MODEL": "openai",
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": provider.base_url,
        "OPENAI_MODEL": "scripted",
        "ROUNDTABLE_MODEL_VISION": "true",
        "ROUNDTABLE_MODEL_TIMEOUT": "600",
    }


SCRIPTED = (walk_an_answer, walk_troubles, walk_questions, walk_lists, walk_pictures)
DEMO = (walk_empty_pages, walk_a_team, walk_code)
