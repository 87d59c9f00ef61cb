"""A conversation's files, whatever code left among them."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from state import workspaces
from state.errors import ConversationNotFound, FileRefused
from state.trees import keep_only
from state.users import User
from state.workspaces import Workspace, Workspaces

ALICE, BOB = User("alice"), User("bob")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Erased afterwards, as pytest cannot erase all that is left in it here."""
    made = Workspaces(tmp_path).of(ALICE, "c1")
    made.create()
    yield made
    made.delete()


def test_each_conversation_has_its_own(tmp_path: Path) -> None:
    """In its user's folder, where nobody else may look."""
    own = Workspaces(tmp_path).of(ALICE, "c1")
    own.add("a.txt", b"mine")

    assert own.folder.parent.parent == tmp_path / "users" / ALICE.key
    assert own.folder.stat().st_mode & 0o777 == 0o700
    assert Workspaces(tmp_path).of(ALICE, "c2").files() == []
    assert Workspaces(tmp_path).of(BOB, "c1").files() == []


@pytest.mark.parametrize("conversation", ["", "..", "a/b", "../c1", "a\x00", "x" * 65])
def test_an_id_that_is_a_path_is_none(tmp_path: Path, conversation: str) -> None:
    with pytest.raises(ConversationNotFound):
        Workspaces(tmp_path).of(ALICE, conversation)


def test_what_is_added_can_be_listed_read_and_removed(workspace: Workspace) -> None:
    added = workspace.add("data/table.csv", b"a,b")
    workspace.add("data/table.csv", b"a,b,c")

    assert added.name == "data/table.csv"
    assert [(file.name, file.bytes) for file in workspace.files()] == [("data/table.csv", 5)]
    assert workspace.read("data/table.csv") == b"a,b,c"
    assert (workspace.usage().bytes, workspace.usage().files) == (5, 2)
    workspace.remove("data/table.csv")
    workspace.remove("data/table.csv")
    assert workspace.files() == []


@pytest.mark.parametrize(
    "name", ["", ".", "/etc/passwd", "../secret", "a/../../secret", "a\nb", "a\x00b", "\udcff", "..\\secret", "x" * 300]
)
def test_a_name_that_is_not_safe_is_refused(workspace: Workspace, name: str) -> None:
    """For reading, writing and removing alike."""
    (workspace.folder.parent / "secret").write_text("secret")

    for act in (workspace.read, workspace.remove, lambda name: workspace.add(name, b"")):
        with pytest.raises(FileRefused):
            act(name)
    assert (workspace.folder.parent / "secret").read_text() == "secret"


def test_links_are_neither_followed_nor_listed(workspace: Workspace, tmp_path: Path) -> None:
    """Writing through one is refused, or replaces it."""
    (tmp_path / "secret").write_text("secret")
    (workspace.folder / "link").symlink_to(tmp_path / "secret")
    (workspace.folder / "folder").symlink_to(tmp_path)

    assert workspace.files() == []
    assert workspace.usage().bytes == 0
    for name in ("link", "folder/secret"):
        with pytest.raises(FileRefused):
            workspace.read(name)
    with pytest.raises(FileRefused):
        workspace.add("folder/new", b"")
    workspace.add("link", b"own")
    assert workspace.read("link") == b"own"
    assert (tmp_path / "secret").read_text() == "secret"


def test_what_is_no_file_is_not_opened(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would never end."""
    os.mkfifo(workspace.folder / "pipe")
    (workspace.folder / "folder").mkdir()
    monkeypatch.chdir(workspace.folder)  # a socket's own path has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "folder", "socket", "missing"):
            with pytest.raises(FileRefused):
                workspace.read(name)

    assert workspace.files() == []
    with pytest.raises(FileRefused):
        workspace.add("folder", b"")
    assert sorted(path.name for path in workspace.folder.iterdir()) == ["folder", "pipe", "socket"]


def test_too_large_is_refused_with_the_limit(workspace: Workspace) -> None:
    with pytest.raises(FileRefused, match="larger than 100 MB"):
        workspace.add("large", bytes(workspaces.FILE_BYTES + 1))
    for number in range(5):
        with (workspace.folder / f"hole-{number}").open("wb") as file:
            file.truncate(workspaces.FILE_BYTES)

    with pytest.raises(FileRefused, match="more than 500 MB together"):
        workspace.add("one-more", b"x")
    assert len(workspace.files()) == 5


def test_a_name_that_is_not_text_is_left_out(workspace: Workspace) -> None:
    """It counts all the same, and is deleted with the rest."""
    Path(os.fsdecode(os.fsencode(workspace.folder) + b"/caf\xe9")).write_text("coffee")

    assert workspace.files() == []
    assert workspace.usage().bytes == 6
    workspace.delete()
    assert not workspace.folder.exists()


def test_anything_can_be_deleted(workspace: Workspace, tmp_path: Path) -> None:
    """Folders nobody may enter, links to elsewhere, and more levels than a path can say."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("kept")
    (workspace.folder / "link").symlink_to(tmp_path / "elsewhere")
    workspace.add("shut/file", b"")
    (workspace.folder / "shut").chmod(0)
    _nest(workspace.folder, 3000)
    _nest(workspace.folder / "other", 50)
    workspace.delete()
    workspace.delete()

    assert not workspace.folder.exists()
    assert (tmp_path / "elsewhere" / "kept").exists()


def test_what_cannot_be_looked_into_is_noticed(workspace: Workspace) -> None:
    _nest(workspace.folder, 3000)

    assert not workspace.usage().is_readable


def test_all_but_some_files_can_be_removed(workspace: Workspace) -> None:
    for name in ("kept.txt", "a/kept.txt", "a/gone.txt", "b/c/gone.txt"):
        workspace.add(name, b"")
    (workspace.folder / "link").symlink_to("kept.txt")
    keep_only(workspace.folder, {"kept.txt", "a/kept.txt"})

    assert sorted(str(path.relative_to(workspace.folder)) for path in workspace.folder.rglob("*")) == ["a", "a/kept.txt", "kept.txt"]


def _nest(folder: Path, levels: int) -> None:
    folder.mkdir(exist_ok=True)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
