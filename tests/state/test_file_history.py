"""What the files of a conversation were, kept after each run."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from state.file_history import FileHistories, FileHistory
from state.workspaces import Workspaces
from tests.conftest import ALICE


@pytest.fixture
def open_history(tmp_path: Path) -> Callable[[str], FileHistory]:
    histories = FileHistories(tmp_path, Workspaces(tmp_path))
    return lambda conversation: histories.of(ALICE, conversation)


def contents(history: FileHistory) -> dict[str, bytes]:
    return {file.name: history.workspace.read(file.name) for file in history.workspace.files()}


def calls(work: Callable[[], object]) -> int:
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1

    sys.setprofile(count)
    work()
    sys.setprofile(None)
    return done


def test_files_go_back_and_forth(open_history: Callable[[str], FileHistory]) -> None:
    history = open_history("c")
    history.workspace.add("a.txt", b"one")
    history.end("first")
    history.workspace.add("a.txt", b"two")
    history.workspace.add("folder/b.txt", b"new")
    history.end("second")
    history.go_to(["first"])

    assert contents(history) == {"a.txt": b"one"}
    history.go_to(["first", "second"])
    assert contents(history) == {"a.txt": b"two", "folder/b.txt": b"new"}
    history.go_to([])
    assert contents(history) == {}


def test_many_files_cost_what_they_are(open_history: Callable[[str], FileHistory]) -> None:
    """Code may unpack thousands: keeping and laying down each must not look at all the others."""
    kept, laid_down = [], []
    for count in (40, 400):
        history = open_history(f"c{count}")
        for number in range(count):
            history.workspace.add(f"{number}.txt", f"content {number}".encode())
        kept.append(calls(lambda history=history: history.end("r")))  # type: ignore[misc]
        history.workspace.delete()
        laid_down.append(calls(lambda history=history: history.go_to(["r"])))  # type: ignore[misc]

    assert kept[1] < 15 * kept[0]
    assert laid_down[1] < 15 * laid_down[0]
