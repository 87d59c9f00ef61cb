"""What the team remembers when a turn begins: its last saved state, and what happened since, as if each had heard it when it was said."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, MessageFactory, TextMessage, ToolCallExecutionEvent
from autogen_agentchat.state import AssistantAgentState, ChatAgentContainerState, SelectorManagerState, TeamState
from autogen_core.models import FunctionExecutionResult

from agents.memory import to_model_messages
from agents.travel.roles import ROLES
from state.events import AgentMessage, Continued, LogEntry, RunEnded, ToolCall, ToolResult, UserMessage
from state.snapshots import State

MANAGER = "SelectorGroupChatManager"
"""AutoGen's name for whoever keeps the thread, and its key in a team's state."""

_factory = MessageFactory()


def with_unfinished_team(state: State | None, entries: Sequence[LogEntry]) -> State | None:
    """Add what `entries` say to a SelectorGroupChat's state. No state and nothing said make no state.

    Each agent has its own words and calls of tools in its context, and those of the others in the order they were said. An agent that
    the state does not know, as it was switched off, has heard everything.
    """
    said = _settled(_told(entries))
    before: Mapping[str, Any] = state["agent_states"] if state else {}
    if not said and (state is None or all(role.name in before for role in ROLES)):
        return state
    thread = list(SelectorManagerState.model_validate(before.get(MANAGER, {})).message_thread)
    agents = {role.name: _container(role.name, before.get(role.name) or _newcomer(thread), said) for role in ROLES}
    manager = SelectorManagerState(message_thread=[*thread, *(message.dump() for message in to_messages(said))])
    return TeamState(agent_states={**before, **agents, MANAGER: manager.model_dump()}).model_dump()


def to_messages(said: Sequence[LogEntry]) -> list[BaseAgentEvent | BaseChatMessage]:
    """Turn what was said into the messages of a team's thread: with what tools found."""
    return [message for entry in said if (message := _message(entry)) is not None]


def thread_of(state: State) -> list[BaseAgentEvent | BaseChatMessage]:
    """All messages that a team's state holds."""
    manager = SelectorManagerState.model_validate(state["agent_states"].get(MANAGER, {}))
    return [_factory.create(message) for message in manager.message_thread]


def since_prompt(entries: Sequence[LogEntry]) -> list[BaseChatMessage]:
    """What was said since the person's last words, those too."""
    messages = [message for message in to_messages(_settled(_told(entries))) if isinstance(message, BaseChatMessage)]
    begin = max((place for place, message in enumerate(messages) if message.source == "user"), default=0)
    return messages[begin:]


def _told(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """Leave out what nobody in the team hears, and prompts that the model's server refused."""
    refused = {entry.run for entry in entries if isinstance(entry.event, RunEnded) and entry.event.is_refused}
    heard = UserMessage | Continued | AgentMessage | ToolCall | ToolResult
    return [entry for entry in entries if entry.run not in refused and isinstance(entry.event, heard)]


def _settled(said: Sequence[LogEntry]) -> list[LogEntry]:
    """Put what the person said between an agent's call of a tool and its message behind that message."""
    settled: list[LogEntry] = []
    waiting: list[LogEntry] = []
    is_speaking = False
    for entry in said:
        is_prompt = isinstance(entry.event, UserMessage | Continued)
        if is_prompt and is_speaking:
            waiting.append(entry)
            continue
        settled.append(entry)
        is_speaking = not is_prompt and not isinstance(entry.event, AgentMessage)
        if not is_speaking:
            settled, waiting = [*settled, *waiting], []
    return [*settled, *waiting]


def _container(name: str, before: Mapping[str, Any], said: Sequence[LogEntry]) -> dict[str, Any]:
    """One agent's state: what others said waits in its buffer until it speaks itself."""
    container = ChatAgentContainerState.model_validate(before)
    buffer = list(container.message_buffer)
    context = list(container.agent_state["llm_context"]["messages"])
    for is_own, group in groupby(said, lambda entry: entry.event.source == name):
        entries = list(group)
        if is_own:
            own = to_model_messages([entry.event for entry in entries])
            context += [*_heard(buffer), *(message.model_dump() for message in own)]
            buffer = []
        else:
            buffer += _chat(entries)
    llm_context = {**container.agent_state["llm_context"], "messages": context}
    agent_state = {**container.agent_state, "llm_context": llm_context}
    return ChatAgentContainerState(agent_state=agent_state, message_buffer=buffer).model_dump()


def _newcomer(thread: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    messages = (_factory.create(message) for message in thread)
    heard = [message.dump() for message in messages if isinstance(message, BaseChatMessage)]
    agent = AssistantAgentState(llm_context={"messages": []}).model_dump()
    return ChatAgentContainerState(agent_state=agent, message_buffer=heard).model_dump()


def _chat(entries: Sequence[LogEntry]) -> list[Mapping[str, Any]]:
    return [message.dump() for message in to_messages(entries) if isinstance(message, BaseChatMessage)]


def _heard(buffer: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for message in map(_factory.create, buffer):
        if isinstance(message, BaseChatMessage):
            yield message.to_model_message().model_dump()


def _message(entry: LogEntry) -> BaseAgentEvent | BaseChatMessage | None:
    event, about = entry.event, {"id": f"{entry.run}-{entry.seq}", "created_at": entry.event.time, "source": entry.event.source}
    match event:
        case UserMessage() | Continued() | AgentMessage() if event.text:
            return TextMessage(content=event.text, **about)
        case ToolResult():
            result = FunctionExecutionResult(call_id=event.call_id, name=event.name, content=event.text, is_error=event.is_error)
            return ToolCallExecutionEvent(content=[result], **about)
        case _:
            return None
