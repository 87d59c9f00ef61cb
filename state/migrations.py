"""What brings a database of an earlier version up to date, a step a version."""

from collections.abc import Callable

from sqlalchemy import Connection

from state import search
from state.tables import SCHEMA_VERSION, conversations, metadata


def migrate(connection: Connection, version: int) -> None:
    """Take a database from `version`, 0 for an empty file, to the present one."""
    metadata.create_all(connection)
    for step in _STEPS[version:]:
        step(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _add_search(connection: Connection) -> None:
    for index in conversations.indexes:
        index.create(connection, checkfirst=True)
    search.create(connection)


_STEPS: tuple[Callable[[Connection], None], ...] = (lambda _: None, _add_search)
"""The first makes version 1, whose tables come with the rest."""
