"""Runs that wait for the person, against a scripted model server over real HTTP."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.runs import Run
from agents.tools.permitted import UNKNOWN
from state.conversations import Beginning, Options, Permission, RunRecord
from state.errors import ConversationBusy, ConversationNotFound, QuestionOver
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, SavedEvent, ToolBegun, ToolResult, UserMessage
from state.store import Store
from tests.conftest import ALICE, BOB, wait_until
from tests.faults.phases import Held
from tests.provider import Call, Gate, Provider, Reply

CALCULATE = Call("calculate", json.dumps({"expression": "17 * 23"}))
ASKING: Mapping[str, Permission] = {"calculate": "ask"}


def asked(app: Application, *, permissions: Mapping[str, Permission] = ASKING) -> str:
    """Ask for a sum; return the conversation once its run waits for an approval."""
    beginning = Beginning(options=Options(permissions=permissions))
    run = app.runner.start(app.store(ALICE), ASSISTANT, UserMessage(text="What is 17 * 23?"), None, beginning)
    feed = app.runner.feed(app.store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.status in {"waiting", None})
    return run.record.conversation


def requests(store: Store, conversation: str) -> list[InputRequested]:
    return [entry.event for entry in store.entries(conversation) if isinstance(entry.event, InputRequested)]


def answered(store: Store, conversation: str, text: str = "", *, yes: bool = True) -> InputAnswered:
    return InputAnswered(request_id=requests(store, conversation)[-1].request_id, is_approved=yes, text=text)


def answer(app: Application, conversation: str, text: str = "", *, yes: bool = True) -> None:
    store = app.store(ALICE)
    app.runner.answer(store, ASSISTANT, conversation, answered(store, conversation, text, yes=yes))


def end(app: Application, conversation: str) -> RunEnded:
    store = app.store(ALICE)
    wait_until(lambda: store.runs(conversation)[-1].ended)
    wait_until(lambda: app.runner.find(store, conversation) is None)
    last = store.entries(conversation)[-1].event
    assert isinstance(last, RunEnded)
    return last


def results(store: Store, conversation: str) -> list[tuple[str, bool]]:
    return [(entry.event.text, entry.event.is_error) for entry in store.entries(conversation) if isinstance(entry.event, ToolResult)]


def test_a_tool_runs_when_it_is_approved(app: Application, store: Store, provider: Provider) -> None:
    """The question holds what is to be called with what; the model gets the result; waiting does not count as work."""
    provider.enqueue(Reply(CALCULATE), Reply("It is 391."))
    conversation = asked(app)
    request = requests(store, conversation)[0]
    assert (request.kind, json.loads(request.details)) == ("approval", {"expression": "17 * 23"})
    assert store.runs(conversation)[0].status == "waiting"
    assert store.waiting_conversations() == {conversation}
    answer(app, conversation)

    assert end(app, conversation).status == "finished"
    assert "391" in results(store, conversation)[0][0]
    assert store.waiting_conversations() == set()
    assert "391" in provider.requests[1].said[-1][1]


def test_a_refusal_tells_the_model_why(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(CALCULATE), Reply("Then not."))
    conversation = asked(app)
    answer(app, conversation, "Do it in your head.", yes=False)

    assert end(app, conversation).status == "finished"
    assert "Do it in your head." in results(store, conversation)[0][0]
    assert results(store, conversation)[0][1]
    assert not any(isinstance(entry.event, ToolBegun) for entry in store.entries(conversation))


def test_an_answer_counts_once(app: Application, store: Store, provider: Provider) -> None:
    """Also a contrary one from another tab, and one after the run's end."""
    gate = Gate()
    provider.enqueue(Reply(CALCULATE), Reply(gate, "It is 391."))
    conversation = asked(app)
    given = answered(store, conversation)
    app.runner.answer(store, ASSISTANT, conversation, given)
    for again in (given, given.model_copy(update={"is_approved": False})):
        with pytest.raises(QuestionOver):
            app.runner.answer(store, ASSISTANT, conversation, again)
    gate.open()
    end(app, conversation)
    with pytest.raises(QuestionOver):
        app.runner.answer(store, ASSISTANT, conversation, given)

    assert len([entry for entry in store.entries(conversation) if isinstance(entry.event, InputAnswered)]) == 1


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "after a restart"])
def test_nothing_runs_after_a_stop(app: Application, another: Callable[[], Application], provider: Provider, is_restarted: bool) -> None:
    provider.enqueue(Reply(CALCULATE), Reply("Hello."))
    conversation = asked(app)
    app = another() if is_restarted else app
    store = app.store(ALICE)
    given = answered(store, conversation)
    app.runner.stop(store, conversation)
    ended = end(app, conversation)
    with pytest.raises(QuestionOver):
        app.runner.answer(store, ASSISTANT, conversation, given)

    assert (ended.status, "waiting for you" in ended.reason) == ("stopped", True)
    assert not any(isinstance(entry.event, ToolBegun) for entry in store.entries(conversation))
    run = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"), conversation)
    wait_until(lambda: run.is_over)
    assert [role for role, _ in provider.requests[-1].said] == ["user", "assistant", "tool", "user"]


