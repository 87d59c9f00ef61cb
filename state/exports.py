"""A conversation as files to take along. `docs/format.md` describes the JSON; a test holds it to that."""

import hashlib
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal

from pydantic import AwareDatetime

from state.conversations import Conversation, RunRecord
from state.database import said_in_words
from state.descriptions import to_text
from state.events import AgentMessage, CodeResult, Continued, ImageDescribed, LogEntry, RunEnded, UserMessage, now
from state.feedback import Feedback
from state.images import to_line
from state.snapshots import State
from state.values import Value

FORMAT = "roundtable-conversation"
VERSION = 2


class ExportedFiles(Value):
    """The files of a conversation: what lies there, and the contents that its events speak of."""

    now: Mapping[str, str] = {}
    """The contents' SHA-256 in hex, by the files' names."""
    contents: Mapping[str, str] = {}
    """Each content once, as Base64, by its SHA-256."""
    left_out: tuple[str, ...] = ()
    """The names of files that were too large to be taken along."""


class ConversationFile(Value):
    """The whole of a conversation file but its checksum."""

    format: Literal["roundtable-conversation"] = "roundtable-conversation"
    version: Literal[2] = 2
    exported: AwareDatetime
    conversation: Conversation
    runs: Sequence[RunRecord]
    """Oldest first."""
    events: Sequence[LogEntry]
    files: ExportedFiles = ExportedFiles()
    agent_state: State | None
    """What AutoGen's `save_state()` gave at the transcript's end, with what was said since: for other programs, an import makes its own."""
    feedback: Sequence[Feedback] = ()
    """What the person thought of answers."""
    images: Mapping[str, str] = {}
    """The pictures that events and `agent_state` refer to: by their ids, in base64."""


def to_json(
    conversation: Conversation,
    runs: Sequence[RunRecord],
    entries: Sequence[LogEntry],
    state: State | None,
    images: Mapping[str, bytes] = {},
    files: ExportedFiles = ExportedFiles(),
    *,
    feedback: Sequence[Feedback] = (),
) -> str:
    """Make the text of a conversation file."""
    file = ConversationFile(
        exported=now(),
        conversation=conversation,
        runs=runs,
        events=entries,
        agent_state=state,
        feedback=feedback,
        images={id: b64encode(data).decode("ascii") for id, data in images.items()},
        files=files,
    )
    content = file.model_dump(mode="json")
    return json.dumps({**content, "checksum": checksum(content)}, ensure_ascii=False, indent=2)


def checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON with sorted keys and no spaces, in UTF-8, without the field `checksum`: spacing and order do not matter."""
    counted = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(counted, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def to_archive(files: Iterable[tuple[str, str]], folder: Path) -> bytes:
    """Pack texts under their names into one ZIP archive. Names that come again are numbered. Raises StoreUnavailable.

    It is made in the folder, as a file without a name, and is in memory once, when it is whole.
    """
    seen = set[str]()
    with said_in_words(), TemporaryFile(dir=folder) as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files:
                archive.writestr(_numbered(name, seen), text)
        packed.seek(0)
        return packed.read()


def to_markdown(conversation: Conversation, entries: Sequence[LogEntry]) -> str:
    """Make a transcript to read: what was said, by whom and when. Times are in UTC."""
    parts = [f"# {conversation.title}", f"{conversation.mode} · begun {conversation.created:%Y-%m-%d %H:%M} UTC"]
    for entry in entries:
        event = entry.event
        if isinstance(event, UserMessage | AgentMessage):
            parts += [f"## {event.source} · {event.time:%Y-%m-%d %H:%M} UTC", event.text, *_pictures(event)]
        elif isinstance(event, ImageDescribed):
            parts.append(to_text(event))
        elif isinstance(event, CodeResult):
            parts += [f"## {event.source} · {event.time:%Y-%m-%d %H:%M} UTC", *_came(event)]
        elif isinstance(event, Continued):
            parts.append("*continued*")
        elif isinstance(event, RunEnded) and event.reason:
            parts.append(f"*{event.status}: {event.reason}*")
    return "\n\n".join(parts) + "\n"


def _pictures(event: UserMessage | AgentMessage) -> list[str]:
    if not isinstance(event, UserMessage):
        return []
    return [f"*picture: {image.name} ({to_line(image)})*" for image in event.images] + [f"*{sentence}*" for sentence in event.left_out]


def _came(result: CodeResult) -> list[str]:
    """What came of code, in fences that nothing in it can end."""
    outcome = f"exit code {result.exit_code}, {result.seconds:.1f} s" if result.has_run else f"not run: {result.ended}"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", result.code + result.output)), default=0))
    said = [*([("edited, and this ran", result.code)] if result.is_edited else []), (outcome, result.output)]
    parts = [part for words, text in said for part in (f"*{words}*", f"{fence}text\n{text.rstrip()}\n{fence}" if text.strip() else "")]
    return [*filter(None, parts), *([f"files: {', '.join(file.name for file in result.files)}"] if result.files else [])]


def to_state_json(state: State | None) -> str:
    """Make the text of an agent state file: AutoGen's own mapping, nothing around it."""
    return json.dumps(state or {}, ensure_ascii=False, indent=2)


def file_name(conversation: Conversation, kind: str, extension: str) -> str:
    """Name a download after the conversation's title, with nothing in it that a file system minds."""
    words = re.sub(r"[^\w]+", "-", conversation.title.lower()).strip("-_")[:50]
    return f"{words or 'conversation'}-{kind}.{extension}"


def _numbered(name: str, seen: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    number, unique = 1, name
    while unique in seen:
        number += 1
        unique = f"{stem}-{number}{dot}{extension}"
    seen.add(unique)
    return unique
