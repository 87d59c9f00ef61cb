"""One SQLite file: how it is opened, read and written."""

import errno
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.util import LRUCache

from state.errors import StoreUnavailable
from state.migrations import migrate
from state.tables import SCHEMA_VERSION
from state.timing import timed

BUSY_SECONDS = 2
KEPT = 2
"""Connections that stay open. There are more while more is asked at once; each that stays has pages and statements in memory."""
CACHE = 512
"""KiB of pages that a connection keeps, where SQLite would keep 2,000: the system has them in memory anyhow, once for all."""
COMPILED: LRUCache[Any, Any] = LRUCache(500)
"""Statements that were compiled, for all files."""
GONE = "The data folder was removed or moved while the server was running. Put it back, or restart the server to begin a new one."

_log = logging.getLogger(__name__)


class Database:
    """A user's database file, created when it is not there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with said_in_words():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(file.parent, os.W_OK):  # SQLite would only say that it cannot open the file
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._engine = _open(file)
            self._engine.connect().close()  # makes the file where there is none
        with self.reading() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > SCHEMA_VERSION:
            raise StoreUnavailable("These conversations were written by a newer Roundtable; start that one.")
        if version < SCHEMA_VERSION:
            with self.writing() as connection:
                migrate(connection, version)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._require_file()
        with timed("read"), said_in_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start, so what it reads stays true until it commits."""
        self._require_file()
        with timed("write"), said_in_words(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    def write(self, statement: str, *values: object) -> None:
        """One statement that is a transaction by itself, past SQLAlchemy: what runs write ten times a second costs a tenth then."""
        self._require_file()
        with timed("write"), said_in_words(), closing(self._engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            driver.execute(statement, values)

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """A transaction that removes rows for good: what they held is neither in a free page nor in the write-ahead log afterwards.

        Foreign keys are not looked after meanwhile, so what refers to a row must go with it: few of them have an index, and for each
        row that goes SQLite would read whole tables.
        """
        with said_in_words(), self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.execution_options(writes=True).begin():
                    yield connection
            finally:
                driver.execute("PRAGMA foreign_keys = ON")
            if driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                _log.warning("a reader kept the write-ahead log from being emptied; the next deletion or a stop of the server does it")

    def close(self) -> None:
        self._engine.dispose()

    def _require_file(self) -> None:
        """An open connection would go on writing into a file that was deleted, and nobody would ever see it again."""
        if not self._file.exists():
            raise StoreUnavailable(GONE)


@cache
def _shared() -> Engine:
    """Lends its dialect to all files. Compiled statements are kept for a dialect: with one for each user they were compiled for each,
    and 4,000 of the 5,200 objects that a user's page took."""
    engine = create_engine("sqlite://")
    engine.connect().close()
    return engine


def _open(file: Path) -> Engine:
    shared, options = _shared().dialect, {"compiled_cache": COMPILED}
    connect: Any = partial(sqlite3.connect, file, BUSY_SECONDS, check_same_thread=False)
    pool = QueuePool(connect, pool_size=KEPT, dialect=shared)
    address = URL.create("sqlite", database=str(file))
    engine = Engine(pool, shared, address, hide_parameters=True, execution_options=options)  # what people wrote stays out of the log

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver would begin late and not for reads
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON", f"cache_size = -{CACHE}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


@contextmanager
def said_in_words() -> Iterator[None]:
    """Turn what the disk and the database raise into StoreUnavailable, whose text a page can show."""
    try:
        yield
    except (OperationalError, sqlite3.OperationalError, OSError) as error:
        _log.error("the store is unavailable: %s", error)
        raise StoreUnavailable(_sentence(error)) from error
    except (DBAPIError, sqlite3.Error) as error:
        _log.error("the database refused a statement: %s", type(error).__name__)
        raise StoreUnavailable("The conversation database could not be used; the server's log says why.") from error


def _sentence(error: OperationalError | sqlite3.OperationalError | OSError) -> str:
    """Say why by the cause's own words alone: a path or a statement may hold any word."""
    text = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).lower()
    if "full" in text or "no space" in text:
        return "The disk is full, so nothing can be saved. Free some space and try again; nothing saved was lost."
    if "readonly" in text or "read-only" in text or "permission" in text:
        return "The data folder cannot be written to. Make it writable and try again; nothing saved was lost."
    return "The conversation database cannot be reached just now. Try again; if it stays so, look at the server's log."
