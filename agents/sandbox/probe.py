"""Tries from inside what a sandbox should prevent, and prints what it found as JSON. It is handed over as text, as `launch.py` is."""

import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

MARK = "ROUNDTABLE_RUN"


def reaches(port: int) -> bool:
    """Whether a port the server opened for this on its loopback address answers."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def writes(canary: str) -> bool:
    with suppress(OSError):
        Path(canary).write_text("written from inside", encoding="utf-8")
        return True
    return False


def strangers() -> int:
    """How many processes that are not of this run show their environment."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            shown = (process / "environ").read_bytes()
            count += bool(shown) and MARK.encode() not in shown
    return count


def forked(most: int) -> int:
    """How many processes can be had, up to `most`. They end with this one."""
    children: list[int] = []
    with suppress(OSError):
        while len(children) < most:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def has_memory(size: int) -> bool:
    """Whether so much can be had and filled. Tried in a child, which the system may kill for it."""
    child = os.fork()
    if child == 0:
        with suppress(MemoryError):
            _ = b"\1" * size
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def main(asked: str) -> None:
    told = json.loads(asked)
    print(  # noqa: T201  # it is how it answers
        json.dumps(
            {
                "network": reaches(told["port"]),
                "seen": [path for path in told["hidden"] if os.path.lexists(path)],
                "written": writes(told["canary"]),
                "variables": sorted(os.environ),
                "strangers": strangers(),
                "is_root": os.geteuid() == 0,
                "processes": forked(told["processes"]),
                "memory": has_memory(told["memory"]),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
