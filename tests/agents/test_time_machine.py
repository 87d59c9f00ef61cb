"""Continue, retry, undo, regenerate, edit, go back and branch, against a scripted model server over real HTTP."""

import time
from collections.abc import Callable

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from agents.time_machine import TimeMachine
from state.conversations import Options
from state.errors import AlreadySent, ConversationBusy, ConversationNotFound, NothingToContinue
from state.events import AgentMessage, UserMessage
from state.store import Store
from state.turns import to_turns
from tests.conftest import BOB, wait_until
from tests.provider import Gate, Provider, Reply

Ask = Callable[..., Run]


@pytest.fixture
def machine(app: Application, store: Store) -> Callable[[Run], TimeMachine]:
    return lambda run: TimeMachine(app.runner, store, run.record.conversation)


def shown(store: Store, conversation: str) -> list[str]:
    turns = to_turns(store.transcript(conversation, 1000).entries)
    said = [[turn.prompt, *turn.said] for turn in turns]
    return [event.text for events in said for event in events if isinstance(event, UserMessage | AgentMessage)]


def finished(run: Run) -> Run:
    wait_until(lambda: run.is_over)
    return run


def stopped(ask: Ask, provider: Provider, prompt: str, text: str, conversation: str | None = None) -> Run:
    """A run stopped after some text, or before any."""
    provider.enqueue(Reply(*([text] if text else []), Gate()))
    run = ask(prompt, conversation, wait=False)
    count = len(provider.requests)
    wait_until(lambda: provider.requests[count - 1 :] and (run.has_text or not text))
    time.sleep(0 if text else 0.1)
    run.stop()
    wait_until(lambda: run.is_over)
    return run


def test_an_answer_goes_on_from_its_partial_text(ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]) -> None:
    """Twice, even: it is one answer to whoever reads it, the model is told where to go on, and remembers all of it."""
    run = stopped(ask, provider, "Tell", "The quick bro")
    provider.enqueue(Reply("brown fox jum", Gate()), Reply("jumps."), Reply("Yes."))
    again = machine(run).go_on(ASSISTANT)
    wait_until(lambda: again.has_text)
    again.stop()
    wait_until(lambda: again.is_over)
    finished(machine(run).go_on(ASSISTANT))

    assert shown(store, run.record.conversation) == ["Tell", "The quick brown fox jumps."]
    roles = [role for role, _ in provider.requests[2].said]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    assert provider.requests[1].said[-1][1].endswith("“…The quick ”")
    assert provider.requests[2].said[-1][1].endswith("“…The quick brown fox ”")
    ask("Really?", run.record.conversation)
    assert provider.requests[3].said[-2:] == [("assistant", "jumps."), ("user", "Really?")]


