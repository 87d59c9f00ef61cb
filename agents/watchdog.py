"""Notices that the loop of the agents is dead or blocked, and says so in the log."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable

from agents.loop import BackgroundLoop

INTERVAL = 5.0
BLOCKED_SECONDS = 5.0
"""A turn of the loop that takes so long holds up every answer."""

_log = logging.getLogger(__name__)


class Watchdog:
    """A thread that asks the loop for a turn every few seconds."""

    def __init__(
        self, loop: BackgroundLoop, looped: Callable[[float], None], *, interval: float = INTERVAL, blocked: float = BLOCKED_SECONDS
    ) -> None:
        self._loop = loop
        self._looped = looped
        self._interval = interval
        self._blocked = blocked
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(timeout=2 * self._interval)

    def _watch(self) -> None:
        while not self._ended.wait(self._interval):
            if not self._loop.is_alive:
                _log.critical("the loop that drives agents has ended; no prompt can be answered until the server is started again")
                return
            self._look()

    def _look(self) -> None:
        asked, turn = time.monotonic(), threading.Event()
        self._loop.call(turn.set)
        if not turn.wait(self._blocked) and self._loop.is_alive and not self._ended.is_set():
            _log.error("the loop that drives agents has been blocked for %.0f s, at:\n%s", self._blocked, self._stack())
            while not turn.wait(self._interval) and self._loop.is_alive and not self._ended.is_set():
                self._looped(time.monotonic() - asked)
            if turn.is_set():
                _log.warning("the loop that drives agents goes on after %.0f s", time.monotonic() - asked)
        self._looped(time.monotonic() - asked)

    def _stack(self) -> str:
        """Where the loop is: places in files, no values."""
        frame = sys._current_frames().get(self._loop.thread_id)  # noqa: SLF001  # the documented way to see another thread
        return (
            "".join(f"  {place.filename}:{place.lineno} {place.name}\n" for place in traceback.extract_stack(frame)[-12:]) if frame else ""
        )
