"""What the agent remembers beyond its last saved state."""

import copy

from autogen_agentchat.state import AssistantAgentState
from autogen_core import FunctionCall
from autogen_core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage
from autogen_core.models import UserMessage as ModelUserMessage

from agents.memory import NO_RESULT, to_model_messages, with_unfinished
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
CALLED = AssistantMessage(content=[FunctionCall(id="1", name="add", arguments="{}")], source="assistant")
ANSWERED = FunctionExecutionResult(call_id="1", name="add", content="3", is_error=False)
SAID = [
    ModelUserMessage(content="Tell me", source="user"),
    CALLED,
    FunctionExecutionResultMessage(content=[ANSWERED]),
    AssistantMessage(content="So far ", source="assistant"),
]


def test_an_unfinished_turn_is_remembered_by_what_was_said() -> None:
    """With its calls of tools and their results."""
    state = with_unfinished(None, UNFINISHED)

    assert state is not None
    assert state == AssistantAgentState(llm_context={"messages": [message.model_dump() for message in SAID]}).model_dump()


def test_no_call_is_remembered_without_its_result() -> None:
    """A provider would refuse the next request. Calls made at once stay one message, and an id that comes again is another call."""
    calls = [ToolCall(source="assistant", call_id=id, name="add", arguments="{}") for id in ("1", "2", "1")]
    results = [ToolResult(source="assistant", call_id="1", name="add", text=text) for text in ("3", "4")]
    both, again = to_model_messages([*calls[:2], results[0]]), to_model_messages([calls[0], results[0], calls[2], results[1]])

    assert [len(message.content) for message in both] == [2, 2]
    told = both[1]
    assert isinstance(told, FunctionExecutionResultMessage)
    assert [(result.content, result.is_error) for result in told.content] == [("3", False), (NO_RESULT, True)]
    texts = [message.content[0].content for message in again if isinstance(message, FunctionExecutionResultMessage)]
    assert texts == ["3", "4"]


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
