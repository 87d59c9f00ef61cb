"""A conversation file read: checked as a stranger's, for it may be one."""

from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from threading import Lock
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from state.conversations import RunRecord
from state.errors import FileRefused, ImportRefused, quoted
from state.events import Continued, ImageDescribed, LogEntry, RunEnded, SavedEvent, UserMessage
from state.exports import FORMAT, VERSION, ConversationFile, ExportedFiles, checksum
from state.workspaces import WORKSPACE_BYTES, WORKSPACE_FILES, safe_parts

MAX_BYTES = 50_000_000
MOST_VALUES = 8_000_000
"""Brackets and commas. Events, with about 16 of them in 250 bytes, have three million in a file of the greatest size; tables have more."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)

NOT_JSON = "This is no conversation file: it is not JSON."
CUT_OFF = "This file ends in the middle: it was not copied whole. Export or copy it again."
TOO_DEEP = "This file is nested too deeply to be a conversation file."
TOO_LARGE = (
    f"This file is larger than {MAX_BYTES // 1_000_000} MB, which is the most that can be taken in. "
    "A conversation with so many pictures or files can be kept as a file, but not imported. Nothing was imported."
)
NOT_OURS = (
    "This JSON file holds no Roundtable conversation. Take one that *Conversation*, in *Download* at the top of a conversation, gives."
)
OTHER_VERSION = (
    "This file has format version {version}, and this Roundtable reads version {ours}. Use the Roundtable that wrote it, or a newer one."
)
TOO_MANY = "This file has more parts than any conversation of its size. Nothing was imported."
DAMAGED = "This file was changed or damaged since it was exported: its checksum does not match. Nothing was imported."
UNKNOWN_FIELD = "This file holds something this Roundtable does not know, at {place}. Nothing was imported."
CONTRADICTION = "This file contradicts itself: {what}. Nothing was imported."

_reading = Lock()


def read_conversation_file(data: bytes) -> ConversationFile:
    """Read a conversation file. Raises ImportRefused with a sentence for whatever is wrong with it.

    One at a time: what a long one is made of takes many times its own size until it is checked.
    """
    with _reading:
        return _read(data)


def _read(data: bytes) -> ConversationFile:
    content = _parse(data)
    if content.get("format") != FORMAT:
        raise ImportRefused(NOT_OURS)
    if (version := content.get("version")) != VERSION:
        raise ImportRefused(OTHER_VERSION.format(version=version if isinstance(version, int) else quoted(str(version)[:20]), ours=VERSION))
    if content.pop("checksum", None) != checksum(content):
        raise ImportRefused(DAMAGED)
    try:
        file = ConversationFile.model_validate_json(to_json(content))
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]))
        raise ImportRefused(UNKNOWN_FIELD.format(place=quoted(place[:100]))) from None
    _require_agreement(file)
    return file


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise ImportRefused(TOO_LARGE)
    if sum(data.count(mark) for mark in (b"[", b"{", b",")) > MOST_VALUES:
        raise ImportRefused(TOO_MANY)
    try:
        content = from_json(data, allow_inf_nan=False)  # unlike json.loads it bounds depth instead of failing by it
    except ValueError as error:
        raise ImportRefused(_why_not_json(str(error))) from None
    if not isinstance(content, dict):
        raise ImportRefused(NOT_OURS)
    return content


def _why_not_json(error: str) -> str:
    if "recursion" in error:
        return TOO_DEEP
    return CUT_OFF if "EOF" in error and "line 1 column 0" not in error else NOT_JSON


def _require_agreement(file: ConversationFile) -> None:
    """What no single field shows: numbers, order and references."""
    for what, holds in (
        ("its events are not numbered 1, 2, 3 …", _is_numbered(file.events)),
        ("its runs do not follow one another", _is_tree(file.runs)),
        ("its transcript ends with a run it does not hold", file.conversation.tip in {None, *(run.id for run in file.runs)}),
        ("its events and its runs do not match", _is_told(file)),
        ("a picture is missing or is not the one its id names", _has_its_images(file)),
        ("it judges answers that it does not hold", _is_about_its_runs(file)),
        ("its files are not what it says of them", _are_files_whole(file.files)),
        ("something in it happened before 1970 or after 2999", _is_of_our_time(file)),
    ):
        if not holds:
            raise ImportRefused(CONTRADICTION.format(what=what))


def _are_files_whole(files: ExportedFiles) -> bool:
    """Each content is what it is named after, and the files have contents, names that stay inside, and room in a workspace."""
    try:
        for name in files.now:
            safe_parts(name)
    except FileRefused:
        return False
    if not all(_is_named_by(sha256, content) for sha256, content in files.contents.items()) or len(files.now) > WORKSPACE_FILES:
        return False
    sizes = {sha256: len(content) * 3 // 4 for sha256, content in files.contents.items()}
    return set(files.now.values()) <= sizes.keys() and sum(sizes[sha256] for sha256 in files.now.values()) <= WORKSPACE_BYTES


def _is_of_our_time(file: ConversationFile) -> bool:
    """A moment at either end of what can be said has no equal in another zone, and would break whatever page shows it."""
    about = file.conversation
    turns = (moment for run in file.runs for moment in (run.started, run.ended or run.started))
    return all(
        EARLIEST <= moment < LATEST for moment in (about.created, about.updated, *turns, *(entry.event.time for entry in file.events))
    )


def _is_about_its_runs(file: ConversationFile) -> bool:
    judged = [feedback.run for feedback in file.feedback]
    return len(judged) == len(set(judged)) and set(judged) <= {run.id for run in file.runs}


def _is_numbered(events: Sequence[LogEntry]) -> bool:
    return [entry.seq for entry in events] == list(range(1, len(events) + 1))


def _is_tree(runs: Sequence[RunRecord]) -> bool:
    """Each run is there once and follows one before it, so that no way leads in a circle."""
    seen = set[str]()
    for run in runs:
        if run.id in seen or not (run.parent is None or run.parent in seen) or (run.continues and run.parent is None):
            return False
        seen.add(run.id)
    return True


def _is_told(file: ConversationFile) -> bool:
    """Each run's events stand together, in the order of the runs, from its prompt to its end."""
    told = [(run, list(entries)) for run, entries in groupby(file.events, lambda entry: entry.run)]
    if [run for run, _ in told] != [run.id for run in file.runs]:
        return False
    return all(
        _is_whole(run, [entry.event for entry in entries], may_be_open=run is file.runs[-1])
        for run, (_, entries) in zip(file.runs, told, strict=True)
    )


def _has_its_images(file: ConversationFile) -> bool:
    """Each picture is there that an event refers to, and is what its id says."""
    wanted = {image for entry in file.events for image in _images_of(entry.event)}
    return wanted <= file.images.keys() and all(_is_named_by(id, content) for id, content in file.images.items())


def _images_of(event: SavedEvent) -> set[str]:
    if isinstance(event, UserMessage | Continued):
        return {image.id for image in event.images}
    return {event.image} if isinstance(event, ImageDescribed) else set()


def _is_named_by(id: str, content: str) -> bool:
    try:
        return sha256(b64decode(content, validate=True)).hexdigest() == id
    except ValueError:
        return False


def _is_whole(run: RunRecord, events: Sequence[SavedEvent], *, may_be_open: bool) -> bool:
    """A prompt at the beginning, wishes in between, and one end at the end; the last run may have been going on when the file was made."""
    begins, inner = isinstance(events[0], Continued if run.continues else UserMessage), events[1:]
    ends = [event for event in inner if isinstance(event, RunEnded)]
    if not begins or any(isinstance(event, Continued) for event in inner):
        return False
    if run.ended is None:
        return may_be_open and not ends
    return len(ends) == 1 and events[-1] is ends[0] and ends[0].status == run.status
