"""How long a server that is told to stop waits for others."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from pages.web.stopping import STOP_SECONDS, bound_stop


@contextmanager
def running(told: Callable[..., object]) -> Iterator[None]:
    """As uvicorn does: it asks to be told when the process is to end."""
    before = signal.signal(signal.SIGTERM, told)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(("said", "seconds"), [(None, STOP_SECONDS), (60, 60)])
def test_what_the_command_line_says_stays(said: int | None, seconds: int) -> None:
    config = uvicorn.Config("app:app", timeout_graceful_shutdown=said)
    with running(uvicorn.Server(config).handle_exit):
        bound_stop()

    assert config.timeout_graceful_shutdown == seconds


def test_another_kind_of_server_is_left_alone() -> None:
    with running(lambda *_: None):
        bound_stop()
