"""An ASGI application of a test, served on a port of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

T = TypeVar("T", bound=Callable[..., Any])


@contextmanager
def serving_on(build: Callable[[int], T]) -> Iterator[T]:
    """Serve what `build` makes for a free port, until the block is left."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    served = build(listening.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(served, log_level="critical", lifespan="off", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield served
    finally:
        server.should_exit = True
        thread.join(timeout=5)
