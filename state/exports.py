"""A conversation as files to take along. `docs/format.md` describes the JSON; a test holds it to that."""

import json
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime

from state.conversations import Conversation, RunRecord
from state.events import AgentMessage, LogEntry, RunEnded, UserMessage, now
from state.snapshots import State
from state.values import Value


class ConversationFile(Value):
    """The whole of a conversation file."""

    format: Literal["roundtable-conversation"] = "roundtable-conversation"
    version: Literal[1] = 1
    exported: AwareDatetime
    conversation: Conversation
    runs: Sequence[RunRecord]
    events: Sequence[LogEntry]
    agent_state: State | None
    """What AutoGen's `save_state()` gave after the last turn, with what was said since."""


def to_json(conversation: Conversation, runs: Sequence[RunRecord], entries: Sequence[LogEntry], state: State | None) -> str:
    """Make the text of a conversation file."""
    file = ConversationFile(exported=now(), conversation=conversation, runs=runs, events=entries, agent_state=state)
    return file.model_dump_json(indent=2)


def to_markdown(conversation: Conversation, entries: Sequence[LogEntry]) -> str:
    """Make a transcript to read: what was said, by whom and when. Times are in UTC."""
    parts = [f"# {conversation.title}", f"{conversation.mode} · begun {conversation.created:%Y-%m-%d %H:%M} UTC"]
    for entry in entries:
        event = entry.event
        if isinstance(event, UserMessage | AgentMessage):
            parts += [f"## {event.source} · {event.time:%Y-%m-%d %H:%M} UTC", event.text]
        elif isinstance(event, RunEnded) and event.reason:
            parts.append(f"*{event.status}: {event.reason}*")
    return "\n\n".join(parts) + "\n"


def to_state_json(state: State | None) -> str:
    """Make the text of an agent state file: AutoGen's own mapping, nothing around it."""
    return json.dumps(state or {}, ensure_ascii=False, indent=2)


def file_name(conversation: Conversation, kind: str, extension: str) -> str:
    """Name a download after the conversation's title, with nothing in it that a file system minds."""
    words = re.sub(r"[^\w]+", "-", conversation.title.lower()).strip("-_")[:50]
    return f"{words or 'conversation'}-{kind}.{extension}"
