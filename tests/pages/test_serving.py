"""What the server that runs the application is told."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from pages.web.events import PING_SECONDS
from pages.web.serving import STOP_SECONDS, settle_server


@contextmanager
def running(server: Callable[..., object]) -> Iterator[None]:
    """As uvicorn does: it asks to be told when the process is to end."""
    before = signal.signal(signal.SIGTERM, server)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("said", "pings", "stop"),
    [
        ({}, PING_SECONDS, STOP_SECONDS),
        ({"ws_ping_interval": 5.0, "timeout_graceful_shutdown": 60}, 5.0, 60),
        ({"ws_ping_interval": None}, None, 3),
    ],
)
def test_what_the_command_line_says_stays(said: dict[str, object], pings: float | None, stop: int) -> None:
    """What it leaves open is ours: fewer pings, and an end that comes."""
    config = uvicorn.Config("app:app", **said)  # type: ignore[arg-type]
    with running(uvicorn.Server(config).handle_exit):
        settle_server()

    assert (config.ws_ping_interval, config.timeout_graceful_shutdown) == (pings, stop)


def test_another_kind_of_server_is_left_alone() -> None:
    with running(lambda *_: None):
        settle_server()
