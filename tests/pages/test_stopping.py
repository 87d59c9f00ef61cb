"""How a server that is told to stop notices it, and how long it waits for others."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from agents.application import application
from pages.web import stopping
from pages.web.stopping import STOP_SECONDS, has_begun, mind_stop
from state.events import UserMessage
from tests.conftest import ALICE


@contextmanager
def running(told: Callable[..., object]) -> Iterator[None]:
    """As uvicorn does: it asks to be told when the process is to end."""
    before = {number: signal.signal(number, told) for number in HANDLED_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("said", "seconds"), [(None, STOP_SECONDS), (60, 60)])
def test_what_the_command_line_says_stays(said: int | None, seconds: int) -> None:
    config = uvicorn.Config("app:app", timeout_graceful_shutdown=said)
    with running(uvicorn.Server(config).handle_exit):
        mind_stop()

    assert config.timeout_graceful_shutdown == seconds


def test_another_kind_of_server_is_left_alone() -> None:
    with running(lambda *_: None):
        mind_stop()


@pytest.mark.usefixtures("process_application")
@pytest.mark.parametrize("number", HANDLED_SIGNALS)
def test_a_signal_is_noticed_without_looking(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who waits for something to happen in a conversation looks again."""
    monkeypatch.setattr(stopping, "TICK_SECONDS", 1000)
    server, app = uvicorn.Server(uvicorn.Config("app:app")), application()
    run, _ = app.store(ALICE).begin_run(None, "assistant", UserMessage(text="Hello"), "demo · built-in")
    feed = app.runner.feed(app.store(ALICE), run.conversation)

    async def read() -> bool:
        await feed.changed_from(feed.now.version)
        return has_begun()

    async def serve() -> bool:
        reading = asyncio.create_task(read())
        asyncio.get_running_loop().call_later(0.1, signal.raise_signal, number)
        async with asyncio.timeout(10):
            await server.main_loop()
            return await reading

    with running(server.handle_exit), asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        mind_stop()
        before, after = has_begun(), runner.run(serve())
        mind_stop()

    assert (before, after, has_begun()) == (False, True, False)
    assert server.should_exit
