"""The moments of a run at which somebody may press Stop. A further one is one more line in PHASES."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, FunctionTool
from pydantic import BaseModel

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.coding.mode import CODING
from agents.context import BoundedContext
from agents.mode import Mode
from agents.performer import Materials
from agents.runs import Run
from agents.solo import Solo
from agents.tools.ask_person import AskPerson
from agents.tools.permitted import AskingTool
from agents.tools.tool import GuardedTool
from agents.travel.mode import TRAVEL
from agents.travel.roles import EVALUATOR, ROLES
from state.conversations import RunRecord
from state.database import Database
from state.errors import StoreUnavailable
from state.events import EndStatus, InputAnswered, InputRequested, LogEntry, RunEnded, SavedEvent, ToolBegun, UserMessage
from state.mcp import McpServer, StdioServer
from state.paths import database_file
from state.snapshots import State
from state.store import Store
from tests.conftest import ALICE, MCP_SERVER
from tests.provider import Call, Gate, Pause, Provider, Reply, Step

LONG = 3600.0


class Held:
    """Something that keeps its caller waiting until the test lets go."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self._is_free = threading.Event()

    def hold(self) -> str:
        self.is_reached.set()
        assert self._is_free.wait(timeout=30)
        return "let go"

    @property
    def is_free(self) -> bool:
        return self._is_free.is_set()

    def let_go(self) -> None:
        self._is_free.set()


class SlowStore(Store):
    """A store on a disk that takes its time for one kind of work, or takes nothing at all, until the test lets go."""

    def __init__(self, database: Database, at: str, held: Held) -> None:
        super().__init__(ALICE, database)
        self._at = at
        self._held = held

    def memory(self, conversation: str, run: str | None) -> tuple[State | None, list[LogEntry]]:
        self._wait("memory")
        return super().memory(conversation, run)

    def append(self, run: RunRecord, events: Sequence[SavedEvent]) -> int:
        self._wait(events[0].type)
        return super().append(run, events)

    def save_partial(self, run: RunRecord, *, position: int, source: str, text: str) -> None:
        self._wait("partial text")
        super().save_partial(run, position=position, source=source, text=text)

    def end_run(
        self,
        run: RunRecord,
        events: Sequence[SavedEvent],
        ended: RunEnded,
        state: State | None = None,
        *,
        images: Mapping[str, bytes] = {},
    ) -> int:
        self._wait("end")
        return super().end_run(run, events, ended, state, images=images)

    def _wait(self, work: str) -> None:
        if self._at == work:
            self._held.hold()
        elif self._at == "refusing" and work != "memory" and not self._held.is_free:
            self._held.is_reached.set()
            raise StoreUnavailable("The disk is full.")


class NoArguments(BaseModel):
    pass


class SlowTool(GuardedTool[NoArguments]):
    """A tool of ours that waits, on the loop or blocking a thread."""

    def __init__(self, held: Held, *, is_blocking: bool) -> None:
        super().__init__(NoArguments, "slow", "Takes long.", title="Slow", summary="Takes long.")
        self._held = held
        self._is_blocking = is_blocking

    async def run(self, args: NoArguments, cancellation_token: CancellationToken) -> str:
        if self._is_blocking:
            return await asyncio.to_thread(self._held.hold)
        self._held.is_reached.set()
        await asyncio.sleep(LONG)
        return "never"


class QuickTool(SlowTool):
    """A quick tool: what takes long comes after it."""

    async def run(self, args: NoArguments, cancellation_token: CancellationToken) -> str:
        return "quick"


