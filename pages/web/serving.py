"""What uvicorn does otherwise, unless its command line says so: it stops before long, and leaves pages alone that only stand there."""

import signal

import uvicorn

from pages.web.events import PING_SECONDS

STOP_SECONDS = 3
"""For what is under way, as a download. Then it is cut off; live answers are ended in order and put on disk after that."""
UVICORNS_PING_SECONDS = 20.0


def settle_server() -> None:
    """uvicorn waits for every connection without end before it stops, and puts nothing on disk until then; and it pings each page so often
    that it is half of what idle pages cost.

    It is found by the signal that it has asked to be sent, so that this holds however it was started.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not isinstance(server, uvicorn.Server):
        return
    if server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = STOP_SECONDS
    if server.config.ws_ping_interval == UVICORNS_PING_SECONDS:
        server.config.ws_ping_interval = PING_SECONDS
