"""How many runs work at once, and the queue of those that wait for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from autogen_core import CancellationToken

BUSY = "The server is busy; {before} ahead of yours. It starts automatically: you can wait, leave the page, or stop it."


class Places:
    """All there are. It belongs to the loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Place] = deque()
        self.taken = 0

    @property
    def queued(self) -> int:
        return len(self._waiting)

    def enter(self, place: "Place") -> bool:
        """Take a place, or stand in the queue for one. Returns whether it was free."""
        if self.taken < self._limit and not self._waiting:
            self.taken += 1
            return True
        self._waiting.append(place)
        return False

    def leave(self) -> None:
        self.taken -= 1
        while self._waiting and self.taken < self._limit:
            self.taken += 1
            self._waiting.popleft().begin()
        self._tell()

    def give_up(self, place: "Place") -> None:
        """Leave the queue, or the place that was given in the same moment."""
        if place in self._waiting:
            self._waiting.remove(place)
            self._tell()
        else:
            self.leave()

    def _tell(self) -> None:
        for before, place in enumerate(self._waiting):
            place.tell(before)


class Place:
    """One run's."""

    def __init__(self, places: Places, say: Callable[[str], None]) -> None:
        self._places = places
        self._say = say
        self._begun: asyncio.Future[None] | None = None
        self.is_queued = False
        self._is_held = False

    @asynccontextmanager
    async def held(self, token: CancellationToken) -> AsyncIterator[None]:
        """Have a place, and wait for it when there is none. Cancelled with the token."""
        if not self._places.enter(self):
            await self._wait(token)
        self._is_held = True
        try:
            yield
        finally:
            self.give_back()

    def give_back(self) -> None:
        """Leave the place, where there is one: work that does not end when it is stopped must not keep it."""
        if self._is_held:
            self._is_held = False
            self._places.leave()

    def rest(self, is_resting: bool) -> None:
        """Let others have the place while the person is waited for. Whoever was answered has one again at once."""
        if is_resting:
            self.give_back()
        else:
            self._is_held = True
            self._places.taken += 1

    def begin(self) -> None:
        if self._begun is not None and not self._begun.done():
            self._begun.set_result(None)

    def tell(self, before: int) -> None:
        answers = "one answer is" if before == 0 else f"{before + 1} answers are"
        self._say(BUSY.format(before=answers))

    async def _wait(self, token: CancellationToken) -> None:
        self._begun = asyncio.get_running_loop().create_future()
        token.link_future(self._begun)
        self.is_queued = True
        self.tell(self._places.queued - 1)
        try:
            await self._begun
        except asyncio.CancelledError:
            self._places.give_up(self)
            raise
        self.is_queued = False
        self._say("")
