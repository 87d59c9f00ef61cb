"""One page is drawn at a time."""

import threading

import pytest

from pages.ui import in_turn as module
from pages.ui.in_turn import in_turn


def test_the_next_page_waits_for_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SECONDS", 60)
    order, asked, may_end = [], threading.Event(), threading.Event()

    def draw_first() -> None:
        with in_turn():
            asked.set()
            may_end.wait()
            order.append("first")

    def draw_second() -> None:
        with in_turn():
            order.append("second")

    threads = [threading.Thread(target=draw_first), threading.Thread(target=draw_second)]
    threads[0].start()
    asked.wait()
    threads[1].start()
    threads[1].join(0.05)
    may_end.set()
    for thread in threads:
        thread.join()

    assert order == ["first", "second"]


def test_a_page_that_takes_long_holds_up_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that went before its turn does not end the turn of another."""
    monkeypatch.setattr(module, "MOST_SECONDS", 0)
    with in_turn():
        with in_turn():
            pass
        assert module.turn.locked()


def test_a_page_that_fails_ends_its_turn() -> None:
    with pytest.raises(ValueError, match="in a page"), in_turn():
        raise ValueError("in a page")

    assert not module.turn.locked()
