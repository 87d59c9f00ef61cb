"""What things cost, counted: statements, writes, bytes and reruns. Times are for `make bench`."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Select, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from streamlit.testing.v1 import AppTest

from agents.application import application
from agents.assistant import ASSISTANT
from agents.log_writer import SAVE_INTERVAL
from state import timing
from state.database import COMPILED
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Store
from state.users import LOCAL_USER
from tests import components
from tests.benchmarks.page import Page
from tests.benchmarks.texts import prose_and_code
from tests.conftest import BOB
from tests.provider import Pause, Provider, Reply
from tests.server import ROOT, Server, clean_environment

components.look_once()
FEW, MANY = 10, 1000
"""Turns."""
LETTERS = 16_000


def filled(store: Store, turns: int) -> str:
    conversation: str | None = None
    for _ in range(turns):
        run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Next"), "demo")
        store.end_run(run, [AgentMessage(source="assistant", text="Done.")], RunEnded(status="finished"))
        conversation = run.conversation
    assert conversation is not None
    return conversation


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def statements_of_a_rerun(turns: int) -> list[str]:
    tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=60)
    tab.query_params["conversation"] = filled(application().store(LOCAL_USER), turns)
    tab.switch_page("assistant.py").run()
    with counted() as statements:
        tab.run()
    assert not tab.exception
    assert tab.chat_message
    return statements


def test_a_rerun_of_a_long_conversation_asks_the_disk_no_more_than_of_a_short_one(process_application: None) -> None:
    few, many = (statements_of_a_rerun(turns) for turns in (FEW, MANY))

    assert 1 < len(few) < 40
    assert len(many) == len(few)
    assert not any("said_words" in statement for statement in few)  # nothing is searched for


def test_a_rerun_carries_the_addresses_of_code_and_no_code(process_application: None) -> None:
    """It was two thirds of what went to the browser, for each person at each prompt and each answer's end."""
    tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=60)
    tab.query_params["conversation"] = filled(application().store(LOCAL_USER), 1)
    tab.switch_page("assistant.py").run()
    components = [element.proto for element in tab.get("bidi_component")]

    assert {component.component_name for component in components} >= {"roundtable_live", "roundtable_shortcuts", "roundtable_drafts"}
    assert all("import(" in component.js_content for component in components)
    assert max(len(component.js_content) + len(component.css_content) + len(component.html_content) for component in components) < 700


def test_an_answer_is_written_to_disk_as_often_as_its_seconds_ask_for_and_no_oftener(
    process_application: None, openai_environment: dict[str, str], provider: Provider
) -> None:
    """However many deltas it comes in: its prompt, its pieces by the clock, its message, its end."""
    provider.enqueue(Reply(*["word "] * 2000, Pause(0.3), *["word "] * 2000))
    store, kinds = application().store(LOCAL_USER), list[str]()
    end = timing.listen(lambda kind, _: kinds.append(kind))
    run = application().runner.start(store, ASSISTANT, UserMessage(text="Go"))
    while not run.is_over:
        run.wait(10**9, 1)
    end()
    ended = store.entries(run.record.conversation)[-1].event

    assert isinstance(ended, RunEnded)
    assert ended.status == "finished"
    assert 4 <= kinds.count("write") <= 5 + ended.seconds / SAVE_INTERVAL


@pytest.fixture
def server(tmp_path: Path, openai_environment: dict[str, str]) -> Iterator[Server]:
    server = Server(tmp_path / "data", **openai_environment)
    server.start()
    yield server
    server.kill()


def test_a_turn_makes_two_reruns_and_brings_its_text_once_or_a_few_times(server: Server, provider: Provider) -> None:
    """One as the prompt is sent and one at the answer's end, seen where the browser is; the live text has at most seven times its size."""
    text = prose_and_code(LETTERS)
    provider.enqueue(Reply(*(step for start in range(0, LETTERS, 40) for step in (text[start : start + 40], Pause(0.005)))))
    heard: list[str] = []

    async def converse() -> Page:
        page = Page(server.url, {}, heard.append)
        await page.open("assistant")
        async with page:
            await page.send("Write")
            await asyncio.wait_for(page.ended.wait(), 60)
        return page

    page = asyncio.run(converse())

    assert page.reruns <= 1 + 2 + 1  # opening it, and one more where the disk put the message's end and the run's apart
    assert len(heard) > 5
    assert page.live_bytes <= 7 * LETTERS
    assert page.page_bytes <= 20 * LETTERS


VISIT = """
import sys
from streamlit.testing.v1 import AppTest

tab = AppTest.from_file("pages/main.py", default_timeout=60).run()
tab.switch_page("assistant.py").run()
assert tab.chat_input and not tab.exception
print(*sorted({"pandas", "numpy", "anthropic", "mcp"} & set(sys.modules)))
"""


@pytest.mark.usefixtures("process_application")
def test_what_one_user_asked_of_the_disk_is_not_compiled_again_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Select[Any]] = []
    visit_select: Any = SQLiteCompiler.visit_select

    def noting(self: SQLiteCompiler, select: Select[Any], **options: Any) -> str:
        compiled.append(select)
        return str(visit_select(self, select, **options))

    stores = application().store(LOCAL_USER), application().store(BOB)
    monkeypatch.setattr(SQLiteCompiler, "visit_select", noting)
    COMPILED.clear()
    stores[0].conversations(5)
    for_the_first = len(compiled)
    stores[1].conversations(5)

    assert for_the_first == len(compiled) > 0


def test_a_visit_loads_nothing_that_it_has_no_use_for(tmp_path: Path) -> None:
    """Each of these takes half a second and tens of megabytes."""
    environment = clean_environment() | {"ROUNDTABLE_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    visit = subprocess.run([sys.executable, "-c", VISIT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert visit.stdout.split() == []
