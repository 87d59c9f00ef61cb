"""The travel team as runs of a conversation, against a scripted model server over real HTTP."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from agents.application import Application
from agents.exports import export_conversation, export_state
from agents.imports import read_import
from agents.log_writer import SAVE_INTERVAL
from agents.runs import Run
from agents.time_machine import TimeMachine
from agents.travel.mode import TRAVEL
from agents.travel.performer import NOT_WRITTEN
from agents.travel.roles import ROLES, chosen_roles
from state.conversations import Beginning, Options
from state.errors import ConversationBusy, ImportRefused, NothingToContinue
from state.events import (
    AgentMessage,
    InputAnswered,
    InputRequested,
    PlanMade,
    RoleOption,
    RunEnded,
    SpeakerSelected,
    ToolResult,
    UserMessage,
)
from state.exports import checksum
from state.settings import load_settings
from state.store import Store
from state.turns import to_turns
from tests.agents.travel.plans import values
from tests.conftest import ALICE, wait_until
from tests.provider import Call, Gate, Provider, Reply

TASK = "Plan a 5-day trip to Paris"
ADVISOR, HOTEL, FLIGHT, EVALUATOR = (role.name for role in ROLES)
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # AutoGen's, of a structured answer that it has read
DONE = Reply("All is there.\n\nDONE")
PLAN = Reply(json.dumps(values()))


def begin(app: Application, prompt: str = TASK, conversation: str | None = None) -> Run:
    return app.runner.start(app.store(ALICE), TRAVEL, UserMessage(text=prompt), conversation)


def converse(app: Application, *replies: Reply | str, provider: Provider, prompt: str = TASK, conversation: str | None = None) -> Run:
    """Send a prompt and wait for the run's end."""
    provider.enqueue(*(reply if isinstance(reply, Reply) else Reply(reply) for reply in replies))
    run = begin(app, prompt, conversation)
    wait_until(lambda: run.is_over)
    return run


def events(store: Store, run: Run) -> list[Any]:
    return [entry.event for entry in store.entries(run.record.conversation)]


def said(store: Store, run: Run) -> list[tuple[str, str]]:
    return [(event.source, event.text) for event in events(store, run) if isinstance(event, AgentMessage)]


def ended(store: Store, run: Run) -> RunEnded:
    last = events(store, run)[-1]
    assert isinstance(last, RunEnded)
    return last


def system_of(request: Any) -> str:
    return str(request.body["messages"][0]["content"])


def told(provider: Provider, role: str) -> list[list[tuple[str, Any]]]:
    """What each request of an agent carried, as (role, content)."""
    instructions = next(each.instructions for each in ROLES if each.name == role)
    return [request.said for request in provider.requests if system_of(request) == instructions]


def test_it_runs_to_done_and_writes_the_plan_down(app: Application, store: Store, provider: Provider) -> None:
    """Selector and speakers in turn, each choice before its speaker's message; what the plan's own request took counts too."""
    run = converse(app, ADVISOR, "Days.", FLIGHT, "Flights.", HOTEL, "Rooms.", EVALUATOR, DONE, PLAN, provider=provider)
    kinds = [event.type for event in events(store, run)]
    plan = events(store, run)[-2]

    assert kinds == ["user_message", "run_started", *["speaker_selected", "agent_message"] * 4, "plan_made", "run_ended"]
    assert [source for source, _ in said(store, run)] == [ADVISOR, FLIGHT, HOTEL, EVALUATOR]
    assert isinstance(plan, PlanMade)
    assert plan.plan is not None
    assert (plan.plan["title"], plan.remark) == ("Three days in Paris", "")
    assert ended(store, run).status == "finished"
    assert ended(store, run).is_complete
    assert ended(store, run).reason == "Evaluator ended its message with DONE: the plan is complete."
    assert len(provider.requests) == 9
    assert ended(store, run).usage.prompt_tokens == 9 * 11


@pytest.mark.parametrize(("prompt", "text"), [("Get it DONE: a trip to Paris", "Days."), (TASK, "ABANDONED")])
def test_other_words_do_not_end_it(app: Application, store: Store, provider: Provider, prompt: str, text: str) -> None:
    run = converse(app, ADVISOR, text, EVALUATOR, "ABANDONED", HOTEL, "Rooms.", EVALUATOR, DONE, PLAN, provider=provider, prompt=prompt)

    assert [source for source, _ in said(store, run)] == [ADVISOR, EVALUATOR, HOTEL, EVALUATOR]


