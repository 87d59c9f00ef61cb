"""The background loop."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from agents.loop import BackgroundLoop
from state.errors import LoopUnavailable
from tests.conftest import wait_until


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    started = BackgroundLoop()
    yield started
    started.close()


async def where() -> str:
    await asyncio.sleep(0)
    return threading.current_thread().name


def test_work_is_done_on_the_loop_s_thread(loop: BackgroundLoop) -> None:
    assert loop.submit(where()).result(timeout=5) == "agents"


def test_what_work_raises_is_the_caller_s(loop: BackgroundLoop) -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        loop.submit(fail()).result(timeout=5)

    assert loop.answers_within(1)


def test_a_loop_that_hangs_does_not_answer(loop: BackgroundLoop) -> None:
    """Until it gets its turn again."""
    release = threading.Event()
    loop.call(release.wait, 10)

    assert not loop.answers_within(0.1)
    release.set()
    assert loop.answers_within(5)


def test_a_closed_loop_says_so(loop: BackgroundLoop) -> None:
    """Work is refused with a sentence, calls are ignored, and closing again changes nothing."""
    loop.require()
    loop.close()

    with pytest.raises(LoopUnavailable, match="Your conversations are safe"):
        loop.require()
    with pytest.raises(LoopUnavailable):
        loop.submit(where())
    called = threading.Event()
    loop.call(called.set)
    assert not loop.answers_within(0.1)
    assert not called.is_set()
    loop.close()


def test_what_nobody_waits_for_is_logged_when_it_fails(loop: BackgroundLoop, caplog: pytest.LogCaptureFixture) -> None:
    """By its place, and without its text, which may quote what people wrote."""

    async def fail(text: str) -> None:
        raise ValueError(text)

    loop.start(fail("my secret"))
    wait_until(lambda: "ValueError" in caplog.text)

    assert "test_loop.py" in caplog.text
    assert "my secret" not in caplog.text