@dataclass
class Scene:
    """One run in one phase."""

    app: Application
    provider: Provider
    phase: "Phase"
    held: Held = field(default_factory=Held)
    conversation: str = ""
    asked: int = 0
    """Requests that were made before the run."""

    def ask(self, prompt: str) -> Run:
        """An ordinary turn, with nothing slow about it."""
        self.provider.enqueue(*self.phase.whole_turn)
        return self._start(self.app.store(ALICE), self.phase.ordinary, prompt)

    def begin(self, prompt: str) -> Run:
        """The turn that is to be stopped."""
        self.provider.enqueue(*self.phase.replies)
        self.asked = len(self.provider.requests)
        database = Database(database_file(self.app.settings.data_dir, ALICE))
        return self._start(SlowStore(database, self.phase.at, self.held), self.phase.mode(self.held), prompt)

    def _start(self, store: Store, mode: Mode, prompt: str) -> Run:
        run = self.app.runner.start(store, mode, UserMessage(text=prompt), self.conversation or None)
        self.conversation = run.record.conversation
        return run

    @property
    def live(self) -> Run:
        run = self.app.runner.find(self.app.store(ALICE), self.conversation)
        assert run is not None
        return run

    @property
    def note(self) -> str:
        return self.app.runner.feed(self.app.store(ALICE), self.conversation).now.note

    @property
    def is_waiting(self) -> bool:
        return self.app.runner.feed(self.app.store(ALICE), self.conversation).now.status == "waiting"

    def is_allowed(self) -> bool:
        """Say yes to what is asked. Whether what was asked about has begun."""
        store = self.app.store(ALICE)
        events = [entry.event for entry in store.entries(self.conversation)]
        answered = [event.request_id for event in events if isinstance(event, InputAnswered)]
        for event in events:
            if isinstance(event, InputRequested) and event.request_id not in answered and self.is_waiting:
                self.app.runner.answer(store, self.phase.ordinary, self.conversation, InputAnswered(request_id=event.request_id))
        return any(isinstance(event, ToolBegun) for event in events)

    def has_asked(self, requests: int) -> bool:
        return len(self.provider.requests) == self.asked + requests

    def has_written(self, characters: int) -> bool:
        draft = self.app.runner.feed(self.app.store(ALICE), self.conversation).now.draft
        return draft is not None and len(draft.text) >= characters


@dataclass(frozen=True)
class Phase:
    """A moment of a run: how it comes about, how one knows that it is there, and how a run ends that is stopped then."""

    replies: Sequence[Reply]
    is_reached: Callable[[Scene], object]
    at: str = ""
    """What the store takes its time for."""
    mode: Callable[[Held], Mode] = lambda _: ASSISTANT
    ends: tuple[EndStatus, ...] = ("stopped",)
    ordinary: Mode = ASSISTANT
    """The mode of the turns before and after."""
    whole_turn: Sequence[Reply] = (Reply("Hi."),)
    servers: Sequence[McpServer] = ()


def _with_tool(make: Callable[[Held, Materials], BaseTool[Any, Any]]) -> Callable[[Held], Mode]:
    def mode(held: Held) -> Mode:
        def build(materials: Materials) -> Solo:
            tools = [make(held, materials)]
            agent = AssistantAgent(
                name="assistant",
                model_client=materials.client,
                model_client_stream=True,
                model_context=BoundedContext(materials.context_tokens),
                tools=[*tools],
                reflect_on_tool_use=True,
            )
            return Solo(agent, materials, tools)

        return replace(ASSISTANT, build=build)

    return mode


def _foreign(held: Held, *, is_blocking: bool) -> BaseTool[Any, Any]:
    """AutoGen's own kind of tool, whose call it waits for until its task is cancelled."""

    async def slow() -> str:
        held.is_reached.set()
        await asyncio.sleep(LONG)
        return "never"

    return FunctionTool(held.hold if is_blocking else slow, "Takes long.", name="slow")


def _holds(scene: Scene) -> bool:
    return scene.held.is_reached.is_set()


SLOW = _with_tool(lambda held, _: SlowTool(held, is_blocking=False))
BLOCKING = _with_tool(lambda held, _: SlowTool(held, is_blocking=True))
QUICK = _with_tool(lambda held, _: QuickTool(held, is_blocking=False))
FOREIGN = _with_tool(lambda held, _: _foreign(held, is_blocking=False))
FOREIGN_BLOCKING = _with_tool(lambda held, _: _foreign(held, is_blocking=True))
QUESTION = _with_tool(lambda _, materials: AskPerson(materials.questions, "assistant"))
APPROVAL = _with_tool(lambda held, materials: AskingTool(SlowTool(held, is_blocking=False), materials.questions, "assistant"))
CALLING = (Reply(Call("slow", "{}")), Reply("The tool said so."))
SIDE_BY_SIDE = (Reply("I ask. ", Call("slow", "{}"), Call("slow", "{}")), Reply("The tools said so."))
WORDS: list[Step] = [step for number in range(400) for step in (f"word{number} ", Pause(0.01))]
MCP = StdioServer(name="testing", command=sys.executable, args=(MCP_SERVER, "stdio"))
WAITING_CALL = Call("testing__wait", json.dumps({"note": os.devnull}))
PROGRAM = "```python\nimport subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(3600)'])\n```"
CODED = (Reply("Nothing to run.\n\nTERMINATE"),)
PLANNED = (Reply(EVALUATOR.name), Reply("All is there.\n\nDONE"), Reply("No plan."), Reply("No plan."))