def test_twelve_messages_end_it_and_it_can_go_on(app: Application, store: Store, provider: Provider) -> None:
    turns = [part for number in range(11) for part in (ROLES[number % 4].name, "Well.")]
    run = converse(app, *turns, Reply("No plan."), Reply("None."), provider=provider)
    assert "12 messages" in ended(store, run).reason
    assert not ended(store, run).is_complete
    provider.enqueue(Reply(EVALUATOR), DONE, PLAN)
    again = TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)
    wait_until(lambda: again.is_over)

    assert ended(store, again).is_complete
    assert told(provider, EVALUATOR)[-1][-1] == ("user", "Go on until your work is complete.")


def test_a_reply_that_is_no_plan_stays_as_text(app: Application, store: Store, provider: Provider) -> None:
    run = converse(app, EVALUATOR, DONE, "Paris is lovely.", "It really is.", provider=provider)
    made = events(store, run)[-2]

    assert (made.plan, made.text) == (None, "It really is.")
    assert "no plan in JSON" in made.remark
    assert ended(store, run).status == "finished"


def test_a_plan_that_cannot_be_asked_for_fails_no_turn(app: Application, store: Store, provider: Provider) -> None:
    run = converse(app, EVALUATOR, DONE, Reply(status=401), provider=provider)

    assert events(store, run)[-2].remark == NOT_WRITTEN
    assert ended(store, run).status == "finished"


def test_the_next_prompt_goes_on_with_what_the_team_knows(app: Application, store: Store, provider: Provider) -> None:
    run = converse(app, ADVISOR, "Days.", EVALUATOR, DONE, PLAN, provider=provider)
    converse(app, EVALUATOR, DONE, PLAN, provider=provider, prompt="Shorter", conversation=run.record.conversation)

    assert [content for _, content in told(provider, EVALUATOR)[-1]] == [TASK, "Days.", "All is there.\n\nDONE", "Shorter"]


def stopped_in_mid_team(app: Application, provider: Provider, *, how: str = "stop") -> Run:
    """A run that was broken off in the hotel agent's message."""
    provider.enqueue(Reply(ADVISOR), Reply("Days."), Reply(HOTEL), Reply("Rooms in the", Gate()))
    run = begin(app)
    feed = app.runner.feed(app.store(ALICE), run.record.conversation)
    wait_until(lambda: feed.now.draft is not None and feed.now.draft.text == "Rooms in the")
    if how == "stop":
        run.stop()
        wait_until(lambda: run.is_over)
    return run


@pytest.mark.parametrize("how", ["stop", "restart"])
def test_continue_goes_on_with_the_next_speaker(app: Application, another: Callable[[], Application], provider: Provider, how: str) -> None:
    """Nothing said is lost or doubled in any agent's memory: each knows its own words as its own, and the others' in their order."""
    run = stopped_in_mid_team(app, provider, how=how)
    app = app if how == "stop" else another()
    store = app.store(ALICE)
    provider.enqueue(Reply(FLIGHT), Reply("Flights."), Reply(HOTEL), Reply("Rooms."), Reply(EVALUATOR), DONE, PLAN)
    again = TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)
    wait_until(lambda: again.is_over)

    assert told(provider, FLIGHT) == [[("user", TASK), ("user", "Days."), ("user", "Rooms in the")]]
    heard = [("user", TASK), ("user", "Days."), ("assistant", "Rooms in the"), ("user", "Flights.")]
    assert told(provider, HOTEL)[-1] == heard
    assert [content for _, content in told(provider, EVALUATOR)[-1]] == [TASK, "Days.", "Rooms in the", "Flights.", "Rooms."]
    selector = next(request for request in provider.requests[4:] if "Read the conversation" in system_of(request))
    assert f"['{ADVISOR}', '{FLIGHT}', '{EVALUATOR}']" in system_of(selector)
    (turn,) = to_turns(store.entries(run.record.conversation))
    texts = [event.text for event in turn.said if isinstance(event, AgentMessage)]
    assert texts == ["Days.", "Rooms in the", "Flights.", "Rooms.", "All is there.\n\nDONE"]
    assert ended(store, again).is_complete


