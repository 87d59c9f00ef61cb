"""Prepare the files named on the command line, all at once, and print by how many bytes the process grew at most."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types

from agents.images.preparing import prepare
from state.errors import ImageRefused
from tests.agents.images.pictures import corners, saved


def prepare_or_refuse(path: Path) -> None:
    try:
        prepare(path.read_bytes(), path.name)
    except ImageRefused as error:
        sys.stderr.write(f"{error}\n")


def measure(paths: list[Path]) -> int:
    process, done = psutil.Process(), threading.Event()
    idle = most = process.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, process.memory_info().rss)
            time.sleep(0.001)

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(len(paths)) as threads:
        list(threads.map(prepare_or_refuse, paths))
    done.set()
    watching.join()
    return int(most - idle)


if __name__ == "__main__":
    for format in ("PNG", "JPEG"):
        prepare(saved(corners(), format), "what the libraries take by themselves")
    sys.stdout.write(str(measure([Path(name) for name in sys.argv[1:]])))
