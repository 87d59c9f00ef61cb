"""`kill -9` at any moment of any conversation, and what is there after the restart."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.modes import MODES
from agents.travel.roles import EVALUATOR, ROLES
from state.errors import ConversationNotFound, QuestionOver
from state.events import AgentMessage, InputAnswered, LogEntry, ToolBegun, UserMessage
from state.paths import database_file
from state.settings import load_settings
from state.store import Store
from tests.agents.coding.test_pair import processes_that_say
from tests.conftest import ALICE, wait_until
from tests.faults.conversing import HEARTBEAT, LOOK, mode_of, open_requests
from tests.provider import Pause, Provider, Reply, Request, Step
from tests.server import ROOT
from tests.soundness import require_sound, require_sound_file, shown

LIVES = 10
KILLS = 5
"""How often a folder's process is killed: later ones find what earlier ones left."""
LATEST = 1.0
"""Seconds after the process began, of which the first 0.1 are its start."""
LOST = 0.25
"""Seconds of text that a crash may cost."""
WORDS = (8, 8, 150)
"""How many an answer may have. The longest takes longer than text may be lost."""


CODE = "```python\nimport time\nprint('begun', flush=True)\ntime.sleep(0.2)\nopen('made.csv', 'w').write('a,b\\n1,2\\n')\n```"


def improvised(request: Request, pause: float = 0.005) -> Reply:
    """An answer of words that no other answer has, and behind them what one in its mode would end with."""
    told = str(request.body["messages"][0]["content"])
    if not request.body.get("stream"):  # the travel team's selector, or its plan
        return Reply(random.choice(ROLES).name)
    name = f"{id(request)}{random.randrange(10**6)}"
    is_coding = "code executor runs them" in told
    count = WORDS[0] if is_coding else random.choice(WORDS)  # so that most kills there come while code waits or runs
    steps: list[Step] = [step for number in range(count) for step in (f"w{number}of{name} ", Pause(pause))]
    if is_coding:
        steps.append(random.choice([f"\n\n{CODE}", "\n\nTERMINATE"]))
    elif told == EVALUATOR.instructions:
        steps.append(random.choice(["\n\nDONE", " Go on."]))
    return Reply(*steps)


class Nursery:
    """The process that forks those to be killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.read()

    def kill_one(self, folder: Path, seed: int, after: float, provider: Provider) -> "Killed":
        """Let one converse for some seconds, and kill it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"folder": str(folder), "seed": seed}) + "\n")
        self._process.stdin.flush()
        told: list[dict[str, Any]] = []
        while not all(any(key in line for line in told) for key in ("pid", "begins")):  # two processes say them, in any order
            told.append(self.read())
        pid = next(line["pid"] for line in told if "pid" in line)
        time.sleep(after)
        live = [request for request in provider.requests if not request.ended.is_set()]
        killed = time.time()
        os.kill(pid, signal.SIGKILL)
        while "ended" not in (line := self.read()):
            told.append(line)
        assert line["ended"] == -signal.SIGKILL
        return Killed(told, live, killed)

    def read(self) -> dict[str, Any]:
        assert self._process.stdout
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line


@dataclass
class Killed:
    """What a process had told when it was killed."""

    told: list[dict[str, Any]]
    live: list[Request]
    at: float

    @property
    def did(self) -> list[dict[str, Any]]:
        return [line["did"] for line in self.told if "did" in line]

    @property
    def undecided(self) -> dict[str, Any]:
        """What it was doing: it may have been done or not."""
        things = [line for line in self.told if line.keys() & {"will", "did", "refused"}]
        return things[-1].get("will", {}) if things else {}

    @property
    def stalled(self) -> float:
        """Seconds of the last one by which the heartbeat came late: the machine did something else.

        On a machine that has much to do that is many short waits. A quiet one is late by 0.01 to 0.05 s in all.
        """
        beats: list[float] = [line["beat"] for line in self.told if "beat" in line and line["beat"] > self.at - 1] + [self.at]
        return sum((max(0.0, after - before - HEARTBEAT) for before, after in pairwise(beats)), 0.0)

    def due(self, request: Request) -> str:
        """The text of a request that must not be lost. The loop may have waited as long as the heartbeat, and the disk's thread again."""
        return "".join(text for moment, text in request.sent if moment < self.at - LOST - 2 * self.stalled)


