"""AutoGen's messages as our events."""

from datetime import UTC, datetime
from typing import Literal

import pytest
from autogen_agentchat.messages import (
    BaseTextChatMessage,
    HandoffMessage,
    MemoryQueryEvent,
    ModelClientStreamingChunkEvent,
    MultiModalMessage,
    StopMessage,
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
    ToolCallSummaryMessage,
    UserInputRequestedEvent,
)
from autogen_core import FunctionCall
from autogen_core.models import FunctionExecutionResult, RequestUsage

from agents.messages import to_chat_events
from agents.performer import Happening
from state.events import AgentMessage, ChatEvent, TextDelta, Thought, ToolCall, ToolResult, Usage

MOMENT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
BY = "writer"


class NewMessage(BaseTextChatMessage):
    """A kind of message that a later AutoGen, or somebody's agent, might send."""

    type: Literal["NewMessage"] = "NewMessage"


KNOWN: dict[str, tuple[Happening, list[ChatEvent]]] = {
    "delta": (
        ModelClientStreamingChunkEvent(source=BY, created_at=MOMENT, content="Hel"),
        [TextDelta(source=BY, time=MOMENT, text="Hel")],
    ),
    "thought": (
        ThoughtEvent(source=BY, created_at=MOMENT, content="Hm."),
        [Thought(source=BY, time=MOMENT, text="Hm.")],
    ),
    "calls": (
        ToolCallRequestEvent(
            source=BY,
            created_at=MOMENT,
            content=[FunctionCall(id="1", name="add", arguments='{"a": 1}'), FunctionCall(id="2", name="sub", arguments="not JSON")],
        ),
        [
            ToolCall(source=BY, time=MOMENT, call_id="1", name="add", arguments='{"a": 1}'),
            ToolCall(source=BY, time=MOMENT, call_id="2", name="sub", arguments="not JSON"),
        ],
    ),
    "results": (
        ToolCallExecutionEvent(
            source=BY,
            created_at=MOMENT,
            content=[
                FunctionExecutionResult(call_id="1", name="add", content="3", is_error=None),
                FunctionExecutionResult(call_id="2", name="sub", content="No.", is_error=True),
            ],
        ),
        [
            ToolResult(source=BY, time=MOMENT, call_id="1", name="add", text="3", is_error=False),
            ToolResult(source=BY, time=MOMENT, call_id="2", name="sub", text="No.", is_error=True),
        ],
    ),
    "text": (
        TextMessage(source=BY, created_at=MOMENT, content="Hello.", models_usage=RequestUsage(prompt_tokens=3, completion_tokens=4)),
        [AgentMessage(source=BY, time=MOMENT, text="Hello.", usage=Usage(prompt_tokens=3, completion_tokens=4))],
    ),
    "text without usage": (
        TextMessage(source=BY, created_at=MOMENT, content=""),
        [AgentMessage(source=BY, time=MOMENT, text="", usage=None)],
    ),
    "summary": (
        ToolCallSummaryMessage(source=BY, created_at=MOMENT, content="3", tool_calls=[], results=[]),
        [AgentMessage(source=BY, time=MOMENT, text="3")],
    ),
}

UNKNOWN: list[Happening] = [
    NewMessage(source=BY, content="Hello."),
    StopMessage(source=BY, content="Done."),
    HandoffMessage(source=BY, content="Yours.", target="editor"),
    MultiModalMessage(source=BY, content=["Hello."]),
    MemoryQueryEvent(source=BY, content=[]),
    UserInputRequestedEvent(source=BY, request_id="1"),
]


@pytest.mark.parametrize("kind", KNOWN)
def test_known_messages_become_events(kind: str) -> None:
    message, events = KNOWN[kind]

    assert to_chat_events(message) == events


@pytest.mark.parametrize("message", UNKNOWN, ids=lambda message: type(message).__name__)
def test_other_messages_become_nothing(message: Happening) -> None:
    assert to_chat_events(message) == []
