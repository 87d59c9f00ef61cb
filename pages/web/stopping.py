"""How the server stops: it notices at once that it should, tells those who wait, and waits for the others within bounds."""

import asyncio
import signal
from functools import partial
from threading import Event
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from agents.application import application

STOP_SECONDS = 3
"""For what is under way, as a download. Then it is cut off; live answers are ended in order and put on disk after that."""
TICK_SECONDS = 1
"""How often uvicorn makes its header with the date. It looked ten times as often whether it should stop."""

_has_begun = Event()
has_begun = _has_begun.is_set


def mind_stop() -> None:
    """Have uvicorn wait for the signal to stop instead of looking for it again and again, and bound its wait for connections.

    It is found by the signals that it has asked to be sent, so that this holds however it was started. Without a bound of its command line
    it waits for every connection without end, and puts nothing on disk until then.
    """
    _has_begun.clear()
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not isinstance(server, uvicorn.Server):
        return
    if server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = STOP_SECONDS
    server.main_loop = partial(_serve, server)  # type: ignore[method-assign]  # it has no setting for this


async def _serve(server: uvicorn.Server) -> None:
    """As its own `main_loop`, but for the waiting, and for telling the streams."""
    loop, signalled = asyncio.get_running_loop(), asyncio.Event()

    def told(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)
        loop.call_soon_threadsafe(signalled.set)

    for number in HANDLED_SIGNALS:
        signal.signal(number, told)
    waiting = asyncio.create_task(signalled.wait())
    while not await server.on_tick(0):
        await asyncio.wait({waiting}, timeout=TICK_SECONDS)
    waiting.cancel()
    _has_begun.set()
    application().runner.wake_readers()
