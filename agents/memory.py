"""What the agent remembers when a turn begins: its last saved state, and what happened since."""

from collections.abc import Sequence
from typing import Any

from autogen_agentchat.state import AssistantAgentState
from autogen_core.models import AssistantMessage, LLMMessage, UserMessage

from state import events
from state.events import LogEntry
from state.snapshots import State
from state.store import Store


def load_memory(store: Store, conversation: str, run: str | None) -> State | None:
    """Load AutoGen's state for the agent of a conversation, as a turn that follows `run` finds it.

    Only turns that finished leave a state. Prompts and texts of stopped, failed and interrupted turns since then are taken from
    the log, so that the agent knows all that the person sees.
    """
    return with_unfinished(*store.memory(conversation, run))


def with_unfinished(state: State | None, entries: Sequence[LogEntry]) -> State | None:
    """Add what `entries` say to an AssistantAgent's state. No state and nothing said make no state."""
    refused = {entry.run for entry in entries if isinstance(entry.event, events.RunEnded) and entry.event.is_refused}
    said = [message for entry in entries if entry.run not in refused for message in _to_model_messages(entry.event)]
    if not said:
        return state
    base = state or AssistantAgentState(llm_context={"messages": []}).model_dump()
    context: dict[str, Any] = base["llm_context"]
    messages = [*context["messages"], *(message.model_dump() for message in said)]
    return {**base, "llm_context": {**context, "messages": messages}}


def _to_model_messages(event: events.SavedEvent) -> list[LLMMessage]:
    match event:
        case events.UserMessage() | events.Continued():
            return [UserMessage(content=event.text, source=event.source)]
        case events.AgentMessage() if event.text:
            return [AssistantMessage(content=event.text, source=event.source)]
        case _:
            return []
