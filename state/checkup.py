"""Whether what a user has on disk is sound."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from state import history, paths
from state.tables import SCHEMA_VERSION, events, runs, snapshots

ENOUGH_BYTES = 500_000_000
"""Free disk below which it is said."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    is_good: bool
    sentence: str


def check_database(connection: Connection) -> list[Finding]:
    """Look at one user's file: its pages, its events' numbers, and whether every snapshot loads."""
    damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if damage != "ok":
        return [Finding("Database", False, "The file is damaged. Restore it from a backup.")]
    gaps, torn = list(_gaps(connection)), list(_torn(connection))
    count = connection.execute(select(func.count()).select_from(events)).scalar_one()
    states = connection.execute(select(func.count()).select_from(snapshots)).scalar_one()
    return [
        _said("Events", gaps, f"{count:,} events, numbered without a gap.", "The log has a gap or no end in the conversations"),
        _said("Agents’ states", torn, f"All {states:,} load.", "An agent’s state does not load in the conversations"),
    ]


def check_file(file: Path) -> list[Finding]:
    """The same for a file that a server may be working on: it is only read."""
    engine = create_engine(f"sqlite:///{file.absolute().as_uri()}?mode=ro&uri=true", hide_parameters=True)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version != SCHEMA_VERSION:
                return [
                    Finding("Database", version < SCHEMA_VERSION, f"It is of version {version}; this Roundtable writes {SCHEMA_VERSION}.")
                ]
            return check_database(connection)
    except SQLAlchemyError as error:
        return [Finding("Database", False, f"It cannot be read: {type(error).__name__}.")]
    finally:
        engine.dispose()


def check_users(data_dir: Path) -> list[Finding]:
    """Look at every user's file. What is sound is one finding; what is not is named by its folder."""
    files = sorted(paths.users_folder(data_dir).glob("*/conversations.sqlite"))
    bad = [
        Finding(f"{finding.name} of {file.parent.name}", False, finding.sentence)
        for file in files
        for finding in check_file(file)
        if not finding.is_good
    ]
    users = "1 user" if len(files) == 1 else f"{len(files)} users"
    return bad or [Finding("Conversations", True, f"Those of {users} are sound.")]


def check_disk(data_dir: Path) -> Finding:
    free = shutil.disk_usage(data_dir).free
    return Finding("Disk", free >= ENOUGH_BYTES, f"{free / 1e9:,.1f} GB are free where conversations are kept.")


def _gaps(connection: Connection) -> Iterator[str]:
    """Conversations whose events are not numbered from 1 on, or that have a run marked as ended without its end."""
    query = select(events.c.conversation, func.count(), func.min(events.c.seq), func.max(events.c.seq)).group_by(events.c.conversation)
    for conversation, count, first, last in connection.execute(query):
        if (first, last) != (1, count):
            yield conversation
    ends = select(events.c.run).where(events.c.body.like('%"run_ended"%'))
    yield from connection.execute(select(runs.c.conversation).where(runs.c.ended.is_not(None), runs.c.id.not_in(ends)).distinct()).scalars()


def _torn(connection: Connection) -> Iterator[str]:
    """Loading the last states loads all that they build on."""
    bases = select(snapshots.c.base).where(snapshots.c.base.is_not(None))
    last = select(snapshots.c.run, snapshots.c.conversation).where(snapshots.c.run.not_in(bases))
    for run, conversation in connection.execute(last).all():
        try:
            history.state_at(connection, run)
        except Exception:  # whatever is wrong with it, it does not load
            yield conversation


def _said(name: str, bad: Sequence[str], good: str, wrong: str) -> Finding:
    return Finding(name, not bad, f"{wrong} {', '.join(sorted(set(bad)))}." if bad else good)
