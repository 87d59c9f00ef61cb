"""Whether what a user has on disk is sound."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from state import history, paths, pictures
from state.tables import SCHEMA_VERSION, events, image_uses, runs, snapshots

ENOUGH_BYTES = 500_000_000
"""Free disk below which it is said."""
MOST_PICTURES = 100
"""So many are looked at, of more those that chance picks: decoding takes some milliseconds for each."""

IsPicture = Callable[[bytes], bool]
"""Whether bytes decode, which is not for this part of the house to say."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    is_good: bool
    sentence: str


def check_database(connection: Connection, is_picture: IsPicture = bool, *, most: int = MOST_PICTURES) -> list[Finding]:
    """Look at one user's file: its pages, its events' numbers, whether every snapshot loads, and whether pictures are whole."""
    damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if damage != "ok":
        return [Finding("Database", False, "The file is damaged. Restore it from a backup.")]
    gaps, torn = list(_gaps(connection)), list(_torn(connection))
    count = connection.execute(select(func.count()).select_from(events)).scalar_one()
    states = connection.execute(select(func.count()).select_from(snapshots)).scalar_one()
    return [
        _said("Events", gaps, f"{count:,} events, numbered without a gap.", "The log has a gap or no end in the conversations"),
        _said("Agents’ states", torn, f"All {states:,} load.", "An agent’s state does not load in the conversations"),
        _check_pictures(connection, is_picture, most),
    ]


def check_file(file: Path, is_picture: IsPicture = bool, *, most: int = MOST_PICTURES) -> list[Finding]:
    """The same for a file that a server may be working on: it is only read."""
    engine = create_engine(f"sqlite:///{file.absolute().as_uri()}?mode=ro&uri=true", hide_parameters=True)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version != SCHEMA_VERSION:
                return [
                    Finding("Database", version < SCHEMA_VERSION, f"It is of version {version}; this Roundtable writes {SCHEMA_VERSION}.")
                ]
            return check_database(connection, is_picture, most=most)
    except SQLAlchemyError as error:
        return [Finding("Database", False, f"It cannot be read: {type(error).__name__}.")]
    finally:
        engine.dispose()


def check_users(data_dir: Path, is_picture: IsPicture = bool) -> list[Finding]:
    """Look at every user's file. What is sound is one finding; what is not is named by its folder.

    Of more than ten users fewer pictures are looked at of each.
    """
    files = sorted(paths.users_folder(data_dir).glob("*/conversations.sqlite"))
    most = max(1, 10 * MOST_PICTURES // max(10, len(files)))
    bad = [
        Finding(f"{finding.name} of {file.parent.name}", False, finding.sentence)
        for file in files
        for finding in check_file(file, is_picture, most=most)
        if not finding.is_good
    ]
    users = "1 user" if len(files) == 1 else f"{len(files)} users"
    return bad or [Finding("Conversations", True, f"Those of {users} are sound. Of pictures, up to {most} of each user were looked at.")]


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


def _check_pictures(connection: Connection, is_picture: IsPicture, most: int) -> Finding:
    """Each is there, is what its id says, the SHA-256 of its bytes, and decodes."""
    used = select(image_uses.c.image).distinct().subquery()
    count = connection.execute(select(func.count()).select_from(used)).scalar_one()
    looked_at = connection.execute(select(used).order_by(func.random()).limit(most)).scalars().all()
    broken = [id for id in looked_at if not _is_whole(id, pictures.load(connection, id) or b"", is_picture)]
    holding = connection.execute(select(image_uses.c.conversation).where(image_uses.c.image.in_(broken))).scalars().all()
    good = f"All {count:,} decode." if count <= most else f"{most:,} of {count:,} were looked at, and these decode."
    return _said("Pictures", holding, good, "A picture is damaged or missing in the conversations")


def _is_whole(id: str, data: bytes, is_picture: IsPicture) -> bool:
    return sha256(data).hexdigest() == id and is_picture(data)


def _said(name: str, bad: Sequence[str], good: str, wrong: str) -> Finding:
    return Finding(name, not bad, f"{wrong} {', '.join(sorted(set(bad)))}." if bad else good)