def _travel(*replies: Reply, is_reached: Callable[[Scene], object]) -> "Phase":
    return Phase(replies, is_reached, mode=lambda _: TRAVEL, ordinary=TRAVEL, whole_turn=PLANNED)


PHASES = {
    "while the memory is loading": Phase([], _holds, at="memory"),
    "before the first token": Phase([Reply(Gate())], lambda scene: scene.has_asked(1)),
    "in text": Phase([Reply("Some text ", Gate())], lambda scene: scene.live.has_text),
    "between deltas": Phase([Reply(*WORDS)], lambda scene: scene.has_written(200)),
    "waiting to try again": Phase([Reply(status=500, headers={"retry-after": "50"})], lambda scene: scene.note),
    "while the disk refuses": Phase([Reply("Some text ", Gate())], lambda scene: scene.note, at="refusing"),
    "while the message is saved": Phase([Reply("All of it.")], _holds, at="agent_message", ends=("stopped", "finished")),
    "while the end is saved": Phase([Reply("All of it.")], _holds, at="end", ends=("finished",)),
    "while a call is saved": Phase(CALLING, _holds, at="tool_call", mode=QUICK),
    "in a tool": Phase(CALLING, _holds, mode=SLOW),
    "in two tools": Phase(SIDE_BY_SIDE, _holds, mode=SLOW),
    "in a tool that blocks a thread": Phase(CALLING, _holds, mode=BLOCKING),
    "in a tool of AutoGen's": Phase(CALLING, _holds, mode=FOREIGN),
    "in a blocking tool of AutoGen's": Phase(CALLING, _holds, mode=FOREIGN_BLOCKING),
    "waiting for an answer": Phase([Reply(Call("ask_person", '{"question": "Which?"}'))], lambda scene: scene.is_waiting, mode=QUESTION),
    "waiting for an approval": Phase(CALLING[:1], lambda scene: scene.is_waiting, mode=APPROVAL),
    "waiting for two approvals": Phase(SIDE_BY_SIDE[:1], lambda scene: scene.is_waiting, mode=APPROVAL),
    "between tool and answer": Phase([CALLING[0], Reply(Gate())], lambda scene: scene.has_asked(2), mode=QUICK),
    "in the answer after a tool": Phase(
        [CALLING[0], Reply("It says ", Gate())],
        lambda scene: scene.live.has_text,
        mode=QUICK,
    ),
    "in a call of an MCP server": Phase([Reply(WAITING_CALL)], lambda scene: scene.is_allowed(), servers=(MCP,)),
    "while code runs": Phase(
        [Reply(PROGRAM)],
        lambda scene: scene.is_allowed() and "has been running" in scene.note,
        mode=lambda _: CODING,
        ordinary=CODING,
        whole_turn=CODED,
    ),
    "while a team's next speaker is chosen": _travel(Reply(Gate()), is_reached=lambda scene: scene.has_asked(1)),
    "before a speaker's first word": _travel(Reply(ROLES[0].name), Reply(Gate()), is_reached=lambda scene: scene.has_asked(2)),
    "while a speaker speaks": _travel(Reply(ROLES[0].name), Reply("I say ", Gate()), is_reached=lambda scene: scene.live.has_text),
    "while the second speaker is chosen": _travel(
        Reply(ROLES[0].name), Reply("I have said it."), Reply(Gate()), is_reached=lambda scene: scene.has_asked(3)
    ),
    "while a team's plan is written": _travel(*PLANNED[:2], Reply(Gate()), is_reached=lambda scene: scene.has_asked(3)),
}
