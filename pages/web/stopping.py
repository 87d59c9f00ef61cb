"""What uvicorn does otherwise, unless its command line says so."""

import signal

import uvicorn

STOP_SECONDS = 3
"""For what is under way, as a download. Then it is cut off; live answers are ended in order and put on disk after that."""


def bound_stop() -> None:
    """uvicorn waits for every connection without end before it stops, and puts nothing on disk until then.

    It is found by the signal that it has asked to be sent, so that this holds however it was started.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = STOP_SECONDS
