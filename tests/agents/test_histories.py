"""Any history of a conversation: what the page shows, what the model is told and what a copy holds agree."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.exports import export_conversation
from agents.imports import read_import
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.errors import NothingToContinue
from state.events import Continued, LogEntry, UserMessage
from state.store import Store
from tests.conftest import wait_until
from tests.provider import Gate, Provider, Reply
from tests.soundness import require_sound, shown

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "stop", "stop at once", "fail", "refuse", "continue", "again", "edit", "undo", "back", "show", "branch", "copy"]
        ),
        st.integers(0, 9),
    ),
    max_size=9,
)


@dataclass
class Person:
    """Somebody who does all that can be done."""

    app: Application
    store: Store
    provider: Provider
    conversation: str | None = None
    count: int = 0

    @property
    def machine(self) -> TimeMachine:
        assert self.conversation is not None
        return TimeMachine(self.app.runner, self.store, self.conversation)

    def do(self, step: str, number: int) -> None:
        self.count += 1
        runs = [run.id for run in self.store.runs(self.conversation)] if self.conversation else []
        way = [entry.run for entry in self.told()] if self.conversation else []
        if step in {"ask", "stop", "stop at once", "fail", "refuse"} or not way:
            self.ask(step)
        elif step == "continue":
            self.go_on()
        elif step in {"again", "edit"}:
            self.again(way[number % len(way)], UserMessage(text=f"Edited {self.count}") if step == "edit" else None)
        elif step in {"undo", "back"}:
            getattr(self.machine, {"undo": "undo", "back": "go_back"}[step])(way[number % len(way)])
        elif step == "show":
            self.machine.show(runs[number % len(runs)])
        elif step == "branch":
            self.conversation = self.machine.branch(way[number % len(way)])
        else:
            assert self.conversation is not None
            self.conversation = self.store.take_in(read_import(export_conversation(self.store, self.conversation).encode())).id

    def ask(self, how: str = "ask") -> None:
        replies = {
            "stop": Reply(f"Part {self.count} of", Gate()),
            "stop at once": Reply(Gate()),
            "fail": Reply(status=401),
            "refuse": Reply(status=400),
        }
        self.provider.enqueue(replies.get(how) or Reply(f"Answer {self.count}."))
        count = len(self.provider.requests)
        run = self.app.runner.start(self.store, ASSISTANT, UserMessage(text=f"Prompt {self.count}"), self.conversation)
        if how.startswith("stop"):
            wait_until(lambda: run.has_text if how == "stop" else len(self.provider.requests) > count)
            run.stop()
        self.wait(run)

    def go_on(self) -> None:
        self.provider.enqueue(Reply(f"The rest {self.count}."))
        try:
            self.wait(self.machine.go_on(ASSISTANT))
        except NothingToContinue:
            self.provider.forget()

    def again(self, run: str, prompt: UserMessage | None) -> None:
        if self.conversation is not None and isinstance(self.store.prompt_of(self.conversation, run), Continued):
            return
        self.provider.enqueue(Reply(f"Answer {self.count}."))
        self.wait(self.machine.ask_again(ASSISTANT, run, prompt))

    def wait(self, run: Run) -> None:
        wait_until(lambda: run.is_over)
        self.conversation = run.record.conversation

    def told(self) -> list[LogEntry]:
        assert self.conversation is not None
        return list(self.store.transcript(self.conversation, 1000).entries)


@pytest.fixture
def person(app: Application, store: Store, provider: Provider) -> Callable[[], Person]:
    return lambda: Person(app, store, provider)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_text_and_memory_agree_whatever_was_done(person: Callable[[], Person], steps: list[tuple[str, int]]) -> None:
    """Ask, stop, fail, continue, edit, undo, go back, switch, branch and copy in any order: the next request tells what is shown."""
    somebody = person()
    somebody.provider.forget()
    for step, number in steps:
        somebody.do(step, number)
    before = shown(somebody.store, somebody.conversation) if somebody.conversation else []
    somebody.ask()

    (*history, prompt) = somebody.provider.requests[-1].said
    assert history == before
    assert prompt == ("user", f"Prompt {somebody.count}")
    assert somebody.conversation is not None
    require_sound(somebody.store, somebody.conversation)