def test_the_limit_counts_over_a_stop(app: Application, store: Store, provider: Provider) -> None:
    run = stopped_in_mid_team(app, provider)
    names = [FLIGHT, HOTEL, ADVISOR]
    provider.enqueue(*(Reply(part) for number in range(9) for part in (names[number % 3], "Well.")), PLAN)
    again = TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)
    wait_until(lambda: again.is_over)

    assert len(said(store, again)) == 11
    assert "12 messages" in ended(store, again).reason


def test_a_stop_while_the_plan_is_written_goes_on_with_the_plan(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(EVALUATOR), DONE, Reply(Gate()))
    run = begin(app)
    provider.wait_for_requests(3)
    wait_until(lambda: app.runner.feed(store, run.record.conversation).now.note == "Writing the plan down…")
    run.stop()
    wait_until(lambda: run.is_over)
    assert "between two steps" in ended(store, run).reason
    provider.enqueue(PLAN)
    again = TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)
    wait_until(lambda: again.is_over)

    assert len(provider.requests) == 4
    assert isinstance(events(store, again)[-2], PlanMade)
    assert ended(store, again).is_complete


def test_what_had_not_begun_cannot_go_on(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(Gate()))
    run = begin(app)
    provider.wait_for_requests(1)
    run.stop()
    wait_until(lambda: run.is_over)

    with pytest.raises(NothingToContinue):
        TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)


def asked(app: Application, provider: Provider) -> tuple[Run, InputRequested]:
    """The advisor asks the person; the run waits."""
    question = Call("ask_person", json.dumps({"question": "From where, when, and for how much?"}))
    provider.enqueue(Reply(ADVISOR), Reply(question))
    run = begin(app)
    store = app.store(ALICE)
    wait_until(store.waiting_conversations)
    return run, next(event for event in events(store, run) if isinstance(event, InputRequested))


@pytest.mark.parametrize("is_restarted", [False, True], ids=["", "after a restart"])
def test_a_question_is_answered_and_its_asker_goes_on(
    app: Application, another: Callable[[], Application], provider: Provider, *, is_restarted: bool
) -> None:
    """Whichever process has it then; the asker has its question and the answer, and nobody is chosen anew."""
    run, request = asked(app, provider)
    app = another() if is_restarted else app
    store = app.store(ALICE)
    provider.enqueue(Reply("Then from London."), Reply(EVALUATOR), DONE, PLAN)
    app.runner.answer(store, TRAVEL, run.record.conversation, InputAnswered(request_id=request.request_id, text="London, May, 900 €"))
    wait_until(lambda: store.runs(run.record.conversation)[-1].ended)

    assert (request.kind, request.source) == ("question", ADVISOR)
    assert ended(store, run).is_complete
    assert [role for role, _ in told(provider, ADVISOR)[1]] == ["user", "assistant", "tool"]
    assert told(provider, ADVISOR)[1][-1] == ("tool", "London, May, 900 €")
    assert said(store, run) == [(ADVISOR, "Then from London."), (EVALUATOR, "All is there.\n\nDONE")]
    assert len([event for event in events(store, run) if isinstance(event, SpeakerSelected)]) == 2
    assert [content for _, content in told(provider, EVALUATOR)[0]] == [TASK, "Then from London."]


