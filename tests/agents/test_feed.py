"""How readers learn of changes."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from agents.feed import Draft, Feed


def publish(feed: Feed, head: int = 1) -> None:
    feed.publish(head=head, status="running", draft=None)


def later(work: Callable[[], None], seconds: float = 0.05) -> threading.Timer:
    timer = threading.Timer(seconds, work)
    timer.start()
    return timer


def test_a_feed_begins_quiet() -> None:
    now = Feed(7).now

    assert (now.version, now.head, now.status, now.draft) == (0, 7, None, None)


def test_each_change_is_one_consistent_view() -> None:
    feed, draft = Feed(0), Draft(after=1, source="assistant")
    before = feed.now
    draft.pieces += ["So ", "far"]
    feed.publish(head=2, status="stopping", draft=draft)

    assert (feed.now.version, feed.now.head, feed.now.status, feed.now.draft) == (1, 2, "stopping", draft)
    assert draft.text == "So far"
    assert (before.version, before.head) == (0, 0)


def test_readers_on_a_loop_are_woken_from_another_thread() -> None:
    """All of them, by one change."""
    feed = Feed(0)

    async def work() -> None:
        readers = [asyncio.create_task(feed.changed_from(0)) for _ in range(3)]
        timer = later(lambda: publish(feed))
        await asyncio.wait_for(asyncio.gather(*readers), timeout=5)
        timer.join()

        assert feed.now.version == 1

    asyncio.run(work())


def test_readers_on_two_loops_are_woken_by_one_change() -> None:
    feed, woken = Feed(0), [threading.Event(), threading.Event()]

    def read(event: threading.Event) -> None:
        asyncio.run(asyncio.wait_for(feed.changed_from(0), timeout=5))
        event.set()

    threads = [threading.Thread(target=read, args=(event,)) for event in woken]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    publish(feed)
    for thread in threads:
        thread.join()

    assert all(event.is_set() for event in woken)


def test_a_reader_that_is_behind_does_not_wait() -> None:
    feed = Feed(0)
    publish(feed)

    asyncio.run(asyncio.wait_for(feed.changed_from(0), timeout=0.5))
    assert feed.wait_for_change(0, timeout=0)


def test_a_reader_that_left_troubles_nobody() -> None:
    """Neither one that gave up waiting nor one whose loop has ended."""
    feed = Feed(0)
    troubles: list[dict[str, Any]] = []

    async def give_up() -> None:
        reader = asyncio.create_task(feed.changed_from(0))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait({reader})

    async def give_up_and_stay() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
        await give_up()
        publish(feed)
        await asyncio.sleep(0.01)

    asyncio.run(give_up())
    asyncio.run(give_up_and_stay())

    assert feed.now.version == 1
    assert troubles == []


def test_a_thread_waits_until_a_change_or_the_timeout() -> None:
    feed = Feed(0)
    began = time.monotonic()

    assert not feed.wait_for_change(0, timeout=0.1)
    assert time.monotonic() - began >= 0.1
    timer = later(lambda: publish(feed))
    assert feed.wait_for_change(0, timeout=5)
    assert time.monotonic() - began < 2
    timer.join()
