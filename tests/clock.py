"""A loop whose clock goes by what is waited for: nobody really waits, and a busy machine changes no time."""

import asyncio
import selectors
from selectors import SelectorKey


class SkippingLoop(asyncio.SelectorEventLoop):
    """For work that waits for times alone, and for nothing outside the process."""

    def __init__(self) -> None:
        self._moment = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        return self._moment

    def skip(self, seconds: float) -> None:
        self._moment += seconds


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if timeout and not ready:
            self._loop.skip(timeout)
        return ready
