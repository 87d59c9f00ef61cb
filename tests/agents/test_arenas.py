"""The allocator of a process of its own, as it says of itself."""

import os
import platform
import subprocess
import sys

import pytest

from agents.arenas import MOST
from tests.server import ROOT

PROGRAM = """
import ctypes, threading
from agents.arenas import limit_arenas
{first}
together, kept = threading.Barrier(12), []
def allocate():
    together.wait()
    kept.append([bytearray(2000) for _ in range(200)])
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fflush(ctypes.c_void_p(out))
"""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")


def _arenas(first: str, **environment: str) -> int:
    command = [sys.executable, "-c", PROGRAM.format(first=first)]
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"} | environment
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.count("<heap nr=")


def test_threads_share_two_arenas() -> None:
    assert _arenas("limit_arenas()") <= MOST < _arenas("")


def test_the_environment_wins() -> None:
    assert _arenas("limit_arenas()", MALLOC_ARENA_MAX="1") == 1
