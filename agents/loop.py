"""The one asyncio loop, on a thread of its own, where every AutoGen object is made and used."""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from state.errors import LoopUnavailable

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop  # reading a delta takes it little more than half of what asyncio's own takes

T = TypeVar("T")

_log = logging.getLogger(__name__)


class BackgroundLoop:
    """Runs coroutines for callers on other threads."""

    def __init__(self) -> None:
        self._loop = new_event_loop()
        self._when_over: Callable[[], None] = lambda: None
        self._started: set[Future[object]] = set()
        self._thread = threading.Thread(target=self._run, name="agents", daemon=True)
        self._thread.start()

    def when_over(self, call: Callable[[], None]) -> None:
        """Have something called on the loop's thread when the loop has ended, whyever it did."""
        self._when_over = call

    def require(self) -> None:
        """Raise LoopUnavailable when the loop has ended."""
        if not self._thread.is_alive():
            raise LoopUnavailable

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def thread_id(self) -> int:
        return self._thread.ident or 0

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop. Raises LoopUnavailable."""
        if not self._thread.is_alive():
            work.close()
            raise LoopUnavailable
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Start a coroutine that nobody waits for: what it raises, which would vanish, is logged. Raises LoopUnavailable."""
        future: Future[object] = self.submit(work)
        self._started.add(future)  # asyncio itself would let go of a task that nobody holds
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[object]) -> None:
        self._started.discard(future)
        if not future.cancelled() and (error := future.exception()):
            frames = "".join(traceback.format_tb(error.__traceback__))  # not its text, which may quote what people wrote
            _log.error("work on the loop failed: %s\n%s", type(error).__name__, frames)

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Call a plain function on the loop soon. A loop that has ended ignores it: nothing is left to act on."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(function, *args)

    def answers_within(self, seconds: float) -> bool:
        """Whether the loop is alive and takes its turn in time."""
        turn = threading.Event()
        self.call(turn.set)
        return turn.wait(seconds) if self._thread.is_alive() else False

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._when_over()

    def close(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).add_done_callback(lambda _: self.call(self._loop.stop))
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=1)
