"""A run: one prompt being answered on the background loop, event by event, into the log."""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TypeVar

from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient

from agents.feed import Draft, Feed
from agents.loop import BackgroundLoop
from agents.memory import load_memory
from agents.messages import to_chat_events
from agents.mode import Mode
from agents.models.calls import Calls, cost_of
from agents.models.clients import Clients
from agents.models.failures import classify, server_name, to_sentence
from agents.models.live_client import LiveClient
from agents.models.model import Model
from state.conversations import RunRecord
from state.errors import StoreUnavailable
from state.events import AgentMessage, ChatEvent, EndStatus, LogEntry, RunEnded, RunStatus, SavedEvent, TextDelta, UserMessage
from state.snapshots import State
from state.store import Store

T = TypeVar("T")

STOP_GRACE = 0.5
"""Seconds each way of stopping gets before the next, harder one."""
SAVE_AGAIN = (0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to save a run's end while the disk refuses; the last holds for all that follow."""
SAVE_INTERVAL = 0.1
"""Seconds between two saves of partial text. With the 0.1 s that deltas are joined for, a crash loses less than 0.25 s of text."""
STOPPED = "You stopped this answer. What had arrived is kept; your next prompt goes on from here."
SHUT_DOWN = "The server was shut down before this answer was finished. What had arrived is kept; your next prompt goes on from here."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    status: EndStatus
    reason: str = ""
    state: State | None = None
    is_refused: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What every run of the process shares."""

    loop: BackgroundLoop
    disk: Executor
    """Threads for the store, so that the loop never waits for the disk."""
    clients: Clients
    retries: int


@dataclass(frozen=True)
class Turn:
    """A prompt that was accepted, and where its answer goes."""

    store: Store
    feed: Feed
    mode: Mode
    model: Model
    use_cache: bool
    record: RunRecord
    prompt: UserMessage
    head: int
    """The log's last sequence number: the run's start, one after the prompt."""


class Run:
    """A prompt being answered. It lives on the loop; pages only read its events, wait, and stop it."""

    def __init__(self, around: Surroundings, turn: Turn) -> None:
        self.record = turn.record
        self._around = around
        self._turn = turn
        self._head = turn.head
        self._status: RunStatus | None = "running"
        self._draft: Draft | None = None
        self._saved_pieces = 0
        self._note = ""
        self._calls = Calls(self._say)
        self._began = time.monotonic()
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._stop_outcome = _Outcome("stopped", STOPPED)
        self._is_shut_down = False
        self._writing = asyncio.Lock()
        self._publish()

    @property
    def is_over(self) -> bool:
        return self._status is None

    @property
    def is_stopping(self) -> bool:
        return self._status == "stopping"

    def events_since(self, cursor: int) -> list[LogEntry]:
        """The conversation's saved events with a sequence number above `cursor`."""
        return self._turn.store.entries(self.record.conversation, after=cursor)

    def wait(self, cursor: int, timeout: float) -> bool:
        """Block this thread until there are events after `cursor` or the run is over: False when `timeout` seconds passed first."""
        deadline = time.monotonic() + timeout
        while (now := self._turn.feed.now).head <= cursor and not self.is_over:
            if not self._turn.feed.wait_for_change(now.version, deadline - time.monotonic()):
                return False
        return True

    def stop(self) -> None:
        """Ask the run to stop. Returns at once; the run's end is an event. A run that is over stays as it is."""
        self._around.loop.call(self._stop, _Outcome("stopped", STOPPED))

    def shut_down(self) -> None:
        """End the run because the server ends."""
        self._is_shut_down = True
        self._around.loop.call(self._stop, _Outcome("interrupted", SHUT_DOWN))

    def _stop(self, outcome: _Outcome) -> None:
        if self._stopping.is_set() or self.is_over:
            return
        self._stop_outcome = outcome
        self._status = "stopping"
        self._stopping.set()
        self._publish()

    async def drive(self) -> None:
        """Work the run to its end, whatever happens in it."""
        token = CancellationToken()
        working = asyncio.create_task(self._work(token))
        saving = asyncio.create_task(self._save_partials())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await self._end(working, token)
        stopping.cancel()
        async with self._writing:  # no save is under way, so none can land after the run's end
            saving.cancel()
        await self._finish(self._outcome(working))

    def close(self) -> None:
        """Say that the run is over. Its runner calls this when the run is no longer to be found."""
        self._status = self._draft = None
        self._note = ""
        self._over.set()
        self._publish()

    async def ended(self) -> None:
        """Wait on the loop for the run's end."""
        await self._over.wait()

    async def _work(self, token: CancellationToken) -> State:
        agent = self._turn.mode.build(self._client(), self._turn.model.context_tokens)
        memory = await self._off_loop(lambda: load_memory(self._turn.store, self.record.conversation, before=self._turn.head - 1))
        if memory is not None:
            await agent.load_state(memory)
        task = TextMessage(content=self._turn.prompt.text, source=self._turn.prompt.source)
        async for message in agent.run_stream(task=task, cancellation_token=token, output_task_messages=False):
            if not isinstance(message, TaskResult):
                for event in to_chat_events(message):
                    await self._take(event)
        return await agent.save_state()

    def _client(self) -> ChatCompletionClient:
        model = self._turn.model
        inner = self._around.clients.client(model, self._turn.store.user, use_cache=self._turn.use_cache)
        return LiveClient(inner, self._calls, server=server_name(model.spec), retries=self._around.retries)

    async def _end(self, working: asyncio.Task[State], token: CancellationToken) -> None:
        """Stop the work: AutoGen's own way first, then the task, twice, as AutoGen swallows a cancellation in places."""
        for cancel in (token.cancel, working.cancel, working.cancel):
            try:
                cancel()
            except Exception:  # a callback AutoGen registered may raise out of cancel(); the next way follows
                _log.exception("a cancellation raised")
            await asyncio.wait({working}, timeout=STOP_GRACE)
            if working.done():
                return
        _log.error("run %s did not end when it was stopped; it is left behind", self.record.id)

    def _outcome(self, working: asyncio.Task[State]) -> _Outcome:
        is_lost = not working.done() or working.cancelled()
        error = None if is_lost else working.exception()
        if not is_lost and error is None:
            return _Outcome("finished", self._calls.remark, working.result())
        if self._stopping.is_set():
            return self._stop_outcome
        if error is None:
            return _Outcome("interrupted", SHUT_DOWN)
        frames = "".join(traceback.format_tb(error.__traceback__))  # not its text, which may quote a request or a key
        _log.error("run %s failed: %s\n%s", self.record.id, type(error).__name__, frames)
        cause = self._calls.error or error
        reason = to_sentence(cause, self._turn.model.spec, has_text=self._draft is not None)
        return _Outcome("failed", reason, is_refused=classify(cause).is_about_the_request and self._draft is None)

    async def _take(self, event: ChatEvent) -> None:
        if self.is_over:
            return
        if isinstance(event, TextDelta):
            if self._draft is None or self._draft.source != event.source:
                self._draft = Draft(after=self._head, source=event.source)
                self._saved_pieces = 0
            self._draft.pieces.append(event.text)
        else:
            # A cancellation ends our waiting, not the writing: half done, the draft would be saved as a second message.
            await asyncio.shield(asyncio.ensure_future(self._append(event)))
        self._publish()

    async def _append(self, event: SavedEvent) -> None:
        async with self._writing:
            self._head = await self._off_loop(lambda: self._turn.store.append(self.record, [event]))
            self._draft = None

    async def _save_partials(self) -> None:
        while True:
            await asyncio.sleep(SAVE_INTERVAL)
            async with self._writing:
                await self._save_partial()

    async def _save_partial(self) -> None:
        draft, begin = self._draft, self._saved_pieces
        if draft is None or begin == len(draft.pieces):
            return
        self._saved_pieces = len(draft.pieces)
        text = "".join(draft.pieces[begin:])
        try:
            await self._off_loop(lambda: self._turn.store.save_partial(self.record, position=begin, source=draft.source, text=text))
        except Exception:
            self._saved_pieces = begin
            _log.exception("partial text of run %s could not be saved; it is tried again", self.record.id)

    async def _finish(self, outcome: _Outcome) -> None:
        events: list[SavedEvent] = []
        if self._draft is not None:
            events.append(AgentMessage(source=self._draft.source, text=self._draft.text, is_partial=True))
        ended = RunEnded(
            status=outcome.status,
            reason=outcome.reason,
            seconds=round(time.monotonic() - self._began, 3),
            usage=self._calls.usage,
            cost=cost_of(self._calls.usage, self._turn.model.price),
            is_from_cache=self._calls.all_from_cache,
            is_refused=outcome.is_refused,
        )
        await self._save_end(events, ended, outcome.state)

    async def _save_end(self, events: Sequence[SavedEvent], ended: RunEnded, state: State | None) -> None:
        """Try until the disk takes it: what people have read must not be gone, and the conversation stays this run's."""
        for wait in chain(SAVE_AGAIN, repeat(SAVE_AGAIN[-1])):
            try:
                self._head = await self._off_loop(lambda: self._turn.store.end_run(self.record, events, ended, state))
            except StoreUnavailable as error:
                self._say(str(error))
                if self._is_shut_down:
                    _log.error("the end of run %s could not be saved; the next start will mark it interrupted", self.record.id)
                    return
                await asyncio.sleep(wait)
            else:
                return

    async def _off_loop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._around.disk, work)

    def _say(self, note: str) -> None:
        self._note = note
        self._publish()

    def _publish(self) -> None:
        self._turn.feed.publish(head=self._head, status=self._status, draft=self._draft, note=self._note)