def test_a_budget_ended_in_mid_team_ends_the_turn(app: Application, monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    """Also where the selector's request is the one too many, whose failures else fail no turn."""
    app.close()
    monkeypatch.setenv("ROUNDTABLE_TURN_CALLS", "2")
    app = Application(load_settings(env_file=None))
    store = app.store(ALICE)
    provider.enqueue(Reply(ADVISOR), Reply("Days."))
    run = begin(app)
    wait_until(store.waiting_conversations)
    app.runner.answer(store, TRAVEL, run.record.conversation, InputAnswered(request_id="budget-1", is_approved=False))
    wait_until(lambda: run.is_over)
    last = ended(store, run)
    app.close()

    assert (last.status, "budget" in last.reason) == ("stopped", True)
    assert len(provider.requests) == 2


def test_a_wish_is_taken_up_before_the_next_speaker(app: Application, store: Store, provider: Provider) -> None:
    """In the same turn: the message being written goes on, and its saved text is not lost with the wish."""
    gate = Gate()
    provider.enqueue(Reply(ADVISOR), Reply("Days, ", gate, "many."), Reply(HOTEL), Reply("Cheap rooms."), Reply(EVALUATOR), DONE, PLAN)
    run = begin(app)
    wait_until(lambda: run.has_text)
    app.runner.add_wish(store, run.record.conversation, UserMessage(text="Cheaper, please"))
    assert run.has_text
    gate.open()
    wait_until(lambda: run.is_over)
    (turn,) = to_turns(store.entries(run.record.conversation))

    assert turn.prompt is not None
    assert turn.prompt.text == TASK
    assert said(store, run)[:2] == [(ADVISOR, "Days, many."), (HOTEL, "Cheap rooms.")]
    assert [content for _, content in told(provider, HOTEL)[0]] == [TASK, "Days, many.", "Cheaper, please"]
    assert [event.text for event in turn.said if isinstance(event, UserMessage)] == ["Cheaper, please"]
    assert ended(store, run).is_complete
    copy = store.take_in(read_import(export_conversation(store, run.record.conversation).encode()))
    assert store.runs(copy.id)[0].status == "finished"


def test_a_wish_at_the_end_is_taken_up_too(app: Application, store: Store, provider: Provider) -> None:
    """The plan is then written anew."""
    gate = Gate()
    provider.enqueue(Reply(EVALUATOR), DONE, Reply(gate, PLAN.text), Reply(HOTEL), Reply("Cheap rooms."), Reply(EVALUATOR), DONE, PLAN)
    run = begin(app)
    provider.wait_for_requests(3)
    app.runner.add_wish(store, run.record.conversation, UserMessage(text="Cheaper, please"))
    gate.open()
    wait_until(lambda: run.is_over)

    assert [source for source, _ in said(store, run)] == [EVALUATOR, HOTEL, EVALUATOR]
    assert len([event for event in events(store, run) if isinstance(event, PlanMade)]) == 2
    with pytest.raises(ConversationBusy):
        app.runner.add_wish(store, run.record.conversation, UserMessage(text="Too late"))


def test_a_wish_costs_no_text_in_a_crash(app: Application, store: Store, provider: Provider) -> None:
    """What was saved of the message being written is saved again behind the wish."""
    provider.enqueue(Reply(ADVISOR), Reply("Days, ", Gate()))
    run = begin(app)
    wait_until(lambda: run.has_text)
    time.sleep(3 * SAVE_INTERVAL)
    app.runner.add_wish(store, run.record.conversation, UserMessage(text="Cheaper, please"))
    time.sleep(3 * SAVE_INTERVAL)
    store.interrupt_lost_runs(run.record.conversation)  # as a new server does
    crashed = said(store, run)
    run.stop()
    wait_until(lambda: run.is_over)

    assert crashed == [(ADVISOR, "Days, ")]


def test_a_wish_before_a_stop_is_not_forgotten(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(ADVISOR), Reply("Days, ", Gate()))
    run = begin(app)
    wait_until(lambda: run.has_text)
    app.runner.add_wish(store, run.record.conversation, UserMessage(text="Cheaper, please"))
    run.stop()
    wait_until(lambda: run.is_over)
    provider.enqueue(Reply(EVALUATOR), DONE, PLAN)
    again = TimeMachine(app.runner, store, run.record.conversation).go_on(TRAVEL)
    wait_until(lambda: again.is_over)

    assert sorted(content for _, content in told(provider, EVALUATOR)[0]) == ["Cheaper, please", "Days, ", TASK]


def test_the_team_is_as_the_person_wants_it(app: Application, store: Store, provider: Provider) -> None:
    """One is off and never a candidate, another has other instructions; switched on again, it knows what was said."""
    roles = {HOTEL: RoleOption(is_on=False), ADVISOR: RoleOption(instructions="You are a pirate.")}
    provider.enqueue(Reply(ADVISOR), Reply("Arr."), Reply(EVALUATOR), DONE, PLAN)
    run = app.runner.start(store, TRAVEL, UserMessage(text=TASK), None, Beginning(options=Options(roles=roles)))
    wait_until(lambda: run.is_over)
    chosen = next(event for event in events(store, run) if isinstance(event, SpeakerSelected))
    store.set_options(run.record.conversation, Options())
    converse(app, HOTEL, "Rooms.", EVALUATOR, DONE, PLAN, provider=provider, prompt="And rooms?", conversation=run.record.conversation)

    assert chosen.candidates == (ADVISOR, FLIGHT, EVALUATOR)
    assert system_of(provider.requests[1]) == "You are a pirate."
    assert events(store, run)[1].roles == roles
    assert [content for _, content in told(provider, HOTEL)[0]] == [TASK, "Arr.", "All is there.\n\nDONE", "And rooms?"]


def test_a_team_of_one_is_the_whole_team() -> None:
    assert chosen_roles({name: RoleOption(is_on=False) for name in (ADVISOR, HOTEL, FLIGHT)}) == ROLES


def test_tools_are_those_of_the_role(app: Application, store: Store, provider: Provider) -> None:
    airports = Call("airports_of", json.dumps({"city": "Paris"}))
    converse(app, FLIGHT, Reply(airports), "CDG.", EVALUATOR, DONE, PLAN, provider=provider)
    offered = [{tool["function"]["name"] for tool in request.body.get("tools", [])} for request in provider.requests]

    assert offered[1] == {"airports_of", "flight_between", "time_difference", "convert_currency", "ask_person"}
    assert offered[4] == {"convert_currency"}
    assert offered[0] == offered[3] == offered[5] == set()


def test_a_tool_that_is_down_is_said_and_ends_nothing(app: Application, monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    app.close()
    for name in ("GEOCODING", "OVERPASS", "CLIMATE"):
        monkeypatch.setenv(f"ROUNDTABLE_{name}_URL", "http://127.0.0.1:1")
    app = Application(load_settings(env_file=None))
    hotels = Call("find_hotels", json.dumps({"place": "48.85, 2.35"}))
    run = converse(app, HOTEL, Reply(hotels), "I found none.", EVALUATOR, DONE, PLAN, provider=provider)
    results = [event for event in events(app.store(ALICE), run) if isinstance(event, ToolResult)]
    last, made = ended(app.store(ALICE), run), events(app.store(ALICE), run)[-2]
    app.close()

    assert made.findings[-1] == "No answer from “Lodgings”: The Overpass API of OpenStreetMap cannot be reached now."
    assert [(result.is_error, "cannot be reached" in result.text) for result in results] == [(True, True)]
    assert last.is_complete


def test_a_copy_knows_what_the_team_knew(app: Application, store: Store, provider: Provider) -> None:
    """An imported conversation has no state: all is told to the agents from the log."""
    run = converse(app, ADVISOR, "Days.", EVALUATOR, DONE, PLAN, provider=provider)
    copy = store.take_in(read_import(export_conversation(store, run.record.conversation).encode()))
    converse(app, EVALUATOR, DONE, PLAN, provider=provider, prompt="Shorter", conversation=copy.id)

    assert [content for _, content in told(provider, EVALUATOR)[-1]] == [TASK, "Days.", "All is there.\n\nDONE", "Shorter"]


def test_the_state_taken_along_holds_what_was_broken_off(app: Application, store: Store, provider: Provider) -> None:
    run = stopped_in_mid_team(app, provider)
    state = json.loads(export_state(store, run.record.conversation))
    thread = state["agent_states"]["SelectorGroupChatManager"]["message_thread"]

    assert [(message["source"], message["content"]) for message in thread] == [("user", TASK), (ADVISOR, "Days."), (HOTEL, "Rooms in the")]


def test_a_file_cannot_name_a_speaker_the_team_does_not_have(app: Application, store: Store, provider: Provider) -> None:
    provider.enqueue(Reply(EVALUATOR), DONE, PLAN)
    run = app.runner.start(store, TRAVEL, UserMessage(text=TASK), None)
    wait_until(lambda: run.is_over)
    file = json.loads(export_conversation(store, run.record.conversation))
    chosen = next(entry["event"] for entry in file["events"] if entry["event"]["type"] == "speaker_selected")
    chosen["speaker"] = "Stranger"

    with pytest.raises(ImportRefused, match="Stranger"):
        read_import(json.dumps(file | {"checksum": checksum(file)}).encode())
