"""Whether what is on disk is sound."""

import sqlite3
import sys
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agents import doctor
from agents.application import Application
from agents.images.checking import is_picture
from agents.images.preparing import prepare
from agents.workroom import Workrooms
from state import paths
from state.checkup import check_disk, check_file, check_users
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from tests.conftest import ALICE, BOB
from tests.provider import Provider, Reply


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Alice's database with two turns."""
    stores = Stores(tmp_path / "data")
    store, conversation = stores.of(ALICE), None
    for turn in range(2):
        picture = prepare(png(turn), "a.png")
        prompt = UserMessage(text="Hello", images=(picture.stored,))
        run, _ = store.begin_run(conversation, "assistant", prompt, "m", images={picture.stored.id: picture.data})
        store.end_run(run, [AgentMessage(source="assistant", text="Hi.")], RunEnded(status="finished"), {"said": [turn]})
        conversation = run.conversation
    stores.of(BOB)
    assert all(finding.is_good for finding in store.check())
    stores.close()
    return paths.database_file(tmp_path / "data", ALICE)


def png(grey: int) -> bytes:
    written = BytesIO()
    Image.new("L", (9, 9), grey).save(written, "PNG")
    return written.getvalue()


def change(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


def bad(file: Path) -> list[str]:
    return [finding.name for finding in check_file(file) if not finding.is_good]


def test_a_sound_file(file: Path, tmp_path: Path) -> None:
    assert bad(file) == []
    sentence = "Those of 2 users are sound. Of pictures, up to 100 of each user were looked at."
    assert [finding.sentence for finding in check_users(tmp_path / "data")] == [sentence]
    assert check_disk(tmp_path).name == "Disk"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM events WHERE seq = 3", "Events"),
        ("DELETE FROM events WHERE seq = 8", "Events"),
        ("UPDATE snapshots SET patch = x'00'", "Agents’ states"),
        ("UPDATE images SET data = substr(data, 1, length(data) - 9)", "Pictures"),
        ("DELETE FROM images", "Pictures"),
        ("PRAGMA user_version = 99", "Database"),
    ],
)
def test_what_is_wrong_is_found(file: Path, tmp_path: Path, statement: str, name: str) -> None:
    """In a file that a server may be working on, and named by its user's folder where there are many."""
    change(file, statement)

    assert name in bad(file)
    assert f"{name} of {ALICE.key}" in [finding.name for finding in check_users(tmp_path / "data")]


def test_what_is_no_picture_is_found_though_nobody_changed_it(file: Path) -> None:
    """Its bytes are what its name says, and no decoder takes them."""
    text = b"no picture"
    id = sha256(text).hexdigest()
    change(file, "DELETE FROM images")
    change(file, "INSERT INTO images (id, data) VALUES (?, ?)", id, text)
    change(file, "UPDATE image_uses SET image = ?", id)

    assert bad(file) == []
    assert [finding.name for finding in check_file(file, is_picture) if not finding.is_good] == ["Pictures"]


def test_of_many_pictures_some_are_looked_at_and_that_is_said(file: Path) -> None:
    sentences = [[finding.sentence for finding in check_file(file, is_picture, most=most)][-1] for most in (1, 2)]

    assert sentences == ["1 of 2 were looked at, and these decode.", "All 2 decode."]


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
    said = capsys.readouterr().out
    assert "ok  Conversations: Those of 2 users are sound." in said
    assert "It was not asked" in said
    change(file, "DELETE FROM events WHERE seq = 3")
    assert doctor.main() == 1
    assert "BAD Events of alice-" in capsys.readouterr().out
    monkeypatch.setenv("ROUNDTABLE_AUTH", "header")
    assert doctor.main() == 1


def test_the_model_is_asked(app: Application, provider: Provider) -> None:
    """What it takes counts for whoever looks; what refuses it is said."""
    provider.enqueue(Reply("Paris.", usage=(20, 5)), Reply(status=401))
    store = app.store(ALICE)
    found = [next(finding for finding in doctor.examine(app, store) if finding.name == "Model") for _ in range(2)]

    assert [(finding.is_good, said in finding.sentence) for finding, said in zip(found, ("It answered.", "key"), strict=True)] == [
        (True, True),
        (False, True),
    ]
    assert app.shares.spent_today(ALICE) == 25


def test_a_server_whose_loop_has_ended_is_looked_at_all_the_same(app: Application) -> None:
    app.loop.close()

    assert [finding.name for finding in doctor.examine(app, app.store(ALICE)) if not finding.is_good] == ["Agents"]


def test_the_sandbox_is_measured_once_a_minute_however_many_ask(app: Application) -> None:
    moment = 0.0
    workrooms = Workrooms(app.settings, app.loop, app.files, clock=lambda: moment)
    first = workrooms.look_again()
    assert workrooms.look_again() is first
    moment = 60.0
    second = workrooms.look_again()
    assert second is not first
    assert first.result().sentence == second.result().sentence
