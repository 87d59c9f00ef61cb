"""Conversations as files."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.conversations import Conversation, RunRecord
from state.events import AgentMessage, LogEntry, RunEnded, RunStarted, SavedEvent, ToolCall, UserMessage, now
from state.exports import ConversationFile, checksum, file_name, to_json, to_markdown, to_state_json

MOMENT = now().replace(year=2026, month=3, day=4, hour=5, minute=6)
CONVERSATION = Conversation(id="c1", mode="assistant", title="Umlauts: äöü 😀", created=MOMENT, updated=MOMENT)
RUN = RunRecord(id="r1", conversation="c1", status="stopped", model="demo · built-in", started=MOMENT, ended=MOMENT)
EVENTS: list[SavedEvent] = [
    UserMessage(text="Hello 😀", time=MOMENT),
    RunStarted(model=RUN.model, time=MOMENT),
    ToolCall(source="assistant", call_id="1", name="add", arguments="{}", time=MOMENT),
    AgentMessage(source="assistant", text="**Hi**\n\n- there", time=MOMENT),
    RunEnded(status="stopped", reason="You stopped this answer.", time=MOMENT),
]
ENTRIES = [LogEntry(seq=seq, run="r1", event=event) for seq, event in enumerate(EVENTS, start=1)]


def titled(title: str) -> Conversation:
    return CONVERSATION.model_copy(update={"title": title})


def test_a_conversation_file_reads_back_as_it_was() -> None:
    state = {"type": "AssistantAgentState", "llm_context": {"messages": [{"content": "é"}]}}
    content = json.loads(to_json(CONVERSATION, [RUN], ENTRIES, state))
    assert content.pop("checksum") == checksum(content)
    file = ConversationFile.model_validate(content)

    assert (file.format, file.version) == ("roundtable-conversation", 2)
    assert (file.conversation, list(file.runs), list(file.events), file.agent_state) == (CONVERSATION, [RUN], ENTRIES, state)
    assert abs(now() - file.exported).total_seconds() < 60


def test_a_conversation_file_of_another_version_is_refused() -> None:
    data = json.loads(to_json(CONVERSATION, [RUN], ENTRIES, None))
    data.pop("checksum")

    assert data["agent_state"] is None
    with pytest.raises(ValueError, match="version"):
        ConversationFile.model_validate(data | {"version": 1})
    with pytest.raises(ValueError, match="surprise"):
        ConversationFile.model_validate(data | {"surprise": 1})


def test_a_transcript_holds_what_was_said() -> None:
    """With who said it and when, and how a turn ended that did not simply finish."""
    assert to_markdown(CONVERSATION, ENTRIES) == (
        "# Umlauts: äöü 😀\n\nassistant · begun 2026-03-04 05:06 UTC\n\n"
        "## user · 2026-03-04 05:06 UTC\n\nHello 😀\n\n"
        "## assistant · 2026-03-04 05:06 UTC\n\n**Hi**\n\n- there\n\n"
        "*stopped: You stopped this answer.*\n"
    )


def test_a_transcript_leaves_out_a_plain_end() -> None:
    ended = LogEntry(seq=5, run="r1", event=RunEnded(status="finished"))

    assert "finished" not in to_markdown(CONVERSATION, [*ENTRIES[:4], ended])


def test_a_state_file_is_the_mapping_alone() -> None:
    assert json.loads(to_state_json({"a": ["é"]})) == {"a": ["é"]}
    assert "é" in to_state_json({"a": ["é"]})
    assert json.loads(to_state_json(None)) == {}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What is a *monad*?", "what-is-a-monad-transcript.md"),
        ("../../etc/passwd", "etc-passwd-transcript.md"),
        ("C:\\con", "c-con-transcript.md"),
        ("<script>\"'\r\nSet-Cookie: x", "script-set-cookie-x-transcript.md"),
        ("???", "conversation-transcript.md"),
        ("", "conversation-transcript.md"),
        ("Über äöü", "über-äöü-transcript.md"),
    ],
)
def test_a_download_is_named_after_its_title(title: str, name: str) -> None:
    assert file_name(titled(title), "transcript", "md") == name


@given(st.text(max_size=61))
def test_no_title_makes_a_bad_file_name(title: str) -> None:
    """No separator, no dot but the extension's, no leading hyphen, and short enough for any file system."""
    name = file_name(titled(title), "state", "json")

    assert re.fullmatch(r"\w[\w-]*-state\.json", name)
    assert len(name.encode()) <= 255
