"""What the agent remembers beyond its last saved state."""

import copy

from autogen_agentchat.state import AssistantAgentState
from autogen_core.models import AssistantMessage
from autogen_core.models import UserMessage as ModelUserMessage

from agents.memory import with_unfinished
from state.events import AgentMessage, LogEntry, RunEnded, RunStarted, SavedEvent, Thought, ToolCall, ToolResult, UserMessage
from state.snapshots import State


def log(*events: SavedEvent) -> list[LogEntry]:
    return [LogEntry(seq=seq, run="r1", event=event) for seq, event in enumerate(events, start=1)]


UNFINISHED = log(
    UserMessage(text="Tell me"),
    RunStarted(model="demo"),
    Thought(source="assistant", text="Hm."),
    ToolCall(source="assistant", call_id="1", name="add", arguments="{}"),
    ToolResult(source="assistant", call_id="1", name="add", text="3"),
    AgentMessage(source="assistant", text="So far ", is_partial=True),
    RunEnded(status="stopped", reason="You stopped this answer."),
)
SAID = [ModelUserMessage(content="Tell me", source="user"), AssistantMessage(content="So far ", source="assistant")]


def test_an_unfinished_turn_is_remembered_by_what_was_said() -> None:
    """Calls without AutoGen's own bookkeeping would make the next request invalid, so they are left out."""
    state = with_unfinished(None, UNFINISHED)

    assert state is not None
    assert state == AssistantAgentState(llm_context={"messages": [message.model_dump() for message in SAID]}).model_dump()


def test_an_unfinished_turn_comes_after_the_saved_state() -> None:
    """Whatever else the state holds stays, and the state that was given is not changed."""
    earlier = ModelUserMessage(content="Hello", source="user").model_dump()
    state = {"type": "AssistantAgentState", "version": "1.0.0", "llm_context": {"messages": [earlier], "extra": 1}}
    before = copy.deepcopy(state)
    grown = with_unfinished(state, UNFINISHED)

    assert grown == state | {"llm_context": {"messages": [earlier, *(message.model_dump() for message in SAID)], "extra": 1}}
    assert state == before


def test_where_nothing_was_said_the_state_stays() -> None:
    silent = log(RunStarted(model="demo"), AgentMessage(source="assistant", text=""), RunEnded(status="failed", reason="It failed."))
    state: State = {"llm_context": {"messages": []}}

    assert with_unfinished(None, silent) is None
    assert with_unfinished(state, silent) is state
    assert with_unfinished(state, []) is state