def test_a_question_waits_over_a_restart(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    """And the tool runs once, whoever then answers; the model hears of it as if nothing had been."""
    provider.enqueue(Reply(CALCULATE), Reply("It is 391."), Reply("Yes."))
    conversation = asked(app)
    restarted = another()
    store = restarted.store(ALICE)
    assert store.runs(conversation)[0].status == "waiting"
    assert restarted.runner.feed(store, conversation).now.status == "waiting"
    with pytest.raises(ConversationBusy):
        restarted.runner.start(store, ASSISTANT, UserMessage(text="Are you there?"), conversation)
    answer(restarted, conversation)
    with pytest.raises(QuestionOver):
        answer(restarted, conversation)
    ended = end(restarted, conversation)

    assert ended.status == "finished"
    assert [text for text, _ in results(store, conversation)] == [results(store, conversation)[0][0]]
    assert [role for role, _ in provider.requests[1].said] == ["user", "assistant", "tool"]
    assert ended.usage.prompt_tokens == 22
    texts = [entry.event.text for entry in store.entries(conversation) if isinstance(entry.event, AgentMessage)]
    assert texts == ["It is 391."]
    run = restarted.runner.start(store, ASSISTANT, UserMessage(text="Sure?"), conversation)
    wait_until(lambda: run.is_over)
    assert [role for role, _ in provider.requests[2].said] == ["user", "assistant", "tool", "assistant", "user"]


class SlowToSay(Store):
    """A store that has put a question on disk, and waits before it says so."""

    def __init__(self, store: Store, held: Held) -> None:
        self.user = store.user
        self._database = store._database  # noqa: SLF001
        self._held = held

    def append(self, run: RunRecord, events: Sequence[SavedEvent]) -> int:
        head = super().append(run, events)
        if isinstance(events[0], InputRequested):
            self._held.hold()
        return head


def test_a_question_just_asked_waits_over_a_restart(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    """The server ends between the question's way to the disk and the run's hearing of it."""
    provider.enqueue(Reply(CALCULATE), Reply("It is 391."))
    held, beginning = Held(), Beginning(options=Options(permissions=ASKING))
    run = app.runner.start(SlowToSay(app.store(ALICE), held), ASSISTANT, UserMessage(text="What is 17 * 23?"), None, beginning)
    wait_until(held.is_reached.is_set)
    with ThreadPoolExecutor(1) as pool:
        restarting = pool.submit(another)
        wait_until(lambda: run.is_stopping)
        held.let_go()
    restarted, conversation = restarting.result(), run.record.conversation

    assert restarted.store(ALICE).waiting_conversations() == {conversation}
    answer(restarted, conversation)
    assert end(restarted, conversation).status == "finished"


def test_of_two_questions_both_are_answered_first(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    second = Call("calculate", json.dumps({"expression": "2 + 2"}))
    provider.enqueue(Reply(CALCULATE, second), Reply("Done."))
    conversation = asked(app)
    wait_until(lambda: len(requests(app.store(ALICE), conversation)) == 2)
    restarted = another()
    store = restarted.store(ALICE)
    first, other = requests(store, conversation)
    restarted.runner.answer(store, ASSISTANT, conversation, InputAnswered(request_id=other.request_id))
    assert restarted.runner.feed(store, conversation).now.status == "waiting"
    assert results(store, conversation) == []
    restarted.runner.answer(store, ASSISTANT, conversation, InputAnswered(request_id=first.request_id, is_approved=False))

    assert end(restarted, conversation).status == "finished"
    assert sorted(is_error for _, is_error in results(store, conversation)) == [False, True]


def test_a_call_that_had_begun_is_never_made_again(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    """The server went between the approval and the result: whether it had its effect nobody knows, and the model is told so."""
    second = Call("calculate", json.dumps({"expression": "2 + 2"}))
    provider.enqueue(Reply(CALCULATE, second), Reply("Hm."))
    conversation = asked(app)
    wait_until(lambda: len(requests(app.store(ALICE), conversation)) == 2)
    restarted = another()
    store = restarted.store(ALICE)
    first, other = requests(store, conversation)
    record = store.runs(conversation)[0]
    store.append(record, [InputAnswered(request_id=first.request_id), ToolBegun(source="assistant", call_id=first.request_id)])
    restarted.runner.answer(store, ASSISTANT, conversation, InputAnswered(request_id=other.request_id))
    end(restarted, conversation)

    assert [text for text, is_error in results(store, conversation) if is_error] == [UNKNOWN]


def test_a_tool_that_is_never_allowed_is_not_offered(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply("Hello."))
    conversation = asked(app, permissions={"calculate": "never"})
    offered = [tool["function"]["name"] for tool in provider.requests[0].body["tools"]]

    assert end(app, conversation).status == "finished"
    assert "calculate" not in offered
    assert "get_weather" in offered


def test_the_model_asks_the_person(app: Application, another: Callable[[], Application], provider: Provider) -> None:
    question = Call("ask_person", json.dumps({"question": "Which Paris?", "choices": ["France", "Texas"]}))
    provider.enqueue(Reply(question), Reply("To Texas, then."))
    conversation = asked(app, permissions={})
    restarted = another()
    store = restarted.store(ALICE)
    request = requests(store, conversation)[0]
    assert (request.kind, request.text, request.choices) == ("question", "Which Paris?", ("France", "Texas"))
    answer(restarted, conversation, "Texas")

    assert end(restarted, conversation).status == "finished"
    assert provider.requests[1].said[-1] == ("tool", "Texas")


def test_a_budget_pauses_and_asks(
    app: Application, monkeypatch: pytest.MonkeyPatch, another: Callable[[], Application], provider: Provider
) -> None:
    """Let go on, the turn may take as much again; ended there, it keeps what it has. It waits over a restart too."""
    monkeypatch.setenv("ROUNDTABLE_TURN_CALLS", "1")
    provider.enqueue(Reply(CALCULATE), Reply(CALCULATE), Reply("Enough."))
    app = another()
    conversation = asked(app, permissions={})
    assert requests(app.store(ALICE), conversation)[0].kind == "budget"
    app = another()
    answer(app, conversation)
    wait_until(lambda: len(requests(app.store(ALICE), conversation)) == 2)
    assert len(provider.requests) == 2
    answer(app, conversation, yes=False)
    ended = end(app, conversation)

    assert (ended.status, "budget" in ended.reason) == ("stopped", True)
    assert len(results(app.store(ALICE), conversation)) == 2
    assert len(provider.requests) == 2


def test_a_stranger_answers_nothing(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(CALCULATE), Reply("Done."))
    conversation = asked(app)
    stranger = app.store(BOB)
    with pytest.raises((QuestionOver, ConversationNotFound)):
        app.runner.answer(stranger, ASSISTANT, conversation, answered(store, conversation))
    app.runner.stop(stranger, conversation)

    assert stranger.waiting_conversations() == set()
    assert store.runs(conversation)[0].status == "waiting"


def test_the_person_s_instructions_take_the_place_of_the_mode_s(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply("Arr."))
    beginning = Beginning(options=Options(instructions="You are a pirate."))
    run: Run = app.runner.start(store, ASSISTANT, UserMessage(text="Hello"), None, beginning)
    wait_until(lambda: run.is_over)

    assert provider.requests[0].body["messages"][0] == {"role": "system", "content": "You are a pirate."}
    assert store.entries(run.record.conversation)[1].event.model_dump()["instructions"] == "You are a pirate."
