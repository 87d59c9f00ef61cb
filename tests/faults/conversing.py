"""Processes that converse until they are killed: `python -m tests.faults.conversing`.

It imports everything once and then, for each line `{"folder": …, "seed": …}` it is given, forks a process that does all a person can
do, at random. Each thing is told before and after it is done, as lines of JSON, and so is every heartbeat: a gap between two of them is
time that the machine gave to others.
"""

import json
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from agents.application import Application
from agents.images.preparing import prepare
from agents.mode import Mode
from agents.modes import MODES, find_mode
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.conversations import Beginning
from state.errors import ConversationBusy, NothingToContinue, QuestionOver
from state.events import Continued, InputAnswered, InputRequested, LogEntry, UserMessage
from state.settings import load_settings
from state.store import Store
from tests.agents.images.pictures import corners, saved
from tests.conftest import ALICE

HEARTBEAT = 0.02
LOOK = 0.02
"""Seconds between two looks whether a run asks something."""
PICTURE = prepare(saved(corners(), "PNG"), "corners.png")
REFUSALS = (NothingToContinue, ConversationBusy, QuestionOver)
THINGS = (
    "ask",
    "ask",
    "ask elsewhere",
    "ask elsewhere",
    "stop",
    "continue",
    "again",
    "edit",
    "branch",
    "undo",
    "back",
    "show",
    "rename",
    "delete",
)


