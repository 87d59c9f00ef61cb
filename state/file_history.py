"""What the files of a conversation were after each of its runs, so that they go back with the transcript."""

import hashlib
import json
import os
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from state import paths
from state.database import said_in_words
from state.errors import FileRefused, quoted
from state.events import KeptFile
from state.exports import ExportedFiles
from state.trees import erase
from state.users import User
from state.workspaces import FILE_BYTES, WORKSPACE_BYTES, Workspace, Workspaces, safe_parts

EXPORTED_BYTES = 20_000_000
"""What a conversation file takes along of files."""
HISTORY_BYTES = 2 * WORKSPACE_BYTES
"""What all contents of a conversation may take. Once it is full, later runs leave no files to go back to."""


@dataclass
class FileHistory:
    """One conversation's. Each content is kept once. All methods may be called from any thread, and raise StoreUnavailable."""

    folder: Path
    workspace: Workspace
    _taken: int | None = field(default=None, init=False)
    """What all contents take: counted once, for code may leave thousands of files after each run."""

    def keep(self, name: str) -> KeptFile:
        """Keep a file of the workspace as it is. Raises FileRefused."""
        return self._kept(name, self.workspace.read(name))

    def add(self, name: str, content: bytes) -> KeptFile:
        """Keep a person's file, to be put into the workspace when the run begins that it is for. Raises FileRefused."""
        self.workspace.require_room(name, content)
        name = "/".join(safe_parts(name))
        kept = self._kept(name, content)
        if not kept.sha256:
            raise FileRefused(
                f"{quoted(name)} does not fit: the earlier versions of this conversation's files take up all there is for them."
            )
        return kept

    @contextmanager
    def adding(self, files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[KeptFile, ...]]:
        """Keep a person's files for a run that is begun meanwhile. Where that fails and nothing was here before, nothing stays.

        Raises FileRefused.
        """
        is_first = bool(files) and not self.folder.exists()
        try:
            yield tuple(self.add(name.rpartition("/")[2], content) for name, content in files)
        except BaseException:
            if is_first:
                with said_in_words():
                    erase(self.folder)
            raise

    def size(self) -> int:
        """What a copy of it takes."""
        return self._size() + self.workspace.usage().bytes

    def content(self, file: KeptFile) -> bytes:
        """A file's content as it was when it was kept; of one that was not, as it is. Raises FileRefused."""
        if not file.sha256:
            return self.workspace.read(file.name)
        with suppress(OSError):
            return self._content_file(file.sha256).read_bytes()
        raise FileRefused(f"The content of {quoted(file.name)} is gone.")

    def begin(self, run: str, way: Sequence[str], given: Iterable[KeptFile]) -> None:
        """Make the workspace what the runs `way`, the last being the nearest, left it as, and add what comes with the prompt.

        Raises FileRefused.
        """
        if self._at() != (way[-1] if way else ""):
            self.go_to(way)
        for file in given:
            self.workspace.add(file.name, self.content(file))
        self._set_at(run)

    def end(self, run: str) -> None:
        """Keep what the workspace is after a run."""
        if not self.workspace.folder.exists():
            return
        files = [self.keep(file.name) for file in self.workspace.files() if file.bytes <= FILE_BYTES]
        if all(file.sha256 for file in files):
            self.say(run, {file.name: file.sha256 for file in files})

    def go_to(self, way: Sequence[str]) -> None:
        """Make the workspace what the nearest of these runs left it as, that left anything; before the first run it is empty."""
        if not self.folder.exists():
            return
        known = next((run for run in reversed(way) if self._run_file(run).exists()), None)
        if known is not None or not way:
            self._restore(json.loads(self._run_file(known).read_bytes()) if known else {})
        self._set_at(way[-1] if way else "")

    def copy_to(self, other: "FileHistory", way: Sequence[str], new: Sequence[str]) -> None:
        """Give a copy of the runs `way`, whose ids there are `new`, what these have, and leave the workspace as they did."""
        if not self.folder.exists():
            return
        with said_in_words(), suppress(FileNotFoundError):
            shutil.copytree(self.folder / "contents", other.folder / "contents", dirs_exist_ok=True)
        for run, copied in zip(way, new, strict=True):
            if self._run_file(run).exists():
                other.say(copied, json.loads(self._run_file(run).read_bytes()))
        other.go_to(new)

    def say(self, run: str, contents: Mapping[str, str]) -> None:
        """Set down what a run left: the contents' SHA-256 by the files' names."""
        self._write(self._run_file(run), json.dumps(dict(contents)).encode())

    def exported(self, told_of: Iterable[KeptFile]) -> ExportedFiles:
        """What is taken along: the files there are, and of those told of, what they were, as long as there is room."""
        now, contents, left_out, room = dict[str, str](), dict[str, str](), list[str](), EXPORTED_BYTES
        there = [KeptFile(name=file.name, bytes=file.bytes) for file in self.workspace.files()]
        for file in [*there, *told_of]:
            try:
                content = self.content(file)
            except FileRefused:
                continue
            sha256 = _sha256(content)
            if sha256 not in contents and len(content) > room:
                left_out.append(file.name)
                continue
            room -= 0 if sha256 in contents else len(content)
            contents[sha256] = b64encode(content).decode()
            if file in there:
                now[file.name] = sha256
        return ExportedFiles(now=now, contents=contents, left_out=tuple(dict.fromkeys(left_out)))

    def take_in(self, run: str | None, files: ExportedFiles) -> None:
        """Have the files of a conversation file, as if the run `run` had left them, or nothing. Raises FileRefused."""
        if not files.contents:
            return
        try:
            for sha256, text in files.contents.items():
                self._write(self._content_file(sha256), b64decode(text))
            if run is not None:
                self.say(run, files.now)
                self.go_to([run])
        except BaseException:
            self.delete()
            raise

    def delete(self) -> None:
        """Remove all of it, the workspace too."""
        with said_in_words():
            erase(self.folder)
        self.workspace.delete()

    def _restore(self, wanted: Mapping[str, str]) -> None:
        """All of it anew where anything differs, for code may have left a folder where a file was."""
        if wanted == {file.name: _sha256(self.workspace.read(file.name)) for file in self.workspace.files() if file.bytes <= FILE_BYTES}:
            return
        self.workspace.become((name, self.content(KeptFile(name=name, bytes=0, sha256=sha256))) for name, sha256 in wanted.items())

    def _kept(self, name: str, content: bytes) -> KeptFile:
        sha256 = _sha256(content)
        file = self._content_file(sha256)
        if not file.exists():
            if self._taken is None:
                self._taken = self._size()
            if self._taken + len(content) > HISTORY_BYTES:
                return KeptFile(name=name, bytes=len(content))
            self._write(file, content)
            self._taken += len(content)
        return KeptFile(name=name, bytes=len(content), sha256=sha256)

    def _size(self) -> int:
        with suppress(FileNotFoundError):
            return sum(file.stat().st_size for file in (self.folder / "contents").iterdir())
        return 0

    def _content_file(self, sha256: str) -> Path:
        if len(sha256) != 64 or not all(digit in "0123456789abcdef" for digit in sha256):
            raise FileRefused("That is no name of a content.")
        return self.folder / "contents" / sha256

    def _run_file(self, run: str) -> Path:
        return self.folder / "runs" / f"{hashlib.sha256(run.encode()).hexdigest()}.json"

    def _at(self) -> str:
        with suppress(OSError):
            return (self.folder / "at").read_text(encoding="utf-8")
        return ""

    def _set_at(self, run: str) -> None:
        self._write(self.folder / "at", run.encode())

    @staticmethod
    def _write(file: Path, content: bytes) -> None:
        with said_in_words():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = file.with_name(f".{os.urandom(8).hex()}.new")
            new.write_bytes(content)
            new.replace(file)


class FileHistories:
    """The one door to them."""

    def __init__(self, data_dir: Path, workspaces: Workspaces) -> None:
        self._data_dir = data_dir
        self._workspaces = workspaces

    def of(self, user: User, conversation: str) -> FileHistory:
        """Raises ConversationNotFound for an id that could not be one."""
        workspace = self._workspaces.of(user, conversation)
        return FileHistory(paths.file_history_folder(self._data_dir, user, conversation), workspace)

    def delete_all(self, user: User) -> None:
        """Remove a user's files and all that they were. Raises StoreUnavailable."""
        with said_in_words():
            for folder in (paths.file_histories_folder(self._data_dir, user), paths.workspaces_folder(self._data_dir, user)):
                erase(folder)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
