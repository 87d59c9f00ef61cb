"""A folder of files for each conversation, where agents' code works. What lies in it is never trusted.

Code may have left links, pipes, folders nobody may enter or a million files, so nothing here follows a link, opens a pipe or recurses.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from state import paths
from state.database import said_in_words
from state.errors import ConversationNotFound, FileRefused, quoted
from state.trees import Usage, erase, files_below, usage
from state.users import User
from state.values import Value

FILE_BYTES = 100_000_000
"""The largest file a person may add or read, and a block of code may write."""
WORKSPACE_BYTES = 500_000_000
WORKSPACE_FILES = 10_000
NAME_BYTES = 255
"""What file systems take for one part of a name."""


class WorkspaceFile(Value):
    """A regular file in a workspace."""

    name: str
    """Its path inside, with `/` between the parts."""
    bytes: int


@dataclass(frozen=True)
class Workspace:
    """One conversation's files. All methods may be called from any thread."""

    folder: Path

    def create(self) -> None:
        """Make the folder where there is none. Raises StoreUnavailable."""
        with said_in_words():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def files(self) -> list[WorkspaceFile]:
        """The regular files by name, the first ten thousand. A name that is not text is left out."""
        found = files_below(self.folder, limit=WORKSPACE_FILES)
        return [WorkspaceFile(name=name, bytes=about.st_size) for name, about in sorted(found.items()) if _is_sayable(name)]

    def marks(self) -> dict[str, tuple[int, ...]]:
        """What changes with each file's content: compare two to see what was made or changed between."""
        found = files_below(self.folder, limit=WORKSPACE_FILES)
        return {name: (about.st_ino, about.st_size, about.st_mtime_ns) for name, about in found.items()}

    def usage(self) -> Usage:
        return usage(self.folder, bytes_limit=WORKSPACE_BYTES, files_limit=WORKSPACE_FILES)

    def read(self, name: str) -> bytes:
        """A file's content. Raises FileRefused for a name that is not safe, not there, or not a regular file of a bearable size."""
        with self._opened(name, os.O_RDONLY | os.O_NONBLOCK) as file:
            about = os.fstat(file)
            if not stat.S_ISREG(about.st_mode):
                raise FileRefused(f"{quoted(name)} is not a file that can be read.")
            if about.st_size > FILE_BYTES:
                raise FileRefused(f"{quoted(name)} is larger than {_megabytes(FILE_BYTES)}.")
            with os.fdopen(os.dup(file), "rb") as reading:
                return reading.read(FILE_BYTES)

    def add(self, name: str, content: bytes) -> WorkspaceFile:
        """Write a file, in the place of one that has the name. Raises FileRefused or StoreUnavailable."""
        self.require_room(name, content)
        self.create()
        return self._write(name, content)

    def require_room(self, name: str, content: bytes) -> None:
        """Raises FileRefused for a name that is not safe, and for more than the workspace takes."""
        safe_parts(name)
        if len(content) > FILE_BYTES:
            raise FileRefused(f"{quoted(name)} is larger than {_megabytes(FILE_BYTES)}.")
        if self.usage().bytes + len(content) > WORKSPACE_BYTES:
            raise FileRefused(
                f"With {quoted(name)} the files of this conversation would be more than {_megabytes(WORKSPACE_BYTES)} together."
            )

    def become(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Have these files and nothing else, whatever there was. They fitted in here once. Raises FileRefused or StoreUnavailable."""
        self.delete()
        self.create()
        for name, content in files:
            self._write(name, content)

    def remove(self, name: str) -> None:
        """Remove a file or a link. One that is not there is fine. Raises FileRefused."""
        parts = safe_parts(name)
        with suppress(FileNotFoundError), self._folder_of(name, parts) as folder:
            os.unlink(parts[-1], dir_fd=folder)

    def delete(self) -> None:
        """Remove the folder and all in it, whatever code left there. Raises StoreUnavailable."""
        with said_in_words():
            erase(self.folder)

    def _write(self, name: str, content: bytes) -> WorkspaceFile:
        parts = safe_parts(name)
        with self._folder_of(name, parts, create=True) as folder, said_in_words():
            _replace(folder, parts[-1], content)
        return WorkspaceFile(name="/".join(parts), bytes=len(content))

    @contextmanager
    def _opened(self, name: str, flags: int) -> Iterator[int]:
        parts = safe_parts(name)
        with self._folder_of(name, parts) as folder:
            try:
                file = os.open(parts[-1], flags | os.O_NOFOLLOW, dir_fd=folder)
            except OSError:
                raise FileRefused(f"There is no file {quoted(name)} here that can be read.") from None
        try:
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _folder_of(self, name: str, parts: tuple[str, ...], *, create: bool = False) -> Iterator[int]:
        """A descriptor of the folder that has the file, gone into step by step: a link in between is refused even if made just now."""
        try:
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            raise FileRefused(f"There is no file {quoted(name)} here that can be read.") from None
        try:
            for part in parts[:-1]:
                folder = _step(folder, part, name, create=create)
            yield folder
        finally:
            os.close(folder)


class Workspaces:
    """The one door to workspaces."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def of(self, user: User, conversation: str) -> Workspace:
        """Raises ConversationNotFound for an id that could not be one; whether it is this user's is the store's to say."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", conversation):
            raise ConversationNotFound
        return Workspace(paths.workspace_folder(self._data_dir, user, conversation))


def safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a relative name that stays inside. Raises FileRefused."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or not all(map(_is_plain, parts)):
        raise FileRefused(
            f"{quoted(ascii(name[:100]))} is not a name for a file here: it has to be relative, stay inside and be plain text."
        )
    return parts


def _is_plain(part: str) -> bool:
    return part.isprintable() and "\\" not in part and len(part.encode("utf-8", "surrogatepass")) <= NAME_BYTES


def _is_sayable(name: str) -> bool:
    return all(map(_is_plain, name.split("/")))


def _step(folder: int, part: str, name: str, *, create: bool) -> int:
    try:
        if create:
            with suppress(FileExistsError):
                os.mkdir(part, mode=0o700, dir_fd=folder)
        below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        raise FileRefused(f"There is no folder for {quoted(name)} here that can be used.") from None
    os.close(folder)
    return below


def _replace(folder: int, name: str, content: bytes) -> None:
    """Write beside and rename, so that a link or a pipe of the name is replaced and not written through."""
    new = f".{os.urandom(8).hex()}.new"
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as writing:
            writing.write(content)
        os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        os.unlink(new, dir_fd=folder)
        if isinstance(error, IsADirectoryError):
            raise FileRefused(f"{quoted(name)} is a folder here.") from None
        raise


def _megabytes(size: int) -> str:
    return f"{size // 1_000_000} MB"
