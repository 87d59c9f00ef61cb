"""A server that is told to stop does so before long, whoever keeps a connection open."""

import signal

import uvicorn

SECONDS = 3
"""For what is under way, as a download. Then it is cut off; live answers are ended in order and put on disk after that."""


def bound_stop() -> None:
    """uvicorn waits for every connection without end unless its command line says otherwise, and puts nothing on disk until then.

    It is found by the signal that it has asked to be sent, so that this holds however it was started.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = SECONDS
