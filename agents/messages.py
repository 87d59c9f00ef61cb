"""AutoGen's messages turned into our events."""

from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import (
    BaseAgentEvent,
    BaseChatMessage,
    ModelClientStreamingChunkEvent,
    TextMessage,
    ThoughtEvent,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
    ToolCallSummaryMessage,
)
from autogen_core.models import RequestUsage

from agents.performer import Closing, Happening
from state.events import AgentMessage, ChatEvent, Event, TextDelta, Thought, ToolCall, ToolResult, Usage


def to_chat_events(happening: Happening) -> list[ChatEvent]:
    """Turn what comes of a turn into the events it stands for: none for what a person need not see."""
    if isinstance(happening, Event):
        return [happening]
    return [] if isinstance(happening, TaskResult | Closing) else _from_message(happening)


def _from_message(message: BaseAgentEvent | BaseChatMessage) -> list[ChatEvent]:
    source, time = message.source, message.created_at
    match message:
        case ModelClientStreamingChunkEvent():
            return [TextDelta(source=source, time=time, text=message.content)]
        case ThoughtEvent():
            return [Thought(source=source, time=time, text=message.content)]
        case ToolCallRequestEvent():
            return [
                ToolCall(source=source, time=time, call_id=call.id, name=call.name, arguments=call.arguments) for call in message.content
            ]
        case ToolCallExecutionEvent():
            return [
                ToolResult(
                    source=source, time=time, call_id=result.call_id, name=result.name, text=result.content, is_error=bool(result.is_error)
                )
                for result in message.content
            ]
        case TextMessage() | ToolCallSummaryMessage():
            return [AgentMessage(source=source, time=time, text=message.content, usage=_usage(message.models_usage))]
        case _:
            return []


def _usage(usage: RequestUsage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)
