"""Folders whose content is nobody's friend: measured, listed, mended and erased without following a link or recursing."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

READABLE = 0o700


@dataclass(frozen=True)
class Usage:
    """What a folder holds, counted until a limit was passed."""

    bytes: int = 0
    """As files say their length: one with holes counts whole, for so it would be copied."""
    files: int = 0
    """Folders, links and all else included."""
    is_readable: bool = True
    """False where some of it is hidden: a folder without permission, or nested deeper than a path can say."""


def entries(folder: Path, *, readable_only: bool = False) -> Iterator["os.DirEntry[str]"]:
    """All that is below, what is in a folder after it. What goes meanwhile is left out.

    Raises OSError for a folder that cannot be looked into, unless that is left out too.
    """
    pending, left_out = [str(folder)], (OSError,) if readable_only else (FileNotFoundError, NotADirectoryError)
    while pending:
        with suppress(*left_out), os.scandir(pending.pop()) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                yield entry


def length(entry: "os.DirEntry[str]") -> int:
    """Of a regular file, as it says; of anything else, and of what has gone, 0."""
    try:
        about = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return 0
    return about.st_size if stat.S_ISREG(about.st_mode) else 0


def usage(folder: Path, *, bytes_limit: int, files_limit: int) -> Usage:
    """Count until a limit is passed. The folder may change meanwhile."""
    size = files = 0
    try:
        for entry in entries(folder):
            files += 1
            size += length(entry)
            if size > bytes_limit or files > files_limit:
                break
    except OSError:
        return Usage(size, files, is_readable=False)
    return Usage(size, files)


def files_below(folder: Path, *, limit: int) -> dict[str, os.stat_result]:
    """The first `limit` regular files, by their name relative to the folder."""
    found: dict[str, os.stat_result] = {}
    with suppress(OSError):
        for entry in entries(folder):
            if entry.is_file(follow_symlinks=False) and len(found) < limit:
                found[os.path.relpath(entry.path, folder)] = entry.stat(follow_symlinks=False)
    return found


def open_up(folder: Path) -> None:
    """Make everything readable again, and erase what is nested deeper than a path can say. Nothing may be at work in it."""
    for top in _children(folder):
        try:
            _open_below(top)
        except OSError:
            erase(top)


def erase(folder: Path) -> None:
    """Remove a folder whatever is in it, however deep, by lifting up what is below until all is flat."""
    names = (f".lifted-{number}" for number in count())
    with suppress(FileNotFoundError):
        folder.chmod(READABLE)
        while below := _emptied(folder):
            for each in below:
                each.chmod(READABLE)
                for inner in _emptied(each):
                    inner.chmod(READABLE)
                    inner.rename(_free(folder, names))
                each.rmdir()
        folder.rmdir()


def keep_only(folder: Path, names: set[str]) -> None:
    """Remove all but the files of these names, links and empty folders too. Nothing may be at work in it."""
    for entry in reversed(list(entries(folder))):  # what is in a folder comes after it
        if entry.is_dir(follow_symlinks=False):
            with suppress(OSError):  # something in it is kept
                Path(entry.path).rmdir()
        elif os.path.relpath(entry.path, folder) not in names:
            Path(entry.path).unlink()


def give(folder: Path, owner: int) -> None:
    """Hand a folder and all in it to another user and group. Only root can; nothing may be at work in it."""
    os.chown(folder, owner, owner)
    for entry in entries(folder):
        os.chown(entry.path, owner, owner, follow_symlinks=False)


def _children(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]


def _open_below(top: Path) -> None:
    pending = [top]
    while pending:
        folder = pending.pop()
        if folder.stat().st_mode & READABLE != READABLE:
            folder.chmod(READABLE)
        pending.extend(_children(folder))


def _emptied(folder: Path) -> list[Path]:
    """Unlink all but the folders, and say which these are."""
    with os.scandir(folder) as entries:
        listed = [(Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in entries]
    for path, is_folder in listed:
        if not is_folder:
            path.unlink()
    return [path for path, is_folder in listed if is_folder]


def _free(folder: Path, names: Iterator[str]) -> Path:
    return next(path for name in names if not os.path.lexists(path := folder / name))
