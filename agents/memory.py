"""What the agent remembers when a turn begins: its last saved state, and what happened since."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from autogen_agentchat.state import AssistantAgentState
from autogen_core import FunctionCall
from autogen_core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage, LLMMessage
from autogen_core.models import UserMessage as ModelUserMessage

from agents.images.references import PromptWithImages
from state.descriptions import to_text
from state.events import AgentMessage, Continued, ImageDescribed, LogEntry, RunEnded, SavedEvent, ToolCall, ToolResult, UserMessage
from state.snapshots import State

NO_RESULT = "The call was broken off before it had a result."


def with_unfinished(state: State | None, entries: Sequence[LogEntry]) -> State | None:
    """Add what `entries` say to an AssistantAgent's state. No state and nothing said make no state.

    Only turns that finished leave a state. What stopped, failed and interrupted turns said since then is taken from the log, so that
    the agent knows all that the person sees.
    """
    refused = {entry.run for entry in entries if isinstance(entry.event, RunEnded) and entry.event.is_refused}
    said = to_model_messages([entry.event for entry in entries if entry.run not in refused])
    if not said:
        return state
    base = state or AssistantAgentState(llm_context={"messages": []}).model_dump()
    context: dict[str, Any] = base["llm_context"]
    messages = [*context["messages"], *(message.model_dump() for message in said)]
    return {**base, "llm_context": {**context, "messages": messages}}


def to_model_messages(said: Sequence[SavedEvent]) -> list[LLMMessage]:
    """Turn what was said into what a model is told: calls of tools together with all their results, or a provider would refuse them."""
    results = defaultdict[str, deque[ToolResult]](deque)  # a server may give an id twice
    for event in said:
        if isinstance(event, ToolResult):
            results[event.call_id].append(event)
    messages: list[LLMMessage] = []
    for _, group in groupby(said, type):
        alike = list(group)
        messages += _calls([event for event in alike if isinstance(event, ToolCall)], results) or _texts(alike)
    return messages


def _texts(said: Sequence[SavedEvent]) -> list[LLMMessage]:
    messages: list[LLMMessage] = []
    for event in said:
        if isinstance(event, UserMessage) and event.images:
            messages.append(PromptWithImages(content=event.text, source=event.source, images=tuple(image.id for image in event.images)))
        elif isinstance(event, UserMessage | Continued):
            messages.append(ModelUserMessage(content=event.text, source=event.source))
        elif isinstance(event, AgentMessage) and event.text:
            messages.append(AssistantMessage(content=event.text, source=event.source))
    described = [event for event in said if isinstance(event, ImageDescribed)]
    if described:
        messages.append(AssistantMessage(content="\n\n".join(map(to_text, described)), source=described[0].source))
    return messages


def _calls(calls: Sequence[ToolCall], results: Mapping[str, deque[ToolResult]]) -> list[LLMMessage]:
    if not calls:
        return []
    asked = [FunctionCall(id=call.call_id, name=call.name, arguments=call.arguments) for call in calls]
    answers = [_result(call, results[call.call_id].popleft() if results[call.call_id] else None) for call in calls]
    return [AssistantMessage(content=asked, source=calls[0].source), FunctionExecutionResultMessage(content=answers)]


def _result(call: ToolCall, result: ToolResult | None) -> FunctionExecutionResult:
    text, is_error = (result.text, result.is_error) if result else (NO_RESULT, True)
    return FunctionExecutionResult(call_id=call.call_id, name=call.name, content=text, is_error=is_error)
