"""Runs against a scripted model server over real HTTP."""

import time
from collections.abc import Callable

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from state.errors import ConversationBusy, ConversationNotFound, LoopUnavailable
from state.events import AgentMessage, LogEntry, RunEnded, UserMessage
from state.store import Store
from tests.conftest import BOB, wait_until
from tests.provider import Gate, HangUp, Pause, Provider, Raw, Reply, Silence, paced

Ask = Callable[..., Run]


def said(entries: list[LogEntry]) -> list[str]:
    return [entry.event.text for entry in entries if isinstance(entry.event, UserMessage | AgentMessage)]


def end_of(run: Run) -> RunEnded:
    last = run.events_since(0)[-1].event
    assert isinstance(last, RunEnded)
    return last


def test_answers_and_remembers(ask: Ask, provider: Provider) -> None:
    """The second request carries the whole history, and usage is counted on streams."""
    provider.enqueue(Reply("Hello ", "Ada."), Reply("You are Ada."))
    first = ask("I am Ada.")
    second = ask("Who am I?", first.record.conversation)

    assert said(second.events_since(0)) == ["I am Ada.", "Hello Ada.", "Who am I?", "You are Ada."]
    assert provider.requests[1].said == [("user", "I am Ada."), ("assistant", "Hello Ada."), ("user", "Who am I?")]
    assert [entry.seq for entry in second.events_since(0)] == list(range(1, 9))
    answer = second.events_since(0)[2].event
    assert isinstance(answer, AgentMessage)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (11, 2)


def test_text_is_readable_while_the_server_is_sending(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("So far ", gate, "and no further."))
    run = ask("Go on", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.draft is not None and feed.now.draft.text == "So far ")

    assert not run.is_over
    gate.open()
    wait_until(lambda: run.is_over)
    assert feed.now.draft is None
    assert said(run.events_since(0)) == ["Go on", "So far and no further."]


@pytest.mark.parametrize("steps", [("Some text ", Gate()), (Gate(), "never")], ids=["in text", "before the first delta"])
def test_stop_closes_the_request_and_keeps_the_text(ask: Ask, provider: Provider, steps: tuple[str | Gate, ...]) -> None:
    """The provider sees the hang-up within a second; the next turn works and the model knows what had been said."""
    provider.enqueue(Reply(*steps), Reply("Going on."))
    run = ask("Tell me", wait=False)
    provider.wait_for_requests(1)
    time.sleep(0.3)
    run.stop()

    assert provider.requests[0].hung_up.wait(timeout=1)
    wait_until(lambda: run.is_over)
    assert end_of(run).status == "stopped"
    ask("And then?", run.record.conversation)
    partial = [("assistant", "Some text ")] if steps[0] == "Some text " else []
    assert provider.requests[1].said == [("user", "Tell me"), *partial, ("user", "And then?")]


def test_stop_twice_and_after_the_end_changes_nothing(ask: Ask, provider: Provider) -> None:
    provider.enqueue(Reply("Text ", Gate()))
    run = ask("Tell me", wait=False)
    provider.wait_for_requests(1)
    run.stop()
    run.stop()
    wait_until(lambda: run.is_over)
    entries = run.events_since(0)
    run.stop()
    time.sleep(0.1)

    assert run.events_since(0) == entries