@dataclass
class Ledger:
    """What was done for certain: by it, one knows what must be there."""

    runs: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """By conversation, the runs and their prompts."""
    tips: dict[str, str | None] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    answers: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """By conversation, the questions that were answered: their runs and ids."""

    def enter(self, did: dict[str, Any]) -> None:
        conversation = did["conversation"]
        if did["thing"] == "delete":
            self.runs.pop(conversation, None)
            self.tips.pop(conversation, None)
            self.titles.pop(conversation, None)
            self.answers.pop(conversation, None)
            return
        if did["thing"] == "answer":
            self.answers.setdefault(conversation, set()).add((did["of"], did["request"]))
            return
        if "run" in did:
            self.runs.setdefault(conversation, {})[did["run"]] = did.get("prompt")
        if did["thing"] == "branch":
            self.runs[did["branch"]] = dict.fromkeys(did["runs"])
        if did["thing"] == "rename":
            self.titles[conversation] = did["title"]
        self.tips[conversation] = did["run"] if "run" in did else did.get("tip", self.tips.get(conversation))

    def require(self, store: Store, undecided: dict[str, Any]) -> None:
        """All that was done is there, and nothing else, but for the one thing that may have been done or not."""
        there = {conversation.id for conversation in store.conversations(1000)}
        touched = undecided.get("conversation")
        more, missing = there - self.runs.keys(), self.runs.keys() - there

        assert missing <= ({touched} if undecided.get("thing") == "delete" else set())
        assert len(more) <= 1
        assert not more or undecided["thing"] == "branch" or (more == {touched} and "run" in undecided)
        for conversation in there & self.runs.keys():
            runs = {run.id for run in store.runs(conversation)}
            assert self.runs[conversation].keys() <= runs
            assert runs - self.runs[conversation].keys() <= {undecided.get("run")}
            for run, prompt in self.runs[conversation].items():
                assert prompt is None or store.prompt_of(conversation, run).text == prompt
            answered = {(entry.run, entry.event.request_id) for entry in entries_of(store, conversation) if is_answer(entry)}
            assert self.answers.get(conversation, set()) <= answered
            if conversation != touched:
                assert self.tips.get(conversation) in {None, store.conversation(conversation).tip}
                assert self.titles.get(conversation) in {None, store.conversation(conversation).title}

    def take_over(self, store: Store) -> None:
        """What was undecided is decided now."""
        there = {conversation.id: conversation for conversation in store.conversations(1000)}
        self.runs = {id: dict.fromkeys(run.id for run in store.runs(id)) for id in there}
        self.tips = {id: conversation.tip for id, conversation in there.items()}
        self.titles = {id: conversation.title for id, conversation in there.items()}


@pytest.fixture(scope="module")
def nursery_process(listening_provider: Provider) -> Iterator[Nursery]:
    environment = os.environ | {
        "ROUNDTABLE_MODEL": "openai",
        "OPENAI_API_KEY": "sk-planted-key",
        "OPENAI_BASE_URL": listening_provider.base_url,
        "OPENAI_MODEL": "scripted",
        "ROUNDTABLE_TITLES": "prompt",
        "ROUNDTABLE_MODEL_VISION": "true",
    }
    command = [sys.executable, "-m", "tests.faults.conversing"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)
        process.kill()


@pytest.mark.parametrize("life", range(LIVES))
def test_nothing_accepted_is_lost_by_a_kill(
    nursery_process: Nursery,
    openai_environment: dict[str, str],
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    life: int,
) -> None:
    """Prompts, versions, titles and deletions are as they were accepted, 250 ms of text are lost at most, and the next prompt works."""
    seed = random.randrange(1_000_000)
    print(f"life {life}, seed {seed}")  # noqa: T201  # to play a failure again
    chance, folder, ledger = random.Random(seed), tmp_path / "data", Ledger()
    monkeypatch.setenv("ROUNDTABLE_DATA_DIR", str(folder))
    monkeypatch.setenv("ROUNDTABLE_MODEL_VISION", "true")
    for _ in range(KILLS):
        provider.improvise = improvised
        killed = nursery_process.kill_one(folder, chance.randrange(10**6) * len(MODES) + life, chance.uniform(0, LATEST), provider)
        for did in killed.did:
            ledger.enter(did)
        app = Application(load_settings(env_file=None))
        try:
            store = app.store(ALICE)
            ledger.require(store, killed.undecided)
            require_text(store, killed, ledger)
            require_interrupted(store, killed)
            wait_until(lambda: not processes_that_say(str(folder)))
            settle(app, store, chance)
            for conversation in store.conversations(1000):
                require_sound(store, conversation.id)
                require_once(store, conversation.id)
            require_next_prompt(app, store, provider, killed)
            ledger.take_over(store)
        finally:
            app.close()
        require_sound_file(database_file(folder, ALICE))


