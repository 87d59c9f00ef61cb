"""How much of the disk a folder takes."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from state.trees import entries, length


def bytes_used(folder: Path) -> int:
    """All files under a folder that can be seen, without the pages that deletions left free in databases: those are used again."""
    return max(0, sum(_size(entry) - _free(entry) for entry in entries(folder, readable_only=True)))


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return length(entry)
    except OSError:  # nested deeper than a path can say
        return 0


def _free(entry: "os.DirEntry[str]") -> int:
    if not entry.name.endswith(".sqlite") or not entry.is_file(follow_symlinks=False):
        return 0
    try:
        with closing(sqlite3.connect(f"{Path(entry.path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
            return int(pages * size)
    except sqlite3.Error:
        return 0
