"""Conversations deleted or stopped while something else is going on in them."""

import threading
import time
from collections.abc import Callable

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from state.conversations import RunRecord
from state.errors import ConversationBusy, ConversationNotFound
from state.events import InputAnswered, InputRequested, RunEnded, UserMessage
from state.store import Store
from tests.conftest import ALICE, BOB, wait_until
from tests.faults.phases import Held
from tests.provider import Call, Gate, Provider, Reply

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


def test_deleting_all_stops_all_and_tells_all_who_look(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """Quiet conversations too; another user's is left alone."""
    provider.enqueue(Reply("Done."), Reply("Theirs."), Reply("Some text ", Gate()), Reply("Some text ", Gate()))
    quiet = app.runner.feed(store, ask("Hello").record.conversation)
    theirs = app.runner.start(app.store(BOB), ASSISTANT, UserMessage(text="Mine"))
    wait_until(lambda: theirs.is_over)
    others = app.runner.feed(app.store(BOB), theirs.record.conversation)
    live = [ask("Go", wait=False) for _ in range(2)]
    wait_until(lambda: all(run.has_text for run in live))
    app.runner.delete_all(store)

    assert [run.outcome for run in live] == ["stopped", "stopped"]
    assert quiet.now.head == 0
    assert store.conversations(5) == []
    assert app.store(BOB).count() == 1
    assert others.now.head > 0


class Hesitant(Store):
    """A store that looks who waits, and then waits itself."""

    def __init__(self, store: Store, held: Held) -> None:
        self.user = store.user
        self._database = store._database  # noqa: SLF001
        self._held = held

    def waiting_run(self, conversation: str) -> RunRecord | None:
        waiting = super().waiting_run(conversation)
        self._held.hold()
        return waiting


def test_a_waiting_run_is_stopped_or_answered_but_not_both(
    app: Application, another: Callable[[], Application], provider: Provider
) -> None:
    """After a restart, from two tabs at once: the stop that came first holds, and the run has one end."""
    provider.enqueue(Reply(Call("ask_person", '{"question": "Which?"}')), Reply("That one."))
    conversation = app.runner.start(app.store(ALICE), ASSISTANT, UserMessage(text="Hello")).record.conversation
    wait_until(lambda: app.store(ALICE).waiting_run(conversation))
    restarted = another()
    store, held = restarted.store(ALICE), Held()
    request = next(entry.event for entry in store.entries(conversation) if isinstance(entry.event, InputRequested))
    stopping = threading.Thread(target=restarted.runner.stop, args=(Hesitant(store, held), conversation))
    stopping.start()
    wait_until(held.is_reached.is_set)
    with pytest.raises(ConversationBusy):
        restarted.runner.answer(store, ASSISTANT, conversation, InputAnswered(request_id=request.request_id, text="This"))
    restarted.runner.stop(store, conversation)
    held.let_go()
    stopping.join()

    assert [entry.event.status for entry in store.entries(conversation) if isinstance(entry.event, RunEnded)] == ["stopped"]
    assert restarted.runner.find(store, conversation) is None
    assert len(provider.requests) == 1
