"""What is happening in one conversation now, for any number of readers on any thread or loop."""

import asyncio
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from state.events import RunStatus


class Draft:
    """A message being written: the text so far, in the pieces it came in. Pieces are only ever added."""

    def __init__(self, *, after: int, source: str, lead: str = "") -> None:
        self.after = after
        """The log's last sequence number when the message began."""
        self.source = source
        self.lead = lead
        """What a run before this one had written of the message. It is shown with the rest, being its first piece."""
        self.pieces: list[str] = [lead] if lead else []
        self.own = len(self.pieces)
        """The number of the first piece of this run's own."""

    @property
    def text(self) -> str:
        """What this run has written."""
        return "".join(self.pieces[self.own :])


@dataclass(frozen=True)
class Now:
    """One consistent view of a conversation."""

    version: int
    """Grows with every change, a piece of a draft included."""
    head: int
    """The log's last sequence number."""
    status: RunStatus | None
    """The live run's status; None when nothing runs."""
    draft: Draft | None
    note: str = ""
    """What the run is waiting for, in a sentence; empty when there is nothing to say."""
    view: int = 0
    """Grows when something else changes that a page shows: the title, or where the transcript ends."""


@dataclass
class _Waiting:
    futures: list[asyncio.Future[None]] = field(default_factory=list)

    def release(self) -> None:
        for future in self.futures:
            if not future.done():
                future.set_result(None)


class Feed:
    """The present of one conversation. A run publishes to it, readers wait on it; neither knows the other."""

    def __init__(self, head: int = 0) -> None:
        self._condition = threading.Condition()
        self._waiting: dict[asyncio.AbstractEventLoop, _Waiting] = defaultdict(_Waiting)
        self.now = Now(version=0, head=head, status=None, draft=None)

    def publish(self, *, head: int, status: RunStatus | None, draft: Draft | None, note: str = "") -> None:
        """Change the present and wake everyone who waits for it. Any thread may call it."""
        with self._condition:
            self._put(head=head, status=status, draft=draft, note=note)

    def has_reached(self, head: int, status: RunStatus | None = None) -> None:
        """Take over what the log says, for a feed that was not there when it was written: a run may be waiting that nobody drives."""
        with self._condition:
            if head > self.now.head:
                self._put(head=head, status=self.now.status or status)

    def changed_beside(self) -> None:
        """Say that something changed beside the log."""
        with self._condition:
            self._put(view=self.now.view + 1)

    def wake(self) -> None:
        """Have everyone who waits look again, though nothing changed."""
        with self._condition:
            self._put()

    def _put(self, **changes: Any) -> None:
        self.now = replace(self.now, version=self.now.version + 1, **changes)
        self._condition.notify_all()
        waiting, self._waiting = self._waiting, defaultdict(_Waiting)
        for loop, readers in waiting.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(readers.release)

    async def changed_from(self, version: int) -> None:
        """Wait until the present is no longer `version`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._condition:
            if self.now.version != version:
                return
            self._waiting[loop].futures.append(future)
        try:
            await future
        finally:
            with self._condition:
                if future in self._waiting[loop].futures:
                    self._waiting[loop].futures.remove(future)

    def wait_for_change(self, version: int, timeout: float) -> bool:
        """The same for a thread: False when `timeout` seconds passed first."""
        with self._condition:
            return self._condition.wait_for(lambda: self.now.version != version, timeout)
