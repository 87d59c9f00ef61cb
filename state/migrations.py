"""What brings a database of an earlier version up to date, a step a version."""

import json
from collections.abc import Callable
from itertools import pairwise

from sqlalchemy import Connection, insert, select, update

from state import search
from state.snapshots import packed
from state.tables import SCHEMA_VERSION, conversations, events, feedback, metadata, runs, snapshots


def migrate(connection: Connection, version: int) -> None:
    """Take a database from `version`, 0 for an empty file, to the present one."""
    metadata.create_all(connection)  # leaves tables alone that are there
    if version == 0:
        search.create(connection)
    else:
        for step in _STEPS[version - 1 :]:
            step(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _add_search(connection: Connection) -> None:
    for index in conversations.indexes:
        index.create(connection, checkfirst=True)
    search.create(connection)


def _make_runs_a_tree(connection: Connection) -> None:
    for addition in (
        "conversations ADD COLUMN tip VARCHAR",
        "conversations ADD COLUMN titled_by VARCHAR NOT NULL DEFAULT 'prompt'",
        "runs ADD COLUMN parent VARCHAR REFERENCES runs (id)",
        "runs ADD COLUMN continues BOOLEAN NOT NULL DEFAULT 0",
        "snapshots RENAME TO snapshots_in_a_row",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {addition}")
    for index in runs.indexes:
        index.create(connection, checkfirst=True)
    snapshots.create(connection)
    for conversation in connection.execute(select(conversations.c.id)).scalars().all():
        _put_in_a_row(connection, conversation)
    connection.exec_driver_sql("DROP TABLE snapshots_in_a_row")


def _put_in_a_row(connection: Connection, conversation: str) -> None:
    """A conversation's runs followed one another, and so did the patches between their states."""
    query = select(runs.c.id).where(runs.c.conversation == conversation).order_by(runs.c.started)
    ids = connection.execute(query).scalars().all()
    for before, after in pairwise(ids):
        connection.execute(update(runs).where(runs.c.id == after).values(parent=before))
    connection.execute(update(conversations).where(conversations.c.id == conversation).values(tip=ids[-1] if ids else None))
    old = connection.exec_driver_sql("SELECT run, patch FROM snapshots_in_a_row WHERE conversation = ? ORDER BY seq", (conversation,)).all()
    for base, (run, patch) in zip([None, *(run for run, _ in old)], old, strict=False):
        connection.execute(insert(snapshots).values(run=run, conversation=conversation, base=base, patch=packed(json.loads(patch))))


def _give_events_row_ids(connection: Connection) -> None:
    search.drop_index(connection)  # its view would follow the table's old name
    connection.exec_driver_sql("ALTER TABLE events RENAME TO events_without")
    events.create(connection)
    connection.exec_driver_sql("INSERT INTO events SELECT conversation, seq, run, body FROM events_without ORDER BY conversation, seq")
    connection.exec_driver_sql("DROP TABLE events_without")
    search.make_index(connection)


def _add_feedback(connection: Connection) -> None:
    feedback.create(connection, checkfirst=True)


_STEPS: tuple[Callable[[Connection], None], ...] = (_add_search, _make_runs_a_tree, _give_events_row_ids, _add_feedback)
"""From version 1 on."""
