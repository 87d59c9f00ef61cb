"""Writes what a run brings forth: to the log on disk, and to the feed for those who look now."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from itertools import chain, repeat
from typing import TypeVar

from agents.feed import Draft, Feed
from state.conversations import RunRecord
from state.errors import ConversationBusy, StoreUnavailable
from state.events import AgentMessage, ChatEvent, InputAnswered, InputRequested, RunEnded, RunStatus, SavedEvent, TextDelta, ToolCall
from state.snapshots import State
from state.store import Store
from state.turns import resumable

T = TypeVar("T")

SAVE_INTERVAL = 0.1
"""Seconds between two saves of partial text. With the 0.09 s that deltas are joined for, a crash loses less than 0.25 s of text."""
STALLED_SECONDS = 10
"""Without anything new for so long, a run is said to make no progress."""
STALLED = "Nothing new has come for {seconds} seconds. You can wait, leave the page, or stop it."
SAVE_AGAIN = (0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to save a run's end while the disk refuses; the last holds for all that follow."""

_log = logging.getLogger(__name__)


class LogWriter:
    """One run's. It belongs to the loop, which never waits for the disk: all writing is done on the disk's threads."""

    def __init__(self, store: Store, feed: Feed, record: RunRecord, disk: Executor, *, head: int, lead: AgentMessage | None = None) -> None:
        self._store = store
        self._feed = feed
        self._record = record
        self._disk = disk
        self._head = head
        self._draft = Draft(after=head, source=lead.source, lead=resumable(lead.text)) if lead else None
        self._saved_pieces = self._draft.own if self._draft else 0
        self._note = self._doing = self._refusal = ""
        self._has_unsaved = asyncio.Event()
        self._is_at_work = False
        self._last: SavedEvent | None = None
        self._last_news = time.monotonic()
        self._is_stalled = False
        self._is_frozen = False
        self._calls: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._asked: set[str] = set()
        self._writing = asyncio.Lock()
        self.status: RunStatus | None = "running"
        """None when the run is over."""
        self._publish()

    @property
    def has_draft(self) -> bool:
        """Whether this run has begun a message and not finished it."""
        return self._draft is not None and bool(self._draft.text)

    @property
    def has_said_anything(self) -> bool:
        return self.has_draft or self._last is not None

    @property
    def moment(self) -> str:
        """Where in its answer the run is, to be put behind “stopped”."""
        if self._note and not self._is_stalled and not self._is_at_work:
            return self._doing or "while it was waiting to try again"
        if self.status == "waiting":
            return "while it was waiting for you"
        if self.has_draft:
            return "in the middle of its text"
        match self._last:
            case None:
                return "before its first word"
            case ToolCall():
                return "while it was using a tool"
            case _:
                return "between two steps"

    def show(self, status: RunStatus) -> None:
        """Show what the run is at. One that is being stopped is not shown as anything else."""
        if self.status not in {status, "stopping", None}:
            self.status = status
            self._last_news = time.monotonic()
            self._publish()

    async def watch(self) -> None:
        """Keep saying how long nothing has come, once that is long, until cancelled."""
        while True:
            await asyncio.sleep(1)
            silent = int(time.monotonic() - self._last_news)
            if self.status == "running" and silent >= STALLED_SECONDS and (not self._note or self._is_stalled):
                self._is_stalled = True
                self.say(STALLED.format(seconds=silent - silent % STALLED_SECONDS))

    def say(self, note: str, *, doing: str = "") -> None:
        """Show what is waited for; an empty note takes the last one back. `doing` is what a stop would be said to have come in."""
        is_news = note != self._note  # many say the same again, and each change is told to every reader
        self._note, self._doing, self._is_at_work = note, doing, False
        if is_news:
            self._publish()

    def tell(self, note: str) -> None:
        """Show what is being done, where no text tells it; an empty note takes the last one back."""
        self.say(note)
        self._is_at_work = bool(note)

    async def take(self, event: ChatEvent) -> None:
        """Add a delta to the draft, or put a whole event into the log in the draft's place. After the run's end nothing is taken."""
        if self.status is None or self._is_frozen:
            return
        self._last_news = time.monotonic()
        if self._is_stalled:
            self._is_stalled, self._note = False, ""
        if isinstance(event, TextDelta):
            self._add(event)
        else:
            if isinstance(event, InputRequested):
                self._asked.add(event.request_id)
            # A cancellation ends our waiting, not the writing: half done, the draft would be saved as a second message.
            await asyncio.shield(asyncio.ensure_future(self._append(event)))
        self._publish()

    async def take_beside(self, event: SavedEvent) -> None:
        """Put an event into the log beside a message being written, which goes on. Raises ConversationBusy when it comes too late."""
        if self._is_frozen:
            raise ConversationBusy
        async with self._writing:
            self._head = await self._off_loop(lambda: self._store.append(self._record, [event]))
            self._saved_pieces = self._draft.own if self._draft else 0  # appending drops what was saved of the message
            self._has_unsaved.set()
        self._publish()

    async def save_partials(self) -> None:
        """Keep saving what is new of the draft, until cancelled."""
        while True:
            await self._has_unsaved.wait()  # a run that waits for the person, or its model, costs nothing meanwhile
            await asyncio.sleep(SAVE_INTERVAL)
            self._has_unsaved.clear()
            async with self._writing:
                await self._save_partial()

    @property
    def asks(self) -> bool:
        """Whether the log has a question to the person without an answer, or is about to: it waits on disk then, whatever it shows yet."""
        return bool(self._asked)

    def knows_call(self, call_id: str) -> asyncio.Event:
        """What is set once a call of a tool is in the log."""
        return self._calls[call_id]

    def freeze(self) -> None:
        """Take nothing any more."""
        self._is_frozen = True

    @property
    def is_frozen(self) -> bool:
        return self._is_frozen

    async def rest(self) -> None:
        """Take nothing any more, and wait until nothing is being written."""
        self.freeze()
        async with self._writing:
            pass

    async def end(self, ended: RunEnded, state: State | None, images: Mapping[str, bytes] = {}, *, is_urgent: Callable[[], bool]) -> None:
        """Save the draft as a partial message, the end, the state, and the pictures it refers to that are new.

        The disk may refuse; then it is tried again until it takes them, for what people have read must not be gone, and the
        conversation stays this run's so long. Only when it `is_urgent`, as the server ends, is it given up.
        """
        events: list[SavedEvent] = []
        if self._draft is not None and self._draft.text:
            events.append(AgentMessage(source=self._draft.source, text=self._draft.text, is_partial=True))
        for wait in chain(SAVE_AGAIN, repeat(SAVE_AGAIN[-1])):
            try:
                self._head = await self._off_loop(lambda: self._store.end_run(self._record, events, ended, state, images=images))
            except StoreUnavailable as error:
                self._refuse(str(error))
                if is_urgent():
                    _log.error("the end of run %s could not be saved; the next start will mark it interrupted", self._record.id)
                    return
                await asyncio.sleep(wait)
            else:
                return

    def close(self) -> None:
        """Show that the run is over."""
        self.status = self._draft = None
        self._note = self._refusal = ""
        self._publish()

    def _add(self, delta: TextDelta) -> None:
        if self._draft is None or self._draft.source != delta.source:
            self._draft = Draft(after=self._head, source=delta.source)
            self._saved_pieces = 0
        self._draft.pieces.append(delta.text)
        self._has_unsaved.set()

    async def _append(self, event: SavedEvent) -> None:
        async with self._writing:
            self._head = await self._off_loop(lambda: self._store.append(self._record, [event]))
            self._draft = None
            self._last = event
            if isinstance(event, ToolCall):
                self._calls[event.call_id].set()
            elif isinstance(event, InputAnswered):
                self._asked.discard(event.request_id)

    async def _save_partial(self) -> None:
        draft, begin = self._draft, self._saved_pieces
        if draft is None or begin == len(draft.pieces):
            return
        self._saved_pieces = len(draft.pieces)
        text = "".join(draft.pieces[begin:])
        try:
            await self._off_loop(lambda: self._store.save_partial(self._record, position=begin, source=draft.source, text=text))
        except StoreUnavailable as error:
            self._saved_pieces = begin  # the next save takes this piece too
            self._has_unsaved.set()
            self._refuse(str(error))
        else:
            self._refuse("")

    def _refuse(self, refusal: str) -> None:
        """Show why the disk takes nothing, before all else that is to be said; an empty one takes it back, and nothing else."""
        if refusal != self._refusal:
            self._refusal = refusal
            self._publish()

    async def _off_loop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    def _publish(self) -> None:
        self._feed.publish(head=self._head, status=self.status, draft=self._draft, note=self._refusal or self._note)
