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
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.conversations import Beginning
from state.errors import NothingToContinue
from state.events import Continued, UserMessage
from state.settings import load_settings
from tests.conftest import ALICE

HEARTBEAT = 0.02
THINGS = ("ask", "ask", "ask elsewhere", "stop", "continue", "again", "edit", "branch", "undo", "back", "show", "rename", "delete")


class Person:
    """Somebody who does all that can be done, and says so."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._app = Application(load_settings(env_file=None))
        self._store = self._app.store(ALICE)
        self._seed = seed
        self._count = 0

    def act(self) -> None:
        """Do one thing, and if that is a prompt, wait for its answer, or stop it, or rename the conversation meanwhile."""
        known = self._store.conversations(5)
        thing = self._chance.choice(THINGS)
        if not known or thing == "ask elsewhere":
            self._begin(None, "ask")
            return
        conversation = self._chance.choice(known).id
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
        with telling(thing, new, run=run, prompt=prompt):
            beginning = Beginning(run_id=run, new_id=new)
            started = self._app.runner.start(self._store, ASSISTANT, UserMessage(text=prompt), conversation, beginning)
        self._attend(started, thing)

    def _go_on(self, conversation: str) -> None:
        run = uuid.uuid4().hex
        try:
            with telling("continue", conversation, run=run):
                started = TimeMachine(self._app.runner, self._store, conversation).go_on(ASSISTANT, run_id=run)
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
            started = machine.ask_again(ASSISTANT, instead_of, UserMessage(text=prompt), run_id=run)
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
        while not run.is_over:
            run.wait(sys.maxsize, timeout=1)

    def _prompt(self) -> str:
        self._count += 1
        return f"Prompt {self._count} of {self._seed}"


@contextmanager
def telling(thing: str, conversation: str, **about: Any) -> Iterator[dict[str, Any]]:
    """Say what will be done, and then that it was done, unless it was refused."""
    told = {"thing": thing, "conversation": conversation, **about}
    say({"will": told})
    try:
        yield told
    except NothingToContinue:
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
