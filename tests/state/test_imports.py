"""Conversation files read back, and everything a stranger may put in their place."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from state import imports
from state.conversations import Beginning, Options
from state.errors import ImportRefused
from state.events import AgentMessage, Continued, RunEnded, ToolCall, ToolResult, UserMessage
from state.exports import checksum, to_json
from state.imports import read_conversation_file
from state.store import Store, Stores
from tests.conftest import ALICE, BOB

HELLO = sha256(b"Hello").hexdigest()
MODEL = "demo · built-in"
Content = dict[str, Any]


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.of(ALICE)


@pytest.fixture
def conversation(store: Store) -> str:
    """With a tool call, a turn asked twice, and one that was stopped and went on."""
    first, _ = store.begin_run(None, "assistant", UserMessage(text="Hello 😀"), MODEL)
    call = ToolCall(source="assistant", call_id="1", name="add", arguments="{}")
    store.end_run(first, [call, ToolResult(source="assistant", call_id="1", name="add", text="3")], RunEnded(status="finished"))
    again, _ = store.begin_run(first.conversation, "assistant", UserMessage(text="Hello"), MODEL, Beginning(instead_of=first.id))
    store.end_run(again, [AgentMessage(source="assistant", text="The qui", is_partial=True)], RunEnded(status="stopped", reason="Stopped."))
    more, _ = store.begin_run(first.conversation, "assistant", Continued(text="Go on."), MODEL)
    store.end_run(more, [AgentMessage(source="assistant", text="quick fox")], RunEnded(status="finished"))
    return first.conversation


def exported(store: Store, id: str) -> str:
    return to_json(store.conversation(id), store.runs(id), store.entries(id), {"type": "AssistantAgentState"})


def changed(text: str, change: Callable[[Content], object]) -> bytes:
    """A file changed by somebody who knows how its checksum is made."""
    content = json.loads(text)
    change(content)
    return json.dumps({**content, "checksum": checksum(content)}).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        read_conversation_file(data)
    return str(refused.value)


def test_an_exported_conversation_is_the_same_when_it_is_taken_in(stores: Stores, store: Store, conversation: str) -> None:
    """All of it, by anybody: events, versions, where the transcript ends, options and search. Taken in twice it makes two."""
    file = read_conversation_file(exported(store, conversation).encode())
    other = stores.of(BOB)
    one, two = other.take_in(file).id, other.take_in(file).id

    assert one != two
    assert other.count() == 2
    for id in (one, two):
        assert [entry.event for entry in other.entries(id)] == [entry.event for entry in store.entries(conversation)]
        shown, was = other.transcript(id, 100), store.transcript(conversation, 100)
        assert [entry.event for entry in shown.entries] == [entry.event for entry in was.entries]
        assert [versions.number for versions in shown.versions.values()] == [2]
        assert other.conversation(id).title == store.conversation(conversation).title
        assert [run.status for run in other.runs(id)] == ["finished", "stopped", "finished"]
    assert {hit.conversation.id for hit in other.search("quick fox")} == {one, two}
    assert {entry.run for entry in other.entries(one)}.isdisjoint({entry.run for entry in other.entries(two)})
    other.delete(one)
    assert len(other.entries(two)) == len(store.entries(conversation))


def test_permissions_are_not_taken_in(store: Store, conversation: str) -> None:
    """A stranger's file must not let tools be called unasked."""
    store.set_options(conversation, Options(instructions="Be brief.", permissions={"danger": "always"}))
    new = store.take_in(read_conversation_file(exported(store, conversation).encode()))

    assert new.options == Options(instructions="Be brief.")


def test_one_exported_while_an_answer_was_written_is_interrupted(store: Store, conversation: str) -> None:
    store.begin_run(conversation, "assistant", UserMessage(text="Live"), MODEL)
    new = store.take_in(read_conversation_file(exported(store, conversation).encode()))

    assert store.runs(new.id)[-1].status == "interrupted"
    last = store.entries(new.id)[-1].event
    assert isinstance(last, RunEnded)
    assert store.runs(conversation)[-1].status == "running"


def test_spacing_and_order_do_not_matter(store: Store, conversation: str) -> None:
    content = json.loads(exported(store, conversation))
    rewritten = json.dumps(dict(reversed(content.items())), separators=(",", ":"))

    assert read_conversation_file(rewritten.encode()).conversation.id == conversation