class Person:
    """Somebody who does all that can be done, and says so."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next_mode = MODES[seed % len(MODES)]
        if not self._next_mode.runs_code:
            say({"begins": seed})  # so that some are killed as they start
        self._app = Application(load_settings(env_file=None))
        if self._next_mode.runs_code:
            say({"begins": self._app.workrooms.choice.sentence})  # measuring it takes most of the time such a process has to live
        self._store = self._app.store(ALICE)
        self._seed = seed
        self._count = 0

    def act(self) -> None:
        """Do one thing, and if that is a prompt, wait for its answer, or stop it, or rename the conversation meanwhile.

        What is asked is answered, now or later.
        """
        known = self._store.conversations(5)
        thing = self._chance.choice(THINGS)
        if not known or thing == "ask elsewhere":
            self._begin(None, "ask")
            return
        conversation = self._chance.choice(known).id
        if self._app.runner.find(self._store, conversation):  # it was left waiting for an answer
            self._come_back(conversation, thing)
            return
        way = list(dict.fromkeys(entry.run for entry in self._store.transcript(conversation, 1000).entries))
        if thing in {"ask", "stop"} or not way:
            self._begin(conversation, "stop" if thing == "stop" else "ask")
        elif thing == "continue":
            self._go_on(conversation)
        elif thing in {"again", "edit"}:
            self._ask_again(conversation, self._chance.choice(way), thing)
        else:
            self._move(conversation, self._chance.choice(way), thing)

    def _begin(self, conversation: str | None, thing: str) -> None:
        run, new, prompt = uuid.uuid4().hex, conversation or uuid.uuid4().hex, self._prompt()
        mode = mode_of(self._store, conversation) if conversation else self._next_mode
        self._next_mode = self._chance.choice(MODES)
        pictures = [PICTURE] if mode.describes_many else []
        message = UserMessage(text=prompt, images=tuple(picture.stored for picture in pictures))
        images = {picture.stored.id: picture.data for picture in pictures}
        with telling(thing, new, run=run, prompt=prompt):
            beginning = Beginning(run_id=run, new_id=new)
            started = self._app.runner.start(self._store, mode, message, conversation, beginning, images=images)
        self._attend(started, thing)

    def _go_on(self, conversation: str) -> None:
        run = uuid.uuid4().hex
        try:
            with telling("continue", conversation, run=run):
                machine = TimeMachine(self._app.runner, self._store, conversation)
                started = machine.go_on(mode_of(self._store, conversation), run_id=run)
        except NothingToContinue:
            return
        self._attend(started, "continue")

    def _ask_again(self, conversation: str, instead_of: str, thing: str) -> None:
        asked = self._store.prompt_of(conversation, instead_of)
        if isinstance(asked, Continued):
            return
        run, prompt = uuid.uuid4().hex, self._prompt() if thing == "edit" else asked.text
        with telling(thing, conversation, run=run, prompt=prompt):
            machine = TimeMachine(self._app.runner, self._store, conversation)
            started = machine.ask_again(mode_of(self._store, conversation), instead_of, UserMessage(text=prompt), run_id=run)
        self._attend(started, thing)

    def _move(self, conversation: str, run: str, thing: str) -> None:
        machine = TimeMachine(self._app.runner, self._store, conversation)
        with telling(thing, conversation, title=self._prompt()) as told:
            match thing:
                case "branch":
                    told["branch"] = machine.branch(run)
                    told["runs"] = [each.id for each in self._store.runs(told["branch"])]
                case "undo":
                    machine.undo(run)
                case "back":
                    machine.go_back(run)
                case "show":
                    machine.show(self._chance.choice(self._store.runs(conversation)).id)
                case "rename":
                    self._store.rename(conversation, told["title"])
                case "delete":
                    self._app.runner.delete(self._store, conversation)
            if thing != "delete":
                told["tip"] = self._store.conversation(conversation).tip

    def _attend(self, run: Run, thing: str) -> None:
        conversation = run.record.conversation
        if thing == "stop":
            run.wait(sys.maxsize, timeout=self._chance.uniform(0, 0.2))
            run.stop()
        elif self._chance.random() < 0.3:
            with telling("rename", conversation, title=self._prompt()) as told:
                self._store.rename(conversation, told["title"])
        self._see_through(run)

    def _come_back(self, conversation: str, thing: str) -> None:
        """To a conversation that was left while it waited."""
        run = self._app.runner.find(self._store, conversation)
        if run is not None and thing == "stop":
            run.stop()
        if run is not None:
            self._see_through(run)

    def _see_through(self, run: Run) -> None:
        """Until its end, or until it asks and something else is done first."""
        while not run.is_over:
            if requests := open_requests(run.events_since(0), run.record.id):
                if self._chance.random() < 0.2:
                    return
                self._answer(run, requests[0])
            run.wait(sys.maxsize, timeout=LOOK)

    def _answer(self, run: Run, request: InputRequested) -> None:
        conversation, mode = run.record.conversation, mode_of(self._store, run.record.conversation)
        answered = InputAnswered(
            request_id=request.request_id, is_approved=self._chance.random() < 0.9, for_all=self._chance.random() < 0.5
        )
        with suppress(QuestionOver), telling("answer", conversation, of=run.record.id, request=request.request_id):
            self._app.runner.answer(self._store, mode, conversation, answered)

    def _prompt(self) -> str:
        self._count += 1
        return f"Prompt {self._count} of {self._seed}"


def mode_of(store: Store, conversation: str) -> Mode:
    mode = find_mode(store.conversation(conversation).mode)
    assert mode is not None
    return mode


def open_requests(entries: Sequence[LogEntry], run: str) -> list[InputRequested]:
    """What a run has asked and has no answer to."""
    events = [entry.event for entry in entries if entry.run == run]
    answered = {event.request_id for event in events if isinstance(event, InputAnswered)}
    return [event for event in events if isinstance(event, InputRequested) and event.request_id not in answered]


@contextmanager
def telling(thing: str, conversation: str, **about: Any) -> Iterator[dict[str, Any]]:
    """Say what will be done, and then that it was done, unless it was refused."""
    told = {"thing": thing, "conversation": conversation, **about}
    say({"will": told})
    try:
        yield told
    except REFUSALS:
        say({"refused": told})
        raise
    say({"did": told})


def say(what: dict[str, Any]) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())  # in one piece, and at once


def beat() -> None:
    while True:
        say({"beat": time.time()})
        time.sleep(HEARTBEAT)


def converse(folder: str, seed: int) -> None:
    os.environ["ROUNDTABLE_DATA_DIR"] = folder
    threading.Thread(target=beat, daemon=True).start()
    person = Person(seed)
    while True:
        person.act()


def main() -> None:
    say({"ready": os.getpid()})
    for line in sys.stdin:
        pid = os.fork()  # nothing has started a thread in this process
        if not pid:
            try:
                converse(**json.loads(line))
            finally:
                os._exit(1)  # it only ends by a fault of its own
        say({"pid": pid})
        say({"ended": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})


if __name__ == "__main__":
    main()
