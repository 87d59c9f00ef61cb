"""How long transactions take, told to whoever wants to know."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, float], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> Callable[[], None]:
    """Be told the kind and the seconds of each transaction. Returns what ends it, however often it is called."""
    _listeners.append(listener)

    def end() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return end


@contextmanager
def timed(kind: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        for listener in tuple(_listeners):
            listener(kind, time.perf_counter() - began)
