"""What holds of every conversation on disk, whatever was done or broke: looked at from outside, with the database's own checks."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from autogen_agentchat.messages import TextMessage

from agents.coding.names import ASSISTANT, EXECUTOR
from agents.modes import find_mode
from agents.travel.memory import MANAGER, thread_of
from state.events import AgentMessage, Continued, LogEntry, RunEnded, UserMessage
from state.store import Store

PROMPTS = (UserMessage, Continued)
ROLES = {UserMessage: "user", Continued: "user", AgentMessage: "assistant"}
Said = list[tuple[str, str]]


def said(entries: Sequence[LogEntry]) -> Said:
    """What entries say, as (role, text), but for prompts that the model's server refused."""
    refused = {entry.run for entry in entries if isinstance(entry.event, RunEnded) and entry.event.is_refused}
    events = [entry.event for entry in entries if entry.run not in refused and getattr(entry.event, "source", "") != EXECUTOR]
    return [
        (ROLES[type(event)], event.text) for event in events if isinstance(event, UserMessage | Continued | AgentMessage) and event.text
    ]


def shown(store: Store, conversation: str) -> Said:
    """What the transcript says, all of it."""
    return said(store.way_to(conversation, store.conversation(conversation).tip))


def remembered(store: Store, conversation: str) -> Said:
    """What the agents would know in the next turn, of what was said; a team's thread, for a team."""
    found = store.conversation(conversation)
    mode = find_mode(found.mode)
    memory = mode.remember(*store.memory(conversation, found.tip)) if mode else None
    if memory is None:
        return []
    if MANAGER in memory.get("agent_states", {}):
        thread = [message for message in thread_of(memory) if isinstance(message, TextMessage)]
        return [("user" if message.source == "user" else "assistant", message.content) for message in thread]
    agent = memory["agent_states"][ASSISTANT]["agent_state"] if "agent_states" in memory else memory
    roles = {"UserMessage": "user", "AssistantMessage": "assistant"}
    messages = [message for message in agent["llm_context"]["messages"] if message.get("source") != EXECUTOR]
    return [(roles[message["type"]], text) for message in messages if (text := _text(message["content"]))]


def _text(content: Any) -> str:
    """Of a message with pictures, what is said with them; of calls and their results, nothing."""
    first = content[0] if isinstance(content, list) else content
    return first if isinstance(first, str) else ""


def require_sound(store: Store, conversation: str) -> None:
    """Numbers have no gap, runs are a tree with one beginning and one end each, and the memory agrees with the transcript."""
    entries, runs = store.entries(conversation), store.runs(conversation)
    told = {run.id: [entry.event for entry in entries if entry.run == run.id] for run in runs}

    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert sum(map(len, told.values())) == len(entries)
    known: set[str | None] = {None}
    for run in sorted(runs, key=lambda run: run.started):
        assert isinstance(told[run.id][0], PROMPTS)
        assert [isinstance(event, PROMPTS) for event in told[run.id]].count(True) == 1
        assert [event.status for event in told[run.id] if isinstance(event, RunEnded)] == [run.status]
        assert isinstance(told[run.id][-1], RunEnded)
        assert run.parent in known
        known.add(run.id)
    assert store.conversation(conversation).tip in known
    assert remembered(store, conversation) == shown(store, conversation)


def require_sound_file(file: Path) -> None:
    """The database finds no fault in its pages, references and index of words, and no partial text is left over."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("INSERT INTO said_words (said_words, rank) VALUES ('integrity-check', 1)")
        assert connection.execute("SELECT count(*) FROM partials").fetchone() == (0,)
