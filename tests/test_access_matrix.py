"""Who reaches what: every route, page, query and kind of object has a row here, or the first tests fail.

Each row is tried as the owner, as another user, and as nobody.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image
from sqlalchemy import select
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from agents.application import Application, application
from agents.assistant import ASSISTANT
from agents.exports import export_conversation
from agents.images.preparing import prepare
from agents.modes import MODES
from agents.runner import Runner
from app import app as server_app
from pages.ui.address import ADDRESS
from pages.web import browsers, tickets
from pages.web.marks import TICKETED
from state import paths, tables
from state.conversations import Beginning, Options, RunRecord, Totals
from state.errors import ConversationBusy, ConversationNotFound, ImageNotFound, QuestionOver
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, Usage, UserMessage, now
from state.feedback import Feedback
from state.imports import read_conversation_file
from state.store import Store
from state.users import LOCAL_USER, User
from tests import components
from tests.conftest import ALICE, BOB
from tests.nursery import ForkedServer
from tests.server import ROOT, Server

components.look_once()
TEXT = "Alice alone knows this"
CLOSED = "There is nothing here."


@dataclass
class Mine:
    """What Alice has."""

    app: Application
    run: RunRecord
    waiting: RunRecord
    picture: str

    @property
    def conversation(self) -> str:
        return self.run.conversation


Query = Callable[[Store, Mine], Any]

STORE: dict[str, Query] = {
    "conversations": lambda store, _: store.conversations(9),
    "count": lambda store, _: store.count(),
    "search": lambda store, _: store.search("knows"),
    "conversation": lambda store, mine: store.conversation(mine.conversation),
    "entries": lambda store, mine: store.entries(mine.conversation),
    "entries_of": lambda store, mine: store.entries_of(mine.conversation, mine.run.id),
    "transcript": lambda store, mine: store.transcript(mine.conversation, 9),
    "way_to": lambda store, mine: store.way_to(mine.conversation, mine.run.id),
    "memory": lambda store, mine: store.memory(mine.conversation, mine.run.id),
    "feedback": lambda store, mine: store.feedback(mine.conversation),
    "give_feedback": lambda store, mine: store.give_feedback(mine.conversation, Feedback(run=mine.run.id, verdict="bad", time=now())),
    "take_back_feedback": lambda store, mine: store.take_back_feedback(mine.conversation, mine.run.id),
    "head": lambda store, mine: store.head(mine.conversation),
    "waiting_run": lambda store, mine: store.waiting_run(mine.waiting.conversation),
    "waiting_conversations": lambda store, _: store.waiting_conversations(),
    "runs_to": lambda store, mine: store.runs_to(mine.conversation, mine.run.id),
    "image": lambda store, mine: store.image(mine.picture),
    "images": lambda store, mine: store.images(mine.conversation),
    "runs": lambda store, mine: store.runs(mine.conversation),
    "run": lambda store, mine: store.run(mine.conversation, mine.run.id),
    "prompt_of": lambda store, mine: store.prompt_of(mine.conversation, mine.run.id),
    "used_since": lambda store, _: store.used_since(datetime.fromtimestamp(0, UTC)),
    "totals": lambda store, mine: store.totals(mine.conversation),
    "set_options": lambda store, mine: store.set_options(mine.conversation, Options(instructions="x")),
    "rename": lambda store, mine: store.rename(mine.conversation, "Taken"),
    "suggest_title": lambda store, mine: store.suggest_title(mine.run, "Taken", Usage(), None),
    "begin_run": lambda store, mine: store.begin_run(mine.conversation, "assistant", UserMessage(text="x"), "m"),
    "go_to": lambda store, mine: store.go_to(mine.conversation, None),
    "show_version": lambda store, mine: store.show_version(mine.conversation, mine.run.id),
    "branch": lambda store, mine: store.branch(mine.conversation, mine.run.id),
    "answer": lambda store, mine: store.answer(mine.waiting, InputAnswered(request_id="q", text="x")),
    "append": lambda store, mine: store.append(mine.run, [AgentMessage(source="x", text="x")]),
    "save_partial": lambda store, mine: store.save_partial(mine.waiting, position=1, source="x", text="x"),
    "end_run": lambda store, mine: store.end_run(mine.waiting, [], RunEnded(status="stopped")),
    "interrupt_lost_runs": lambda store, mine: store.interrupt_lost_runs(mine.conversation),
    "check": lambda store, _: [finding for finding in store.check() if "0" not in finding.sentence],
    "delete": lambda store, mine: store.delete(mine.conversation),
    "delete_all": lambda store, _: store.delete_all(),
}
RUNNER: dict[str, Query] = {
    "start": lambda store, mine: mine.app.runner.start(store, ASSISTANT, UserMessage(text="x"), mine.conversation),
    "find": lambda store, mine: mine.app.runner.find(store, mine.conversation),
    "stop": lambda store, mine: mine.app.runner.stop(store, mine.waiting.conversation),
    "answer": lambda store, mine: mine.app.runner.answer(
        store, ASSISTANT, mine.waiting.conversation, InputAnswered(request_id="q", text="x")
    ),
    "delete": lambda store, mine: mine.app.runner.delete(store, mine.conversation),
    "delete_all": lambda store, mine: mine.app.runner.delete_all(store),
    "go_to": lambda store, mine: mine.app.runner.go_to(store, mine.conversation, None),
    "show_version": lambda store, mine: mine.app.runner.show_version(store, mine.conversation, mine.run.id),
    "add_wish": lambda store, mine: mine.app.runner.add_wish(store, mine.conversation, UserMessage(text="x")),
    "branch": lambda store, mine: mine.app.runner.branch(store, mine.conversation, mine.run.id),
    "live_conversations": lambda store, mine: mine.app.runner.live_conversations(store),
    "feed": lambda store, mine: mine.app.runner.feed(store, mine.conversation),
}
WITHOUT_IDS = {"take_in", "close", "drain", "states", "wake_readers"}
"""They name nothing that is there: one makes a conversation of a file, the others are of the whole process."""
ALREADY_SO = {"suggest_title", "append", "save_partial", "interrupt_lost_runs", "show_version"}
"""They change nothing of what Alice has here: the run has ended, the title would be the same, its version is shown."""
REFUSALS = (ConversationNotFound, ImageNotFound, QuestionOver, ConversationBusy)
NOTHING: tuple[object, ...] = ([], set(), {}, 0, None, Totals(turns=0, usage=Usage(), seconds=0, cost=None))

ROUTES = {
    "/events/{conversation}": "a ticket of one's own",
    "/pictures/{image}": "a ticket of one's own",
    "/parts/{name}": "who may have a page",
    "/marks": "a ticket of one's own",
    "/healthz": "anybody",
    "/metrics": "who has its key",
}
STREAMLIT_S_ROUTES = {
    "/_stcore/stream": "who may have a page, and it is that user's",
    "/media/{file_id:path}": "who has the page that it was made for",  # tests/pages/test_uploads.py tries these two with all three
    "/_stcore/upload_file/{session_id}/{file_id}": "who has the page",
    "/_stcore/health": "who may have a page",
    "/_stcore/host-config": "who may have a page",
    "/component/{path:path}": "who may have a page",
    "/_stcore/bidi-components/{path:path}": "who may have a page",
    "/auth/login": "who may have a page",
    "/auth/logout": "who may have a page",
    "/oauth2callback": "who may have a page",
    "": "who may have a page",
    "/_stcore/metrics": "nobody",
    "/_stcore/agent/interact": "nobody",
    "/_stcore/agent/openapi.json": "nobody",
    "/_stcore/agent/mcp": "nobody",
}
PAGES = {"home", *(mode.key for mode in MODES), "conversations", "settings"}
KINDS = {"conversations", "runs", "events", "partials", "snapshots", "said", "images", "image_uses", "feedback"}
"""Tables; each is in a file of its user's own."""
PLACES = {
    "spending_file",
    "user_folder",
    "database_file",
    "answers_folder",
    "workspaces_folder",
    "workspace_folder",
    "file_histories_folder",
    "file_history_folder",
}