FAILURES = {
    "401": (Reply(status=401), "refused the key"),
    "403": (Reply(status=403), "refused the key"),
    "404": (Reply(status=404), "does not know the model `scripted`"),
    "400": (Reply(status=400), "too long for it"),
    "429": (Reply(status=429, headers={"retry-after": "0"}), "limiting requests. Try again in 0 seconds"),
    "quota": (Reply(status=429, headers={"retry-after": "0"}, error={"message": "no", "code": "insufficient_quota"}), "quota is used up"),
    "500": (Reply(status=500, headers={"retry-after-ms": "1"}), "failed with status 500"),
    "hang-up": (Reply("Half a ", Pause(0.1), HangUp()), "hung up in the middle"),
    "silence": (Reply("Half a ", Silence()), "stayed silent for too long"),
    "malformed": (Reply("Half a ", Pause(0.1), Raw(b"data: {not json\n\n")), "could not be understood"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_said_and_the_next_turn_works(ask: Ask, provider: Provider, case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the server does, there is a sentence, the text so far is kept, no key is shown, and the next prompt is answered."""
    reply, sentence = FAILURES[case]
    provider.enqueue(*[reply] * (3 if reply.status in {429, 500} else 1), Reply("Fine again."))
    run = ask("Try")

    ended = end_of(run)
    assert ended.status == "failed"
    assert sentence in ended.reason
    if reply.steps:
        assert said(run.events_since(0)) == ["Try", "Half a "]
        assert "text so far is kept" in ended.reason
    next_run = ask("Again", run.record.conversation)
    assert end_of(next_run).status == "finished"
    assert said(next_run.events_since(0))[-1] == "Fine again."
    assert "planted" not in caplog.text + "".join(entry.model_dump_json() for entry in next_run.events_since(0))


def test_a_refused_connection_is_said(monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str]) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    from state.settings import load_settings

    application = Application(load_settings(env_file=None))
    try:
        run = application.runner.start(application.store(BOB), ASSISTANT, UserMessage(text="Anyone?"))
        wait_until(lambda: run.is_over)
        assert "cannot be reached" in end_of(run).reason
    finally:
        application.close()


def test_one_run_at_a_time(ask: Ask, provider: Provider) -> None:
    """A second prompt during an answer is refused with a sentence, and leaves no trace."""
    gate = Gate()
    provider.enqueue(Reply(gate, "Done."))
    run = ask("One", wait=False)
    with pytest.raises(ConversationBusy):
        ask("Two", run.record.conversation)
    gate.open()
    wait_until(lambda: run.is_over)

    assert said(run.events_since(0)) == ["One", "Done."]


def test_a_stranger_finds_nothing(ask: Ask, app: Application, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply("Secret ", gate))
    run = ask("Mine", wait=False)
    conversation, stranger = run.record.conversation, app.store(BOB)

    assert app.runner.find(stranger, conversation) is None
    assert app.runner.live_conversations(stranger) == set()
    with pytest.raises(ConversationNotFound):
        app.runner.feed(stranger, conversation)
    with pytest.raises(ConversationNotFound):
        app.runner.start(stranger, ASSISTANT, UserMessage(text="Yours?"), conversation)
    gate.open()


def test_two_conversations_do_not_mix(ask: Ask, provider: Provider) -> None:
    provider.enqueue(Reply("One."), Reply("Two."))
    one, two = ask("First"), ask("Second")

    assert provider.requests[1].said == [("user", "Second")]
    assert said(one.events_since(0)) == ["First", "One."]
    assert said(two.events_since(0)) == ["Second", "Two."]


def test_partial_text_is_on_disk_while_it_is_written(ask: Ask, store: Store, provider: Provider) -> None:
    """What a crash would leave: a second process that opens the database finds the text and marks the run interrupted."""
    provider.enqueue(paced("one two three four five six seven eight nine ten", 0.05), Reply())
    run = ask("Count", wait=False)
    time.sleep(0.5)
    store.interrupt_lost_runs(run.record.conversation)

    entries = store.entries(run.record.conversation)
    partial, ended = entries[-2].event, entries[-1].event
    assert isinstance(partial, AgentMessage)
    assert partial.is_partial
    assert partial.text.startswith("one two three")
    assert isinstance(ended, RunEnded)
    assert ended.status == "interrupted"


def test_closing_keeps_what_was_written(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """A server that is shut down ends its runs as interrupted, with their text."""
    provider.enqueue(Reply("Some text ", Gate()))
    run = ask("Go", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    app.loop.submit(app.runner.drain()).result(timeout=5)

    assert said(run.events_since(0)) == ["Go", "Some text "]
    assert end_of(run).status == "interrupted"


def test_a_dead_loop_refuses_prompts_before_taking_them(ask: Ask, app: Application, store: Store) -> None:
    app.loop.submit(app._client().close()).result(timeout=5)
    app.loop.close()
    with pytest.raises(LoopUnavailable):
        ask("Anyone?")

    assert store.conversations(10) == []


def test_wait_returns_with_events_and_at_the_end(ask: Ask, provider: Provider) -> None:
    gate = Gate()
    provider.enqueue(Reply(gate, "Now."))
    run = ask("Go", wait=False)

    assert not run.wait(2, timeout=0.1)
    gate.open()
    assert run.wait(2, timeout=5)
    assert run.wait(1000, timeout=5)
