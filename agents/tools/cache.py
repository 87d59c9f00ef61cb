"""A small memory of answers, each for a time."""

import time
from collections import OrderedDict
from collections.abc import Callable

CACHE_BYTES = 4_000_000


class TimedCache:
    """Keeps bytes under a key until they are too old, or the least lately stored of them too many."""

    def __init__(self, limit: int = CACHE_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        expires, data = self._kept.get(key, (0.0, b""))
        return data if expires > self._clock() else None

    def put(self, key: str, data: bytes, seconds: float) -> None:
        self._drop(key)
        if seconds <= 0 or len(data) > self._limit:
            return
        while self._size + len(data) > self._limit:
            self._drop(next(iter(self._kept)))
        self._kept[key] = (self._clock() + seconds, data)
        self._size += len(data)

    def _drop(self, key: str) -> None:
        _, data = self._kept.pop(key, (0.0, b""))
        self._size -= len(data)
