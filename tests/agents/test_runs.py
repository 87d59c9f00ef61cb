"""Runs against a scripted model server over real HTTP."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from state.conversations import Beginning, Options
from state.errors import ConversationBusy, ConversationNotFound, LoopUnavailable
from state.events import AgentMessage, LogEntry, RunEnded, Usage, UserMessage
from state.paths import database_file
from state.settings import load_settings
from state.store import Store, Stores
from tests.conftest import ALICE, BOB, wait_until
from tests.provider import Gate, HangUp, Pause, Provider, Raw, Reply, Silence

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


BUSY = {"retry-after-ms": "1"}
TIMES = {"429": 3, "429 of a busy account": 3, "500": 3, "529": 3}
"""Requests it takes until the run gives up; one where nothing is said."""
FAILURES = {
    "401": (Reply(status=401), "refused the key"),
    "403": (Reply(status=403), "refused the key"),
    "404": (Reply(status=404), "does not know the model `scripted`"),
    "400": (Reply(status=400), "refused the request as invalid (status 400)"),
    "too long": (Reply(status=400, error={"message": "no", "code": "context_length_exceeded"}), "too long for the model"),
    "content filter": (Reply(status=400, error={"message": "no", "code": "content_filter"}), "by its content filter"),
    "no vision": (Reply(status=400, error={"message": "image_url is not supported"}), "takes no pictures"),
    "no tools": (Reply(status=400, error={"message": "this model does not support tools"}), "takes no tools"),
    "429": (Reply(status=429, headers=BUSY), "limiting requests. Try again in 1 seconds"),
    "429 for an hour": (Reply(status=429, headers={"retry-after": "3600"}), "limiting requests. Try again in 60 minutes"),
    "quota": (Reply(status=429, headers=BUSY, error={"message": "no", "code": "insufficient_quota"}), "quota is used up"),
    "500": (Reply(status=500, headers=BUSY), "failed with status 500"),
    "529": (Reply(status=529, headers=BUSY), "failed with status 529"),
    "429 of a busy account": (Reply(status=429, headers=BUSY, error={"message": "see /account/billing"}), "limiting requests"),
    "no such model for the key": (Reply(status=403, error={"message": "no access to model x"}), "does not know the model"),
    "key as 400": (Reply(status=400, error={"message": "API key not valid"}), "refused the key"),
    "no pictures as 404": (Reply(status=404, error={"message": "No endpoints that support image input"}), "takes no pictures"),
    "hang-up": (Reply("Half a ", Pause(0.15), HangUp()), "hung up in the middle"),
    "silence": (Reply("Half a ", Silence()), "stayed silent for too long"),
    "silence from the start": (Reply(Silence()), "stayed silent for too long"),
    "malformed": (Reply("Half a ", Pause(0.15), Raw(b"data: {not json\n\n")), "could not be understood"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_said_and_the_next_turn_works(ask: Ask, provider: Provider, case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the server does, there is a sentence, the text so far is kept, no key is shown, and the next prompt is answered."""
    reply, sentence = FAILURES[case]
    provider.enqueue(*[reply] * TIMES.get(case, 1), Reply("Fine again."))
    run = ask("Try")

    ended = end_of(run)
    assert ended.status == "failed"
    assert sentence in ended.reason
    assert len(provider.requests) == TIMES.get(case, 1)
    if "Half a " in reply.steps:
        assert said(run.events_since(0)) == ["Try", "Half a "]
        assert "text so far is kept" in ended.reason
    next_run = ask("Again", run.record.conversation)
    assert end_of(next_run).status == "finished"
    assert said(next_run.events_since(0))[-1] == "Fine again."
    assert "planted" not in caplog.text + "".join(entry.model_dump_json() for entry in next_run.events_since(0))


OTHERS = {
    "anthropic": {"ROUNDTABLE_MODEL": "anthropic", "ANTHROPIC_API_KEY": "sk-planted-key", "ANTHROPIC_MODEL": "scripted"},
    "ollama": {"ROUNDTABLE_MODEL": "ollama", "OLLAMA_MODEL": "scripted"},
}