def require_text(store: Store, killed: Killed, ledger: Ledger) -> None:
    """What the model's server had sent 250 ms before is there."""
    entries = [entry for id in ledger.runs for entry in entries_of(store, id)]
    texts = [entry.event.text for entry in entries if isinstance(entry.event, AgentMessage)]
    prompts = {entry.event.text for entry in entries if isinstance(entry.event, UserMessage)}
    for request in killed.live:
        if killed.due(request) and {prompt_in(content) for role, content in request.said if role == "user"} & prompts:
            assert any(text.startswith(killed.due(request)) for text in texts)


def prompt_in(content: Any) -> str:
    """A message of a request; with pictures it is in parts, and the text is the first."""
    return str(content[0].get("text")) if isinstance(content, list) else str(content)


def is_answer(entry: LogEntry) -> bool:
    return isinstance(entry.event, InputAnswered)


def require_interrupted(store: Store, killed: Killed) -> None:
    """What was at work is said to be interrupted; what waited for its person waits still."""
    runs = [run for conversation in store.conversations(1000) for run in store.runs(conversation.id)]
    assert {run.status for run in runs if run.ended and run.ended.timestamp() > killed.at} <= {"interrupted"}
    assert {run.status for run in runs if run.ended is None} <= {"waiting"}


def settle(app: Application, store: Store, chance: random.Random) -> None:
    """Answer or stop what has waited over the kill."""
    for conversation in store.waiting_conversations():
        if chance.random() < 0.3:
            app.runner.stop(store, conversation)
        see_through(app, store, conversation, says_yes=True)


def see_through(app: Application, store: Store, conversation: str, *, says_yes: bool) -> None:
    """Answer whatever is asked until nothing runs any more."""
    while (run := store.runs(conversation)[-1]).ended is None or app.runner.find(store, conversation):
        for request in open_requests(store.entries(conversation), run.id)[:1] if run.ended is None else []:
            answer = InputAnswered(request_id=request.request_id, is_approved=says_yes)
            with suppress(QuestionOver):  # it ended meanwhile
                app.runner.answer(store, mode_of(store, conversation), conversation, answer)
        time.sleep(LOOK)


def require_once(store: Store, conversation: str) -> None:
    """No call and no block of code began twice."""
    begun = [(entry.run, entry.event.call_id) for entry in store.entries(conversation) if isinstance(entry.event, ToolBegun)]
    assert len(begun) == len(set(begun))


def entries_of(store: Store, conversation: str) -> list[Any]:
    try:
        store.conversation(conversation)
    except ConversationNotFound:
        return []
    return store.entries(conversation)


def require_next_prompt(app: Application, store: Store, provider: Provider, killed: Killed) -> None:
    """The next prompt is answered, and the model is told all that the transcript shows."""
    latest = next(iter(store.conversations(1)), None)
    known, mode = (shown(store, latest.id), mode_of(store, latest.id)) if latest else ([], ASSISTANT)
    count, prompt = len(provider.requests), f"Next after {killed.at}"
    provider.improvise = partial(improvised, pause=0)
    run = app.runner.start(store, mode, UserMessage(text=prompt), latest.id if latest else None)
    see_through(app, store, run.record.conversation, says_yes=False)

    assert run.outcome == "finished"
    told = provider.requests[count]
    if mode.is_team:
        assert all(
            text in str(told.body["messages"]) or repr(text)[1:-1] in str(told.body["messages"]) for _, text in [*known, ("", prompt)]
        )
    else:
        said = [(role, content if isinstance(content, str) else content[0]["text"]) for role, content in told.said]
        assert said == [*known, ("user", prompt)]
