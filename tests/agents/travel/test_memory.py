"""What the team's state holds of what was said since it was saved."""

from typing import Any

from agents.travel.memory import MANAGER, since_prompt, thread_of, with_unfinished_team
from agents.travel.roles import ROLES
from state.events import AgentMessage, Continued, LogEntry, RunEnded, SavedEvent, ToolCall, ToolResult, UserMessage

ADVISOR, HOTEL, FLIGHT, EVALUATOR = (role.name for role in ROLES)
PROMPT = UserMessage(text="Plan a trip")
WISH = UserMessage(text="Cheaper, please")
CALL = ToolCall(source=ADVISOR, call_id="1", name="get_weather", arguments="{}")
RESULT = ToolResult(source=ADVISOR, call_id="1", name="get_weather", text="Sunny.")
DAYS = AgentMessage(source=ADVISOR, text="Days.")


def log(*events: SavedEvent, run: str = "a") -> list[LogEntry]:
    return [LogEntry(seq=seq, run=run, event=event) for seq, event in enumerate(events, start=1)]


def context(state: Any, name: str) -> list[tuple[str, Any]]:
    """What an agent will send: its context, then its buffer."""
    container = state["agent_states"][name]
    known = [(message["type"], message["content"]) for message in container["agent_state"]["llm_context"]["messages"]]
    return [*known, *(("UserMessage", message["content"]) for message in container["message_buffer"])]


def test_nothing_said_leaves_the_state_as_it_is() -> None:
    state = with_unfinished_team(None, log(PROMPT))

    assert with_unfinished_team(None, []) is None
    assert with_unfinished_team(state, []) is state
    assert with_unfinished_team(None, log(PROMPT, RunEnded(status="failed", is_refused=True))) is None


def test_what_the_person_said_in_the_middle_of_a_call_follows_the_message() -> None:
    """A provider refuses a call whose result does not come right behind it."""
    state = with_unfinished_team(None, log(PROMPT, CALL, WISH, RESULT, DAYS))
    kinds = [kind for kind, _ in context(state, ADVISOR)]

    assert kinds == ["UserMessage", "AssistantMessage", "FunctionExecutionResultMessage", "AssistantMessage", "UserMessage"]
    assert [text for _, text in context(state, HOTEL)] == ["Plan a trip", "Days.", "Cheaper, please"]


def test_what_is_added_piece_by_piece_is_what_is_added_at_once() -> None:
    entries = log(
        PROMPT, DAYS, AgentMessage(source=HOTEL, text="Rooms.", is_partial=True), WISH, AgentMessage(source=ADVISOR, text="More.")
    )
    whole = with_unfinished_team(None, entries)
    state = None
    for entry in entries:
        state = with_unfinished_team(state, [entry])

    assert state == whole
    assert context(state, ADVISOR) == [
        ("UserMessage", "Plan a trip"),
        ("AssistantMessage", "Days."),
        ("UserMessage", "Rooms."),
        ("UserMessage", "Cheaper, please"),
        ("AssistantMessage", "More."),
    ]


def test_one_that_was_off_has_heard_everything() -> None:
    state: Any = with_unfinished_team(None, log(PROMPT, DAYS))
    without = {**state, "agent_states": {name: each for name, each in state["agent_states"].items() if name != HOTEL}}

    assert context(with_unfinished_team(without, []), HOTEL) == [("UserMessage", "Plan a trip"), ("UserMessage", "Days.")]


def test_the_thread_has_what_tools_found() -> None:
    state: Any = with_unfinished_team(None, log(PROMPT, CALL, RESULT, DAYS))

    assert [type(message).__name__ for message in thread_of(state)] == ["TextMessage", "ToolCallExecutionEvent", "TextMessage"]
    assert MANAGER in state["agent_states"]


def test_a_turn_counts_from_the_persons_last_words() -> None:
    entries = log(PROMPT, DAYS, WISH, AgentMessage(source=HOTEL, text="Rooms."), Continued(text=""))

    assert [message.to_text() for message in since_prompt(entries)] == ["Cheaper, please", "Rooms."]
    assert since_prompt([]) == []
