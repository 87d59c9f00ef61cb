"""The way of what a program prints, on the loop that programs are run on."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.loop import BackgroundLoop
from agents.sandbox.output import Output
from agents.sandbox.pipe import pipe_into

PIPES = 2000
THREADS = 4


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    yield loop
    loop.close()


@contextmanager
def others_at_work() -> Iterator[list[int]]:
    """Threads that open and close files all the time. The numbers of those that somebody else closed."""
    lost: list[int] = []
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            file = os.open(os.devnull, os.O_RDONLY)
            try:
                os.fstat(file)
                os.close(file)
            except OSError:
                lost.append(file)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    yield lost
    is_over.set()
    for thread in threads:
        thread.join()


def test_it_closes_nothing_of_others(loop: BackgroundLoop) -> None:
    """A number closed twice is another thread's file by the second time: the server's database, or a page on its way to a browser."""

    async def work() -> str:
        output = Output(1_000_000, 1_000_000)
        for _ in range(PIPES):
            async with pipe_into(output) as writing:
                os.write(writing, b"x")
        return output.text

    with others_at_work() as lost:
        text = loop.submit(work()).result()

    assert text == "x" * PIPES
    assert not lost


def test_nothing_of_it_is_left(loop: BackgroundLoop) -> None:
    """Not even when whoever uses it fails while something still holds the program's end."""

    held: list[int] = []

    async def failing() -> None:
        async with pipe_into(Output(10, 10)) as writing:
            held.append(os.dup(writing))
            raise RuntimeError

    before = open_files()
    with pytest.raises(RuntimeError):
        loop.submit(failing()).result()
    os.close(held[0])

    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))
