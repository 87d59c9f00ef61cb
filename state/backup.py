"""Copies a data folder that a server may be working on: `python -m state.backup FOLDER`."""

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from state import paths
from state.errors import RoundtableError, SettingsError
from state.settings import load_settings
from state.trees import entries

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database. The copy of the database has it in itself."""


def back_up(data_dir: Path, to: Path) -> tuple[int, list[Path]]:
    """Copy everything into a folder that is not there yet. Raises SettingsError or OSError.

    Each database is copied as it is at one moment, with all that was committed before. Returns the number of files, and what
    cannot be read in workspaces: code may have left it so.
    """
    if to.exists() or to.resolve().is_relative_to(data_dir.resolve()):
        raise SettingsError(f"{to} has to be a new folder outside of {data_dir}.")
    if not data_dir.is_dir():
        raise SettingsError(f"There is no data folder {data_dir}.")
    to.mkdir(parents=True, mode=0o700)
    found = list(entries(data_dir, readable_only=True))
    hidden = [Path(entry.path) for entry in found if _is_hidden(entry, data_dir)]
    files = [Path(entry.path) for entry in found if entry.is_file(follow_symlinks=False)]
    kept = [file for file in files if _is_kept(file, data_dir) and file not in hidden]
    for file in kept:
        copy = to / file.relative_to(data_dir)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.suffix == ".sqlite":
            _copy_database(file, copy)
        else:
            shutil.copy2(file, copy)
    return len(kept), hidden


def _is_hidden(entry: "os.DirEntry[str]", data_dir: Path) -> bool:
    """Whether code has left it so that it cannot be read; what else cannot be read fails the backup."""
    wanted = os.R_OK | os.X_OK if entry.is_dir(follow_symlinks=False) else os.R_OK
    in_workspace = "workspaces" in Path(entry.path).relative_to(data_dir).parts
    return in_workspace and not entry.is_symlink() and not os.access(entry.path, wanted)


def _is_kept(file: Path, data_dir: Path) -> bool:
    """Cached answers are not: they come again."""
    is_cache = "answers" in file.relative_to(data_dir).parts
    return not (is_cache or file.name.endswith((*BESIDE, ".new")) or file == paths.lock_file(data_dir))


def _copy_database(file: Path, copy: Path) -> None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def main() -> int:
    if len(sys.argv) != 2:
        print("Say where to: python -m state.backup FOLDER")  # noqa: T201  # what it is for
        return 2
    try:
        count, hidden = back_up(load_settings().data_dir, Path(sys.argv[1]))
    except (RoundtableError, OSError) as error:
        print(error)  # noqa: T201
        return 1
    print(f"{count:,} files are in {sys.argv[1]}.")  # noqa: T201
    for file in hidden:
        print(f"Left out, as it cannot be read: {file}")  # noqa: T201
    return 1 if hidden else 0


if __name__ == "__main__":
    sys.exit(main())