@pytest.fixture
def mine(process_application: None) -> Mine:
    app = application()
    store = app.store(ALICE)
    picture = prepare(drawn_picture(), "mine.png")
    prompt = UserMessage(text=TEXT, images=(picture.stored,))
    run, _ = store.begin_run(None, "assistant", prompt, "m", images={picture.stored.id: picture.data})
    ended = RunEnded(status="finished", usage=Usage(prompt_tokens=1))
    store.end_run(run, [AgentMessage(source="assistant", text="I keep it.")], ended, {"agent": "state"})
    store.give_feedback(run.conversation, Feedback(run=run.id, verdict="good", time=now()))
    waiting, _ = store.begin_run(None, "assistant", UserMessage(text="Ask me"), "m", Beginning(new_id="waiting"))
    store.append(waiting, [InputRequested(source="assistant", request_id="q", kind="question", title="?", text="?")])
    return Mine(app, run, store.waiting_run("waiting") or waiting, picture.stored.id)


def drawn_picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (4, 4), "red").save(drawn, "PNG")
    return drawn.getvalue()


def public(owner: type) -> set[str]:
    return {name for name, member in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")}


def dump(user: User) -> list[Any]:
    """Everything a user has on disk."""
    store = application().store(user)
    with store._database.reading() as connection:  # noqa: SLF001  # all tables at once, which nothing else may read
        return [list(map(tuple, connection.execute(select(table)))) for table in tables.metadata.sorted_tables]


def streamlit_s_routes(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.setattr(Runtime, "_instance", None)  # so that it is put back: a process has one
    return {route.path or "" for route in create_streamlit_routes(server_app._create_runtime())}  # type: ignore[attr-defined]  # noqa: SLF001


def test_everything_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a way to data says here who may use it, and so does whoever takes a newer Streamlit with another way."""
    assert public(Store) - WITHOUT_IDS == set(STORE)
    assert public(Runner) - WITHOUT_IDS == set(RUNNER)
    assert {route.path for route in server_app._user_routes} == set(ROUTES)  # type: ignore[attr-defined]  # noqa: SLF001
    assert streamlit_s_routes(monkeypatch) == set(STREAMLIT_S_ROUTES)
    assert {file.stem for file in (ROOT / "pages").glob("*.py")} - {"main", "__init__"} == PAGES
    assert set(tables.metadata.tables) == KINDS
    named = {name for name, place in inspect.getmembers(paths, inspect.isfunction) if "user" in inspect.signature(place).parameters}
    assert named == PLACES


@pytest.mark.parametrize(
    "query", [*STORE.values(), *RUNNER.values()], ids=[*(f"store.{n}" for n in STORE), *(f"runner.{n}" for n in RUNNER)]
)
def test_another_user_finds_and_changes_nothing(mine: Mine, query: Query) -> None:
    """By any of the owner's ids: not found, or nothing there. What the owner has stays as it is."""
    before = dump(ALICE)
    try:
        found = query(mine.app.store(BOB), mine)
    except REFUSALS:
        found = None

    assert found in NOTHING
    assert dump(ALICE) == before
    assert not any(dump(BOB))


@pytest.mark.parametrize("name", [name for name in STORE if name not in ALREADY_SO])
def test_the_owner_reaches_it(mine: Mine, name: str) -> None:
    """So that a row above is not empty for want of anything to find."""
    before = dump(ALICE)
    found = STORE[name](mine.app.store(ALICE), mine)

    assert found not in NOTHING or dump(ALICE) != before


def test_an_import_is_the_importer_s(mine: Mine) -> None:
    """A file with another's ids makes a conversation of one's own, with ids of its own."""
    file = export_conversation(mine.app.store(ALICE), mine.conversation)
    taken = mine.app.store(BOB).take_in(read_conversation_file(file.encode()))

    assert taken.id != mine.conversation
    assert not {run.id for run in mine.app.store(BOB).runs(taken.id)} & {mine.run.id}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_every_place_is_in_its_user_s_folder(tmp_path: Path, name: str) -> None:
    place = getattr(paths, name)
    rest = ("c",) if "conversation" in inspect.signature(place).parameters else ()
    mine, theirs = place(tmp_path, ALICE, *rest), place(tmp_path, BOB, *rest)

    assert mine.is_relative_to(paths.user_folder(tmp_path, ALICE))
    assert theirs.is_relative_to(paths.user_folder(tmp_path, BOB))
    assert not mine.is_relative_to(paths.user_folder(tmp_path, BOB))


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_shows_another_nothing(mine: Mine, page: str) -> None:
    tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=20).run()
    tab.switch_page(f"{page}.py")
    tab.query_params[ADDRESS] = mine.conversation
    shown = json.dumps([str(element) for element in tab.run()])

    assert TEXT not in shown
    assert not application().store(LOCAL_USER).count()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_nobody_sees_a_sentence(monkeypatch: pytest.MonkeyPatch, process_application: None, page: str) -> None:
    monkeypatch.setenv("ROUNDTABLE_AUTH", "browser")
    tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=20).run()
    tab.switch_page(f"{page}.py")
    tab.run()

    assert len(tab.error) == 1
    assert not tab.button
    assert not tab.chat_input
    assert not list((application().folder.path).glob("users/*"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="header", ROUNDTABLE_AUTH_SECRET="s" * 16)
    server.start()
    yield server
    server.kill()


def test_a_ticket_is_good_in_its_holder_s_hands_only(served: Server, tmp_path: Path) -> None:
    """The routes to what is said and shown: for its owner, not for another who has the ticket, not for nobody. Pages are closed too."""
    secret = paths.secret_file(tmp_path / "data").read_bytes()
    ticket = tickets.issue(secret, User("header:alice"), "c")

    def status(path: str, *, name: str | None) -> int:
        headers = {"X-Roundtable-Secret": "s" * 16} | ({"X-Forwarded-User": name} if name else {})
        return httpx2.get(served.url + path, headers=headers, params={"ticket": ticket}).status_code

    assert [status("/events/c", name=name) for name in ("alice", "bob", None)] == [404, 403, 403]
    picture = f"/pictures/{'0' * 64}"
    ticket = tickets.issue_for_image(secret, User("header:alice"), "0" * 64, now().date())
    assert [status(picture, name=name) for name in ("alice", "bob", None)] == [404, 403, 403]
    ticket = tickets.issue(secret, User("header:alice"), TICKETED)
    assert [status("/marks", name=name) for name in ("alice", "bob", None)] == [200, 403, 403]
    assert [status("/assistant", name=name) for name in ("alice", "bob", None)] == [200, 200, 403]
    assert [status("/parts/live.js", name=name) for name in ("alice", "bob", None)] == [404, 404, 403]
    assert [status("/healthz", name=name) for name in ("alice", "bob", None)] == [200, 200, 200]
    for path in (picture, "/marks"):
        assert httpx2.get(served.url + path, headers={"X-Forwarded-User": "alice"}, params={"ticket": ticket}).status_code == 403


def test_streamlit_s_own_routes_are_behind_the_gate(served: Server) -> None:
    """Whoever is nobody gets nothing by any of them, and some are nobody's."""
    alice, proven = {"X-Forwarded-User": "alice"}, {"X-Roundtable-Secret": "s" * 16}
    for route, who in STREAMLIT_S_ROUTES.items():
        path = re.sub(r"\{.*?\}", "x", route)
        if path != "/_stcore/stream":
            assert httpx2.get(served.url + path, headers=proven).status_code == 403
            assert (httpx2.get(served.url + path, headers=proven | alice).text == CLOSED) == (who == "nobody")
    address = served.url.replace("http", "ws") + "/_stcore/stream"
    with pytest.raises(InvalidStatus, match="403"), connect(address, additional_headers=proven):
        pass
    with connect(address, additional_headers=proven | alice) as hers:
        assert hers.protocol.state.name == "OPEN"


def test_a_browser_s_ticket_is_nothing_without_its_cookie(tmp_path: Path) -> None:
    """Nor with another's."""
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="browser")
    server.start()
    secret = paths.secret_file(tmp_path / "data").read_bytes()
    alice, bob = User("browser:alice"), User("browser:bob")
    ticket = {"ticket": tickets.issue(secret, alice, "c")}

    def status(user: User | None) -> int:
        cookies = {browsers.COOKIE: browsers.issued(secret, user)} if user else {}
        return httpx2.get(f"{server.url}/events/c", params=ticket, cookies=cookies).status_code

    assert [status(user) for user in (alice, bob, None)] == [404, 403, 403]
    server.kill()
