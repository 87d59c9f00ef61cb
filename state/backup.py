"""Copies a data folder that a server may be working on: `python -m state.backup FOLDER`."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from state import paths
from state.errors import RoundtableError, SettingsError
from state.settings import load_settings

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database. The copy of the database has it in itself."""


def back_up(data_dir: Path, to: Path) -> int:
    """Copy everything into a folder that is not there yet. Returns the number of files. Raises SettingsError or OSError.

    Each database is copied as it is at one moment, with all that was committed before.
    """
    if to.exists() or to.resolve().is_relative_to(data_dir.resolve()):
        raise SettingsError(f"{to} has to be a new folder outside of {data_dir}.")
    if not data_dir.is_dir():
        raise SettingsError(f"There is no data folder {data_dir}.")
    to.mkdir(parents=True, mode=0o700)
    files = [file for file in data_dir.rglob("*") if file.is_file() and not file.is_symlink() and _is_kept(file, data_dir)]
    for file in files:
        copy = to / file.relative_to(data_dir)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.suffix == ".sqlite":
            _copy_database(file, copy)
        else:
            shutil.copy2(file, copy)
    return len(files)


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
        count = back_up(load_settings().data_dir, Path(sys.argv[1]))
    except (RoundtableError, OSError) as error:
        print(error)  # noqa: T201
        return 1
    print(f"{count:,} files are in {sys.argv[1]}.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