def test_the_live_text_of_a_continuation_begins_with_what_was_there(
    ask: Ask, app: Application, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    run = stopped(ask, provider, "Tell", "The quick bro")
    gate = Gate()
    provider.enqueue(Reply(gate, "brown"))
    again = machine(run).go_on(ASSISTANT)
    draft = app.runner.feed(store, run.record.conversation).now.draft
    assert draft is not None
    assert (draft.lead, draft.text, "".join(draft.pieces)) == ("The quick ", "", "The quick ")
    gate.open()
    wait_until(lambda: again.is_over)

    said = [entry.event.text for entry in again.events_since(0) if isinstance(entry.event, AgentMessage)]
    assert said == ["The quick bro", "brown"]


def test_an_answer_that_had_not_begun_cannot_go_on(ask: Ask, provider: Provider, machine: Callable[[Run], TimeMachine]) -> None:
    run = stopped(ask, provider, "Tell", "")
    with pytest.raises(NothingToContinue):
        machine(run).go_on(ASSISTANT)


def test_a_stopped_turn_is_asked_again_as_if_it_had_not_been(
    ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    """The model hears nothing of the first attempt, which stays beside the second."""
    provider.enqueue(Reply("Hi."))
    first = ask("Hello")
    run = stopped(ask, provider, "Tell", "The quick", first.record.conversation)
    provider.enqueue(Reply("The slow fox."))
    finished(machine(run).ask_again(ASSISTANT, run.record.id))

    assert shown(store, run.record.conversation) == ["Hello", "Hi.", "Tell", "The slow fox."]
    assert provider.requests[2].said == [("user", "Hello"), ("assistant", "Hi."), ("user", "Tell")]
    machine(run).show(run.record.id)
    assert shown(store, run.record.conversation) == ["Hello", "Hi.", "Tell", "The quick"]


def test_undo_takes_a_turn_back_with_all_that_continued_it(
    ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    provider.enqueue(Reply("Hi."))
    first = ask("Hello")
    run = stopped(ask, provider, "Tell", "The quick ", first.record.conversation)
    provider.enqueue(Reply("brown fox."), Reply("Bye."))
    finished(machine(run).go_on(ASSISTANT))

    assert machine(run).undo(run.record.id) == "Tell"
    assert shown(store, run.record.conversation) == ["Hello", "Hi."]
    ask("So long", run.record.conversation)
    assert provider.requests[-1].said == [("user", "Hello"), ("assistant", "Hi."), ("user", "So long")]


def test_an_edited_prompt_takes_the_place_of_all_that_followed(
    ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    """And switching back brings the old turns, to the agent too."""
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Other."), Reply("Three."))
    first = ask("A")
    ask("B", first.record.conversation)
    finished(machine(first).ask_again(ASSISTANT, first.record.id, UserMessage(text="A, please")))
    assert shown(store, first.record.conversation) == ["A, please", "Other."]
    machine(first).show(first.record.id)
    ask("C", first.record.conversation)

    assert shown(store, first.record.conversation) == ["A", "One.", "B", "Two.", "C", "Three."]
    assert provider.requests[2].said == [("user", "A, please")]
    assert provider.requests[3].said == [("user", "A"), ("assistant", "One."), ("user", "B"), ("assistant", "Two."), ("user", "C")]


def test_regenerating_asks_the_model_although_the_answer_is_in_the_cache(
    ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    provider.enqueue(Reply("One."), Reply("Two."))
    first = ask("A", options=Options(use_cache=True))
    finished(machine(first).ask_again(ASSISTANT, first.record.id))

    assert shown(store, first.record.conversation) == ["A", "Two."]
    cached = ask("A", options=Options(use_cache=True))
    assert shown(store, cached.record.conversation) == ["A", "Two."]
    assert len(provider.requests) == 2


def test_a_branch_goes_its_own_way(ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]) -> None:
    provider.enqueue(Reply("One."), Reply("Two."), Reply("Three."))
    first = ask("A")
    ask("B", first.record.conversation)
    branch = machine(first).branch(first.record.id)
    ask("C", branch)

    assert shown(store, branch) == ["A", "One.", "C", "Three."]
    assert shown(store, first.record.conversation) == ["A", "One.", "B", "Two."]
    assert provider.requests[2].said == [("user", "A"), ("assistant", "One."), ("user", "C")]


def test_a_double_click_begins_one_run(ask: Ask, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]) -> None:
    provider.enqueue(Reply("One."), Reply("Two."))
    first = ask("A")
    again = machine(first).ask_again(ASSISTANT, first.record.id, run_id="r1")
    with pytest.raises((AlreadySent, ConversationBusy)):
        machine(first).ask_again(ASSISTANT, first.record.id, run_id="r1")
    wait_until(lambda: again.is_over)
    with pytest.raises(AlreadySent):
        machine(first).ask_again(ASSISTANT, first.record.id, run_id="r1")

    assert len(store.runs(first.record.conversation)) == 2


def test_nothing_moves_while_an_answer_is_written(ask: Ask, provider: Provider, machine: Callable[[Run], TimeMachine]) -> None:
    provider.enqueue(Reply("One."), Reply("Text", Gate()))
    first = ask("A")
    live = ask("B", first.record.conversation, wait=False)
    moves = (machine(first).go_back, machine(first).show, machine(first).undo, lambda run: machine(first).ask_again(ASSISTANT, run))
    for move in moves:
        with pytest.raises(ConversationBusy):
            move(first.record.id)
    live.stop()
    wait_until(lambda: live.is_over)
    machine(first).go_back(first.record.id)


def test_readers_are_told_when_the_transcript_changes(
    ask: Ask, app: Application, store: Store, provider: Provider, machine: Callable[[Run], TimeMachine]
) -> None:
    provider.enqueue(Reply("One."))
    first = ask("A")
    feed = app.runner.feed(store, first.record.conversation)
    before = feed.now
    machine(first).undo(first.record.id)

    assert feed.wait_for_change(before.version, timeout=1)
    assert feed.now.view == before.view + 1


def test_a_stranger_moves_nothing(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply("One."))
    first = ask("A")
    stranger = TimeMachine(app.runner, app.store(BOB), first.record.conversation)
    for move in (stranger.go_back, stranger.show, stranger.undo, stranger.branch, lambda run: stranger.ask_again(ASSISTANT, run)):
        with pytest.raises(ConversationNotFound):
            move(first.record.id)

    assert shown(store, first.record.conversation) == ["A", "One."]