@pytest.mark.parametrize("case", ["401", "404", "429", "500", "hang-up", "silence"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_protocols_fail_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str], provider: Provider, name: str, case: str
) -> None:
    """And the next turn works."""
    variables = OTHERS[name] | {"ANTHROPIC_BASE_URL": provider.address, "OLLAMA_HOST": provider.address, "ROUNDTABLE_MODEL_RETRIES": "0"}
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    reply, sentence = FAILURES[case]
    provider.enqueue(reply, Reply("Fine again."))
    application = Application(load_settings(env_file=None))
    store = application.store(BOB)
    run = application.runner.start(store, ASSISTANT, UserMessage(text="Try"))
    wait_until(lambda: run.is_over)
    ended = end_of(run)
    again = application.runner.start(store, ASSISTANT, UserMessage(text="Again"), run.record.conversation)
    wait_until(lambda: again.is_over)
    application.close()

    assert ended.status == "failed"
    assert sentence.partition(" Try again in")[0] in ended.reason
    assert said(again.events_since(0))[-1] == "Fine again."


def test_a_busy_server_is_tried_again_and_the_seconds_are_said(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(status=429, headers={"retry-after": "2"}), Reply("At last."))
    run = ask("Try", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    note = "The server of scripted (openai) is limiting requests. Trying again in {} s, attempt 2 of 3. Wait, or press Stop."
    wait_until(lambda: feed.now.note == note.format(2))
    wait_until(lambda: feed.now.note == note.format(1))

    wait_until(lambda: run.is_over)
    assert feed.now.note == ""
    assert said(run.events_since(0)) == ["Try", "At last."]


def test_a_server_that_hangs_up_before_it_answers_is_asked_again(ask: Ask, provider: Provider) -> None:
    """As one does that closes a kept connection in the moment it is used again. After the first word nothing is asked twice."""
    provider.enqueue(Reply(HangUp()), Reply("Here I am."))
    run = ask("Hello?")

    assert said(run.events_since(0)) == ["Hello?", "Here I am."]
    assert run.outcome == "finished"
    assert len(provider.requests) == 2


def test_waiting_to_try_again_can_be_stopped(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(status=500, headers={"retry-after": "50"}))
    run = ask("Try", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.note)
    run.stop()
    wait_until(lambda: run.is_over, timeout=1)

    assert end_of(run).status == "stopped"
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("finish", "sentence"), [("length", "cut off at the model's length limit"), ("content_filter", "content filter")])
def test_an_answer_that_was_cut_off_is_said(ask: Ask, provider: Provider, finish: str, sentence: str) -> None:
    provider.enqueue(Reply("As far as", finish=finish))
    ended = end_of(ask("Try"))

    assert ended.status == "finished"
    assert sentence in ended.reason


def test_tokens_seconds_and_cost_are_counted(
    monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str], provider: Provider
) -> None:
    """On every run, and summed for the conversation."""
    monkeypatch.setenv("ROUNDTABLE_PRICE_PROMPT", "1000000")
    monkeypatch.setenv("ROUNDTABLE_PRICE_COMPLETION", "2000000")
    application = Application(load_settings(env_file=None))
    store = application.store(BOB)
    provider.enqueue(Reply("one two three"), Reply("one two"))
    run = application.runner.start(store, ASSISTANT, UserMessage(text="Go"))
    wait_until(lambda: run.is_over)
    ended = end_of(run)
    again = application.runner.start(store, ASSISTANT, UserMessage(text="Go"), run.record.conversation)
    wait_until(lambda: again.is_over)
    totals = store.totals(run.record.conversation)
    application.close()

    assert ended.usage == Usage(prompt_tokens=11, completion_tokens=3)
    assert ended.cost == 11 + 2 * 3
    assert totals.turns == 2
    assert totals.usage == Usage(prompt_tokens=22, completion_tokens=5)
    assert totals.cost == 22 + 2 * 5
    assert totals.seconds > 0


def test_a_conversation_with_the_cache_on_asks_once(app: Application, provider: Provider) -> None:
    """The second answer makes no request, counts no tokens and says where it is from; another user's does ask."""
    provider.enqueue(Reply("Paris."), Reply("Paris, again."))
    runs = []
    for user in (ALICE, ALICE, BOB):
        options, prompt = Options(use_cache=True), UserMessage(text="Capital of France?")
        runs.append(app.runner.start(app.store(user), ASSISTANT, prompt, beginning=Beginning(options=options)))
        wait_until(lambda: runs[-1].is_over)

    assert [said(run.events_since(0))[1] for run in runs] == ["Paris.", "Paris.", "Paris, again."]
    assert [end_of(run).is_from_cache for run in runs] == [False, True, False]
    assert end_of(runs[1]).usage == Usage()
    assert len(provider.requests) == 2


