"""Pages are drawn one after the other, however many people ask for theirs at once.

Python's threads take turns anyway, so two pages drawn at once are both ready when the second would have been. But whatever else the
server does, such as text for those who read, then waits behind two of them for each of its own turns.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_SECONDS = 0.1
"""A page waits no longer: the one before it may wait for a disk or a network itself."""

turn = threading.Lock()


@contextmanager
def in_turn() -> Iterator[None]:
    """Draw a page in here."""
    has_turn = turn.acquire(timeout=MOST_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            turn.release()
