"""Databases that earlier versions wrote, opened by this one."""

import json
import sqlite3
import zlib
from collections.abc import Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from state import paths
from state.conversations import Beginning
from state.events import AgentMessage, ImageDescribed, RunEnded, UserMessage
from state.store import Store, Stores
from state.tables import SCHEMA_VERSION
from tests.conftest import ALICE, BOB

EARLIER = range(1, SCHEMA_VERSION)
"""Each has a file `version_N.sql` with what its tables had otherwise than those of the version before."""
PROMPTS = ("One", "Two", "Three")
RUNS = ("r1", "r2", "r3")
PATCHES = (
    {"value": {"messages": ["One"]}},
    {"set": {"messages": {"keep": 1, "add": ["Two"]}}, "drop": []},
    {"set": {"messages": {"keep": 2, "add": ["Three"]}}, "drop": []},
)


def write(file: Path, version: int) -> None:
    """Make the database of one conversation with three turns, as a version left it."""
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        for each in range(1, version + 1):
            connection.executescript((Path(__file__).parent / f"version_{each}.sql").read_text())
        _write_log(connection)
        if version < 3:
            rows = [(4 * turn, run, json.dumps(patch)) for turn, (run, patch) in enumerate(zip(RUNS, PATCHES, strict=True), start=1)]
            connection.executemany("INSERT INTO snapshots VALUES ('c1', ?, ?, ?)", rows)
        else:
            _write_tree(connection)
        if version >= 2:
            connection.execute(
                "INSERT INTO said (conversation, seq) SELECT conversation, seq FROM events WHERE seq % 4 IN (1, 3) ORDER BY seq"
            )
            connection.execute("INSERT INTO said_words (rowid, text) SELECT id, text FROM said_text")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def _write_log(connection: sqlite3.Connection) -> None:
    """The columns that all versions have."""
    about = {"id": "c1", "mode": "assistant", "title": "One", "created": 5, "updated": 7, "options": "{}"}
    _insert(connection, "conversations", about)
    for turn, (prompt, run) in enumerate(zip(PROMPTS, RUNS, strict=True)):
        took = {"prompt_tokens": 3, "completion_tokens": 4, "seconds": 0.5}
        record = {"id": run, "conversation": "c1", "status": "finished", "model": "demo", "started": 5 + turn, "ended": 5 + turn}
        _insert(connection, "runs", record | took)
        bodies: tuple[dict[str, object], ...] = (
            {"source": "user", "type": "user_message", "text": prompt},
            {"source": "roundtable", "type": "run_started", "model": "demo"},
            {"source": "assistant", "type": "agent_message", "text": f"{prompt}!", "usage": None, "is_partial": False},
            {"source": "roundtable", "type": "run_ended", "status": "finished", "reason": "", "seconds": 0.5, "cost": None},
        )
        rows = [(4 * turn + place, run, json.dumps({**body, "time": "2026-11-22T13:49:32Z"})) for place, body in enumerate(bodies, start=1)]
        connection.executemany("INSERT INTO events VALUES ('c1', ?, ?, ?)", rows)


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))  # noqa: S608  # names of our own


def _write_tree(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE conversations SET tip = 'r3'")
    connection.executemany("UPDATE runs SET parent = ? WHERE id = ?", pairwise(RUNS))
    rows = [(run, base, zlib.compress(json.dumps(patch).encode())) for run, base, patch in zip(RUNS, (None, *RUNS), PATCHES, strict=False)]
    connection.executemany("INSERT INTO snapshots VALUES (?, 'c1', ?, ?)", rows)


@pytest.fixture(params=EARLIER)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    write(paths.database_file(tmp_path, ALICE), request.param)
    return Stores(tmp_path).of(ALICE)


def told(store: Store) -> list[str]:
    """The prompts of the transcript, which the agents' state knows just as well."""
    tip = store.conversation("c1").tip
    said = [entry.event.text for entry in store.transcript("c1", 100).entries if isinstance(entry.event, UserMessage)]

    assert store.memory("c1", tip) == ({"messages": said}, [])
    return said


def test_all_of_it_is_there(store: Store) -> None:
    assert told(store) == ["One", "Two", "Three"]
    assert [run.parent for run in store.runs("c1")] == [None, "r1", "r2"]
    assert [run.id for run in store.runs("c1") if run.continues] == []
    assert store.totals("c1").usage.completion_tokens == 12
    assert [(hit.conversation.id, hit.seq) for hit in store.search("two")] == [("c1", 7), ("c1", 5)]
    assert all(finding.is_good for finding in store.check())


def test_it_goes_on_as_any_other(store: Store) -> None:
    """With turns asked anew, descriptions of pictures, and a deletion that leaves nothing to be found."""
    run, _ = store.begin_run("c1", "assistant", UserMessage(text="Two again"), "demo", Beginning(instead_of="r2"))
    described = ImageDescribed(source="observer", image="0" * 64, name="a", title="A lighthouse")
    answer = AgentMessage(source="assistant", text="Again!")
    store.end_run(run, [described, answer], RunEnded(status="finished"), {"messages": ["One", "Two again"]})

    assert told(store) == ["One", "Two again"]
    assert [hit.seq for hit in store.search("again")] == [16, 13]
    assert [hit.seq for hit in store.search("lighthouse")] == [15]
    store.delete("c1")
    assert store.search("two") == []
    assert store.count() == 0


def shape(file: Path) -> dict[str, object]:
    """Every table's columns and whether it has row ids, and every index and view as it was made."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        tables = {name: "WITHOUT ROWID" in sql for kind, name, sql in made if kind == "table"}
        columns = {name: {column[1:] for column in connection.execute(f"PRAGMA table_info({name})")} for name in tables}
        return {"row ids": tables, **columns, **{name: " ".join(sql.split()) for kind, name, sql in made if kind != "table"}}


@pytest.mark.parametrize("version", EARLIER)
def test_it_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    """Columns, indices and views: what an old file lacked would only show in its speed, or when it is first needed."""
    old, new = (paths.database_file(tmp_path, user) for user in (ALICE, BOB))
    write(old, version)
    stores = Stores(tmp_path)
    for user in (ALICE, BOB):
        stores.of(user)
    stores.close()

    assert shape(old) == shape(new)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
