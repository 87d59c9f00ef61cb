"""Another process that holds the lock of an SQLite file."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITING = "BEGIN IMMEDIATE"
EXCLUSIVE = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"
"""Nobody else can read either."""

HOLD = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); print('locked', flush=True); input()"


@contextmanager
def locked(file: Path, script: str = WRITING) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", HOLD, file, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            process.communicate(b"\n")
