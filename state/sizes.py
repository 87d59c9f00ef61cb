"""How much of the disk a folder takes."""

import sqlite3
from contextlib import closing
from pathlib import Path


def bytes_used(folder: Path) -> int:
    """All files under a folder, without the pages that deletions left free in databases: those are used again."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return max(0, sum(map(_size, files)) - sum(_free(file) for file in files if file.suffix == ".sqlite"))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # it went meanwhile
        return 0


def _free(database: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
            return int(pages * size)
    except sqlite3.Error:
        return 0
