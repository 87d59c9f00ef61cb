"""What a program prints, on its way into our output."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from agents.sandbox.output import Output

READ_BYTES = 65536
DRAIN_SECONDS = 1.0
"""How long a dead program's last words are waited for."""


@asynccontextmanager
async def pipe_into(output: Output) -> AsyncIterator[int]:
    """A pipe whose end for writing is a program's. What comes out of it is taken into `output`, until its end or until it is a flood.

    We watch it ourselves: what `connect_read_pipe` is given, uvloop closes twice, and by the second time the number may be another thread's
    file (https://github.com/MagicStack/uvloop/issues/763).
    """
    loop, is_read = asyncio.get_running_loop(), asyncio.Event()
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def take() -> None:
        with suppress(BlockingIOError):  # it may be called with nothing there
            data = os.read(reading, READ_BYTES)
            output.take(data)
            if not data or output.is_flood:  # in a flood the pipe fills up, and the program waits for its end
                loop.remove_reader(reading)
                is_read.set()

    loop.add_reader(reading, take)
    try:
        yield writing
    finally:
        os.close(writing)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(is_read.wait(), DRAIN_SECONDS)
        finally:
            loop.remove_reader(reading)
            os.close(reading)
            output.end()
