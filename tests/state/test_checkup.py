"""Whether what is on disk is sound."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agents import doctor
from state import paths
from state.checkup import check_disk, check_file, check_users
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from tests.conftest import ALICE, BOB


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Alice's database with two turns."""
    stores = Stores(tmp_path / "data")
    store, conversation = stores.of(ALICE), None
    for turn in range(2):
        run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Hello"), "m")
        store.end_run(run, [AgentMessage(source="assistant", text="Hi.")], RunEnded(status="finished"), {"said": [turn]})
        conversation = run.conversation
    stores.of(BOB)
    assert all(finding.is_good for finding in store.check())
    stores.close()
    return paths.database_file(tmp_path / "data", ALICE)


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def bad(file: Path) -> list[str]:
    return [finding.name for finding in check_file(file) if not finding.is_good]


def test_a_sound_file(file: Path, tmp_path: Path) -> None:
    assert bad(file) == []
    assert [finding.sentence for finding in check_users(tmp_path / "data")] == ["Those of 2 users are sound."]
    assert check_disk(tmp_path).name == "Disk"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM events WHERE seq = 3", "Events"),
        ("DELETE FROM events WHERE seq = 8", "Events"),
        ("UPDATE snapshots SET patch = x'00'", "Agents’ states"),
        ("PRAGMA user_version = 99", "Database"),
    ],
)
def test_what_is_wrong_is_found(file: Path, tmp_path: Path, statement: str, name: str) -> None:
    """In a file that a server may be working on, and named by its user's folder where there are many."""
    change(file, statement)

    assert name in bad(file)
    assert f"{name} of {ALICE.key}" in [finding.name for finding in check_users(tmp_path / "data")]


def test_each_state_is_loaded_once(tmp_path: Path) -> None:
    """However many turns built on one another: ten times the turns, about ten times the work."""
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1

    def work(turns: int) -> int:
        nonlocal done
        stores = Stores(tmp_path / str(turns))
        store, conversation = stores.of(ALICE), None
        for turn in range(turns):
            run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Hello"), "m")
            store.end_run(run, [], RunEnded(status="finished"), {"said": [turn]})
            conversation = run.conversation
        store.check()
        done = 0
        sys.setprofile(count)
        store.check()
        sys.setprofile(None)
        stores.close()
        return done

    assert work(100) < 10 * work(10)


def test_a_file_that_is_none(file: Path) -> None:
    file.write_bytes(b"no database at all, and long enough to be looked at" * 100)

    assert bad(file) == ["Database"]


def test_the_doctor_speaks(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each thing; the exit code says whether something is wrong."""
    monkeypatch.setenv("ROUNDTABLE_CODE_EXECUTION", "off")
    assert doctor.main() == 0
    assert "ok  Conversations: Those of 2 users are sound." in capsys.readouterr().out
    change(file, "DELETE FROM events WHERE seq = 3")
    assert doctor.main() == 1
    assert "BAD Events of alice-" in capsys.readouterr().out
    monkeypatch.setenv("ROUNDTABLE_AUTH", "header")
    assert doctor.main() == 1