def test_what_is_no_conversation_file_is_refused(store: Store, conversation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = exported(store, conversation)
    deep = ("[" * 100_000 + "]" * 100_000).encode()

    assert refusal(b"") == refusal(b"PK\x03\x04") == refusal(b"\xff\xfe{") == imports.NOT_JSON
    assert refusal(text[: len(text) // 2].encode()) == imports.CUT_OFF
    assert refusal(deep) == imports.TOO_DEEP
    assert refusal(b'{"a": NaN}') == imports.NOT_JSON
    assert refusal(b"[]") == refusal(b"{}") == refusal(b'{"format": "other"}') == refusal(b"1") == imports.NOT_OURS
    assert "format version 99" in refusal(changed(text, lambda content: content.update(version=99)))
    assert refusal(b'{"format": [' + b"[]," * (imports.MOST_VALUES // 2) + b"[]]}") == imports.TOO_MANY
    monkeypatch.setattr(imports, "MAX_BYTES", 1000)
    assert refusal(text.encode()) == imports.TOO_LARGE


def test_a_changed_file_is_refused(store: Store, conversation: str) -> None:
    text = exported(store, conversation)

    assert refusal(text.replace("quick fox", "quick dog").encode()) == imports.DAMAGED
    assert refusal(text.replace('"checksum"', '"checkzum"').encode()) == imports.DAMAGED


UNKNOWN: dict[str, Callable[[Content], object]] = {
    "a field of a component": lambda content: content.update(provider="autogen_agentchat.agents.AssistantAgent"),
    "an unknown event": lambda content: content["events"][2].update(event={"type": "surprise"}),
    "an event with more": lambda content: content["events"][0]["event"].update(html="<script>"),
    "a status of its own": lambda content: content["runs"][0].update(status="winning"),
    "a number too large": lambda content: content["events"][0].update(seq=1e400),
    "a number of 4,000 digits": lambda content: content["events"][-1]["event"].update(usage={"prompt_tokens": 10**4000}),
    "half a character": lambda content: content["events"][0]["event"].update(text="\ud83d"),
    "no title": lambda content: content["conversation"].pop("title"),
    "a moment without a zone": lambda content: content.update(exported="2026-01-01T00:00:00"),
}


@pytest.mark.parametrize("change", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_is_refused(store: Store, conversation: str, change: Callable[[Content], object]) -> None:
    sentence = refusal(changed(exported(store, conversation), change))

    assert "does not know" in sentence or sentence in {imports.NOT_JSON, imports.DAMAGED}


CONTRADICTIONS: dict[str, tuple[Callable[[Content], object], str]] = {
    "a gap": (lambda content: content["events"].pop(1), "numbered"),
    "a double number": (lambda content: content["events"][1].update(seq=1), "numbered"),
    "a run that follows itself": (lambda content: content["runs"][0].update(parent=content["runs"][0]["id"]), "follow"),
    "a circle": (lambda content: content["runs"][0].update(parent=content["runs"][2]["id"]), "follow"),
    "a run that is not there": (lambda content: content["runs"][1].update(parent="nobody"), "follow"),
    "a run twice": (lambda content: content["runs"].append(content["runs"][0]), "follow"),
    "a beginning that goes on": (lambda content: content["runs"][0].update(continues=True), "follow"),
    "an end elsewhere": (lambda content: content["conversation"].update(tip="nobody"), "ends with"),
    "a run without events": (lambda content: content["runs"].append(content["runs"][0] | {"id": "other"}), "match"),
    "an event of nobody": (lambda content: content["events"][-1].update(run="nobody"), "match"),
    "no prompt": (lambda content: content["events"][0].update(event=content["events"][3]["event"]), "match"),
    "a second beginning": (
        lambda content: content["events"][3].update(event={"type": "continued", "text": "Go on.", "time": "2026-01-01T00:00:00Z"}),
        "match",
    ),
    "another end": (lambda content: content["runs"][0].update(status="failed"), "match"),
    "the year 9999": (lambda content: content["conversation"].update(created="9999-12-31T23:59:59.999999Z"), "2999"),
    "the year 0 by our clocks": (lambda content: content["events"][0]["event"].update(time="0001-01-01T00:00:00+23:59"), "1970"),
    "a run that ended before there were clocks": (lambda content: content["runs"][0].update(ended="0001-01-01T00:00:00+23:59"), "1970"),
    "a file outside": (lambda content: content["files"].update(now={"../a": HELLO}, contents={HELLO: "SGVsbG8="}), "files"),
    "a file without its content": (lambda content: content["files"].update(now={"a": HELLO}), "files"),
    "another content": (lambda content: content["files"].update(contents={HELLO: "QnllISE="}), "files"),
    "files that would fill the disk": (
        lambda content: content["files"].update(now={f"{n}": HELLO for n in range(10_001)}, contents={HELLO: "SGVsbG8="}),
        "files",
    ),
    "large files of one content": (
        lambda content: content["files"].update(
            now={f"{n}": sha256(b"x" * 999_999).hexdigest() for n in range(501)},
            contents={sha256(b"x" * 999_999).hexdigest(): b64encode(b"x" * 999_999).decode()},
        ),
        "files",
    ),
    "an open run with others after it": (lambda content: content["runs"][0].update(ended=None), "match"),
}


@pytest.mark.parametrize(("change", "word"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(store: Store, conversation: str, change: Callable[[Content], object], word: str) -> None:
    sentence = refusal(changed(exported(store, conversation), change))

    assert sentence.startswith("This file contradicts itself")
    assert word in sentence