def test_a_conversation_keeps_the_model_it_picked(app: Application, provider: Provider) -> None:
    """What is changed holds from the next prompt on, and only in that conversation."""
    store = app.store(ALICE)
    run = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"))
    wait_until(lambda: run.is_over)
    store.set_options(run.record.conversation, Options(model="Demo"))
    again = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"), run.record.conversation)
    wait_until(lambda: again.is_over)

    assert [record.model for record in store.runs(run.record.conversation)] == ["openai · scripted", "demo · built-in"]
    assert store.conversation(run.record.conversation).options.model == "Demo"
    assert len(provider.requests) == 1


def test_a_refused_connection_is_said(monkeypatch: pytest.MonkeyPatch, openai_environment: dict[str, str]) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
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


def test_a_crash_would_leave_the_text_so_far(ask: Ask, app: Application, tmp_path: Path, provider: Provider) -> None:
    """A copy of the data folder, taken in mid-answer, opens with the prompt, the partial text and an interrupted run."""
    gate = Gate()
    provider.enqueue(Reply("one ", Pause(0.15), "two ", Pause(0.15), "three ", gate))
    run = ask("Count", wait=False)
    feed = app.runner.feed(app.store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.draft is not None and feed.now.draft.text == "one two three ")
    time.sleep(0.25)
    shutil.copytree(app.settings.data_dir, tmp_path / "crashed")
    gate.open()
    stores = Stores(tmp_path / "crashed")
    entries = stores.of(ALICE).entries(run.record.conversation)
    stores.close()

    assert said(entries) == ["Count", "one two three "]
    partial, ended = entries[-2].event, entries[-1].event
    assert isinstance(partial, AgentMessage)
    assert partial.is_partial
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
    app.loop.submit(app.clients.close()).result(timeout=5)
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


def test_a_stop_while_a_message_is_being_saved_does_not_double_it(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """Another process holds the database while the message's end comes in: the stop waits for the one write, and makes no second."""
    provider.enqueue(Reply("Hello world."))
    gate = Gate()
    provider.enqueue(Reply("Once ", gate, "only."))
    conversation = ask("First").record.conversation
    run = ask("Second", conversation, wait=False)
    feed = app.runner.feed(store, conversation)
    wait_until(lambda: feed.now.draft is not None)
    with sqlite3.connect(database_file(app.settings.data_dir, store.user), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        gate.open()
        assert provider.requests[1].ended.wait(timeout=5)
        time.sleep(0.3)
        run.stop()
        time.sleep(2)
        other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: run.is_over)

    assert said(run.events_since(4)) == ["Second", "Once only."]
    assert run.events_since(0)[-1].event.type == "run_ended"


def test_a_run_whose_end_cannot_be_saved_waits_until_it_can(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """Nothing that was read is lost, and the page is told what is waited for."""
    gate = Gate()
    provider.enqueue(Reply("Kept ", gate, "text."))
    run = ask("Go", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    with sqlite3.connect(database_file(app.settings.data_dir, store.user), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        gate.open()
        wait_until(lambda: "cannot be reached just now" in feed.now.note, timeout=20)
        assert feed.now.draft is not None
        other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: run.is_over, timeout=20)

    assert said(run.events_since(0)) == ["Go", "Kept text."]


def test_a_refused_prompt_does_not_poison_the_conversation(ask: Ask, provider: Provider) -> None:
    """The next request leaves out what the server would refuse again."""
    provider.enqueue(Reply(status=400, error={"message": "no", "code": "context_length_exceeded"}), Reply("Shorter is fine."))
    run = ask("Far too long")
    ask("Short", run.record.conversation)

    assert provider.requests[1].said == [("user", "Short")]


def test_a_loop_that_dies_leaves_no_run_behind(ask: Ask, app: Application, store: Store, provider: Provider) -> None:
    """The conversation is not live any more, readers are told, and new prompts are refused with a sentence."""
    gate = Gate()
    provider.enqueue(Reply("Text ", gate))
    run = ask("Go", wait=False)
    feed = app.runner.feed(store, run.record.conversation)
    wait_until(lambda: feed.now.draft is not None)
    app.loop.close()

    assert feed.now.status is None
    assert app.runner.find(store, run.record.conversation) is None
    with pytest.raises(LoopUnavailable):
        ask("Again", run.record.conversation)
    gate.open()
