"""Answers of models, kept for when the same is asked again: a cache per user, JSON and nothing else."""

import json
import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from diskcache import UNKNOWN, Cache, Disk, Timeout  # type: ignore[import-untyped]  # it has no types
from diskcache.core import DBNAME, MODE_RAW  # type: ignore[import-untyped]

from state import paths
from state.snapshots import Json
from state.users import User
from state.values import Value

BUSY_SECONDS = 0.25
"""How long to wait for another process's lock: a miss costs less than a long wait."""
CULL_LIMIT = 2
"""Entries that may go for each that comes. diskcache's ten would empty a cache of few large answers."""
NOT_DAMAGE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
"""What SQLite says of a file that cannot be used now and may be sound."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class AnswerStats(Value):
    entries: int = 0
    bytes: int = 0
    """What the cache takes on the disk. Empty, it still takes some pages."""
    hits: int = 0
    misses: int = 0

    @property
    def hit_rate(self) -> float:
        """The share of lookups that found something, from 0 to 1."""
        return self.hits / max(1, self.hits + self.misses)


class AnswerCache:
    """One user's cache, opened on first use. All methods may be called from any thread.

    A cache that is locked, full or gone finds and keeps nothing; it never fails the answer.
    """

    def __init__(self, data_dir: Path, user: User, *, time_to_live: float, size_limit: int) -> None:
        """Keep answers for `time_to_live` seconds, and about `size_limit` bytes of them: the oldest go first."""
        self.mended = False
        """The cache was found damaged and replaced by an empty one. Known from the first use, until the cache is cleared."""
        self._folder = paths.answers_folder(data_dir, user)
        self._time_to_live = time_to_live
        self._size_limit = size_limit
        self._lock = threading.Lock()
        self._cache: Cache | None = None
        self._is_closed = False

    def get(self, key: str) -> Json | None:
        return self._use(lambda cache: cache.get(key), otherwise=None)

    def set(self, key: str, value: Json) -> None:
        """Keep a value, unless it alone is larger than the cache may be. Raises TypeError or ValueError when it is not JSON."""
        text = json.dumps(value, allow_nan=False)
        if len(text) < self._size_limit:
            self._use(lambda cache: cache.set(key, text, expire=self._time_to_live), otherwise=False)

    def clear(self) -> None:
        """Forget all answers and start the counts anew."""
        if self._use(_clear, otherwise=False):
            self.mended = False

    def stats(self) -> AnswerStats:
        return self._use(_stats, otherwise=AnswerStats())

    def close(self) -> None:
        """Find and keep nothing from now on, so that a run's last answer does not bring a deleted folder back."""
        with self._lock:
            self._is_closed = True

    def _use(self, work: Callable[[Cache], T], *, otherwise: T) -> T:
        """Do something with the cache, or give `otherwise` where it cannot be used.

        The connection is closed each time: diskcache opens one per thread and leaves all others open.
        """
        with self._lock:
            if self._is_closed:
                return otherwise
            try:
                with closing(self._opened()) as cache:
                    return work(cache)
            except Timeout:
                _log.info("the response cache is locked or cannot be written to")
            except Exception as error:  # diskcache trusts its file, and a damaged one makes it raise anything
                self._give_up(error)
            return otherwise

    def _opened(self) -> Cache:
        file = self._folder / DBNAME
        if self._cache is None or not file.exists():
            self._cache = None
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if file.exists():
                _examine(file)
            self._cache = Cache(
                self._folder,
                timeout=BUSY_SECONDS,
                disk=_TextDisk,
                statistics=1,
                size_limit=self._size_limit,
                cull_limit=CULL_LIMIT,
                sqlite_synchronous=0,  # waiting for the disk cost 15 ms a lookup; a power cut may cost the cache, not a killed process
                sqlite_mmap_size=0,  # a mapped file that is cut short kills the process
            )
        return self._cache

    def _give_up(self, error: Exception) -> None:
        if not _is_damage(error):
            _log.warning("the response cache cannot be used: %s", type(error).__name__)
            return
        _log.warning("the response cache was damaged (%s) and is replaced by an empty one", type(error).__name__)
        self._cache = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self.mended = not self._folder.exists()


class _TextDisk(Disk):  # type: ignore[misc]  # diskcache has no types
    """Keeps JSON as text in its row.

    A row can also hold a pickle or name a file, and diskcache would execute the one and read or remove the other, wherever it lies.
    Nothing of ours does, so such rows are misses, by the OSError that diskcache takes for a value that is gone.
    """

    def __init__(self, directory: str, **_options: object) -> None:
        super().__init__(directory)

    def put(self, key: str) -> tuple[str, bool]:
        return key, True

    def get(self, key: object, raw: object) -> str:
        if not raw or not isinstance(key, str):
            raise OSError("a key of this cache is text")
        return key

    def store(self, value: str, read: bool, key: object = UNKNOWN) -> tuple[int, int, None, str]:
        if read or not isinstance(value, str):
            raise TypeError("a value of this cache is text")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Json:
        if read or mode != MODE_RAW or filename is not None or not isinstance(value, str):
            raise OSError("a value of this cache is text in its row")
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise OSError("a value of this cache is JSON") from error

    def remove(self, file_path: str) -> None:
        """Leave the file: no value lies in one."""


def _clear(cache: Cache) -> bool:
    cache.clear()
    cache.stats(reset=True)
    return True


def _stats(cache: Cache) -> AnswerStats:
    cache.expire()
    with cache.transact():  # outside of a transaction diskcache would wait a minute for a lock
        hits, misses = cache.stats()
        return AnswerStats(entries=len(cache), bytes=cache.volume(), hits=hits, misses=misses)


def _examine(file: Path) -> None:
    """Raise sqlite3.Error where the file is locked, for which diskcache would wait a minute, or damaged."""
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the quick check failed")
        connection.execute("ROLLBACK")


def _is_damage(error: BaseException | None) -> bool:
    """Tell a damaged file from one that is locked, full or out of reach, by the error and those that led to it."""
    while error is not None:
        code = getattr(error, "sqlite_errorcode", None)
        if isinstance(error, OSError | Timeout | MemoryError) or (code is not None and code & 0xFF in NOT_DAMAGE):
            return False
        error = error.__context__
    return True
