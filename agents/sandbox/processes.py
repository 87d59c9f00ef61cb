"""The processes of a run, looked up where the system tells of them (Linux's /proc; elsewhere only the process group is known)."""

import os
import re
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from agents.sandbox.sandbox import MARK

PROC = Path("/proc")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ROUNDS = 50
PAUSE_SECONDS = 0.01
"""How often a run's processes are looked for again, and the wait between: the system takes its time to clear up a namespace."""


def marked(mark: str) -> set[int]:
    """All processes that carry a run's mark in the environment they began with."""
    sign = f"{MARK}={mark}".encode()
    return {pid for pid in _pids() if sign in _read(pid, "environ").split(b"\0")}


def family(pid: int) -> set[int]:
    """A process and all its descendants."""
    found, pending = {pid}, [pid]
    while pending:
        children = set(_children(pending.pop())) - found
        found |= children
        pending.extend(children)
    return found


def kill(pid: int, mark: str) -> None:
    """Kill a run's first process, its group, its descendants and whatever carries its mark, until nothing of it is left."""
    for _ in range(ROUNDS):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        left = {each for each in family(pid) | marked(mark) if _is_alive(each)}
        for sign in (signal.SIGSTOP, signal.SIGKILL):
            _send(left, sign)
        if not left:
            return
        time.sleep(PAUSE_SECONDS)


def use_more_memory(pids: Iterable[int], limit: int) -> bool:
    """Whether processes together have more than `limit` bytes of the machine's memory.

    What several share counts once. Finding that out is dear, so it is done only where it would be too much if it counted for each.
    """
    pids = list(pids)
    return sum(map(_resident, pids)) > limit and sum(map(_proportional, pids)) > limit


def unlinked_bytes(pids: Iterable[int]) -> int:
    """The length of files that processes hold open and no folder has any more: they fill the disk all the same."""
    files: dict[tuple[int, int], int] = {}
    for about in (about for pid in pids for about in _open_files(pid)):
        if stat.S_ISREG(about.st_mode) and about.st_nlink == 0:
            files[about.st_dev, about.st_ino] = about.st_size
    return sum(files.values())


def tasks_of(user: int) -> int:
    """How many threads a user has, as RLIMIT_NPROC counts them."""
    count = 0
    for pid in _pids():
        with suppress(OSError):
            process = PROC / str(pid)
            count += len(list((process / "task").iterdir())) if process.stat().st_uid == user else 0
    return count


def _pids() -> Iterator[int]:
    with suppress(OSError):
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            children.extend(map(int, (task / "children").read_bytes().split()))
    return children


def _read(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _resident(pid: int) -> int:
    fields = _read(pid, "statm").split()
    return int(fields[1]) * PAGE_BYTES if len(fields) > 1 else 0


def _proportional(pid: int) -> int:
    """Its resident memory, what it shares divided among those who share it."""
    told = re.search(rb"^Pss:\s+(\d+) kB", _read(pid, "smaps_rollup"), re.MULTILINE)
    return int(told.group(1)) * 1024 if told else _resident(pid)


def _open_files(pid: int) -> Iterator[os.stat_result]:
    with suppress(OSError):
        for file in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                yield file.stat()


def _is_alive(pid: int) -> bool:
    """Whether it still runs: one that has ended and waits to be noticed does not."""
    state = _read(pid, "stat").rpartition(b")")[2].split()
    return bool(state) and state[0] not in {b"Z", b"X"}


def _send(pids: Iterable[int], sign: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sign)
