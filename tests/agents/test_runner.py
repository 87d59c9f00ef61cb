"""Conversations deleted while something is going on in them."""

import time
from collections.abc import Callable

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from state.errors import ConversationNotFound
from state.events import UserMessage
from state.store import Store
from tests.conftest import BOB, wait_until
from tests.provider import Gate, Provider, Reply

Ask = Callable[..., Run]


def test_a_deletion_stops_the_answer_first(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """The model's server sees the hang-up, readers are woken, and nothing comes back."""
    provider.enqueue(Reply("Some text ", Gate()))
    run = ask("Go", wait=False)
    conversation = run.record.conversation
    feed = app.runner.feed(store, conversation)
    wait_until(lambda: feed.now.draft is not None)
    app.runner.delete(store, conversation)

    assert run.is_over
    assert provider.requests[0].hung_up.wait(timeout=1)
    assert (feed.now.head, feed.now.status, feed.now.draft) == (0, None, None)
    assert store.conversations(5) == []
    assert run.events_since(0) == []
    assert store.search("text") == []
    with pytest.raises(ConversationNotFound):
        app.runner.feed(store, conversation)
    with pytest.raises(ConversationNotFound):
        app.runner.start(store, ASSISTANT, UserMessage(text="Still there?"), conversation)


def test_a_quiet_conversation_s_readers_are_told(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    conversation = ask("Go").record.conversation
    feed = app.runner.feed(store, conversation)
    version = feed.now.version
    app.runner.delete(store, conversation)

    assert feed.wait_for_change(version, timeout=0)
    assert feed.now.head == 0


def test_a_run_that_does_not_end_saves_nothing_any_more(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """A loop that is kept busy cannot stop a run; the deletion does not wait for ever, and the run's end finds nothing to write to."""
    gate = Gate()
    provider.enqueue(Reply("Some text ", gate, "and more."))
    run = ask("Go", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    app.loop.call(time.sleep, 7)
    app.runner.delete(store, run.record.conversation)
    assert not run.is_over
    gate.open()
    wait_until(lambda: run.is_over)

    assert store.conversations(5) == []
    assert (run.events_since(0), store.runs(run.record.conversation)) == ([], [])
    assert store.search("text") == []


def test_nobody_deletes_another_s_conversation(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """Nor does the attempt stop what is being written there."""
    gate = Gate()
    provider.enqueue(Reply("Mine ", gate, "still."))
    run = ask("Go", wait=False)
    with pytest.raises(ConversationNotFound):
        app.runner.delete(app.store(BOB), run.record.conversation)
    assert not run.is_stopping
    gate.open()
    wait_until(lambda: run.is_over)

    assert len(store.conversations(5)) == 1


def test_a_deletion_twice_is_said(ask: Ask, app: Application, store: Store) -> None:
    conversation = ask("Go").record.conversation
    app.runner.delete(store, conversation)
    with pytest.raises(ConversationNotFound):
        app.runner.delete(store, conversation)
