"""A copy of the data folder, taken while the server works on it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from state import backup, paths
from state.checkup import check_users
from state.errors import SettingsError
from state.events import UserMessage
from state.folder import DataFolder
from state.sizes import bytes_used
from state.store import Stores
from state.trees import erase
from tests.conftest import ALICE


def test_a_copy_has_what_was_committed(tmp_path: Path) -> None:
    """What is still in the write-ahead log too; and a server starts on it, with the same secret."""
    folder, stores = DataFolder(tmp_path / "data"), Stores(tmp_path / "data")
    stores.of(ALICE).begin_run(None, "assistant", UserMessage(text="Hello"), "m")
    work = paths.workspace_folder(tmp_path / "data", ALICE, "c")
    work.mkdir(parents=True)
    (work / "result.csv").write_text("1")
    backup.back_up(tmp_path / "data", tmp_path / "copy")
    stores.close()
    folder.release()

    assert all(finding.is_good for finding in check_users(tmp_path / "copy"))
    restored, again = DataFolder(tmp_path / "copy"), Stores(tmp_path / "copy")
    assert again.of(ALICE).conversations(5)[0].title == "Hello"
    assert restored.secret == folder.secret
    assert (paths.workspace_folder(tmp_path / "copy", ALICE, "c") / "result.csv").read_text() == "1"
    again.close()
    restored.release()


@pytest.fixture
def nested(tmp_path: Path) -> Iterator[Path]:
    """A workspace with a file, and folders deeper than a path can say. Erased afterwards, as pytest cannot."""
    work = paths.workspace_folder(tmp_path / "data", ALICE, "c")
    work.mkdir(parents=True)
    (work / "result.csv").write_text("1" * 1000)
    here = os.open(work, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    yield work
    erase(work)


def test_what_code_nested_too_deeply_is_named(nested: Path, tmp_path: Path) -> None:
    """The rest is copied, and its size is measured, though Python would not recurse that far."""
    count, hidden = backup.back_up(tmp_path / "data", tmp_path / "copy")

    assert (count, bytes_used(tmp_path / "data")) == (1, 1000)
    assert len(hidden) == 1
    assert hidden[0].is_relative_to(nested)


def test_nothing_is_copied_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "there").mkdir()
    for to in (tmp_path / "there", tmp_path / "data" / "inside"):
        with pytest.raises(SettingsError):
            backup.back_up(tmp_path / "data", to)
    with pytest.raises(SettingsError):
        backup.back_up(tmp_path / "none", tmp_path / "copy")
