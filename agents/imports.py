"""A conversation file taken for one of ours: of a mode there is, with nobody in it but that mode's agents."""

from base64 import b64decode
from collections.abc import Iterator

from agents.images.checking import is_prepared
from agents.images.names import to_name
from agents.mode import Mode
from agents.modes import find_mode
from state.errors import ImportRefused, quoted
from state.events import (
    Continued,
    InputAnswered,
    InputRequested,
    PlanMade,
    RunEnded,
    RunStarted,
    SavedEvent,
    SpeakerSelected,
    UserMessage,
)
from state.exports import ConversationFile
from state.imports import CONTRADICTION, read_conversation_file

OTHER_MODE = "This conversation is of a kind this Roundtable does not have: {mode}. Nothing was imported."
STRANGER = "Somebody speaks in this file who has no part in such a conversation: {source}. Nothing was imported."

PICTURE = "A picture in this file is damaged, too large or not what the file says of it: {name}. Nothing was imported."


def read_import(data: bytes) -> ConversationFile:
    """Read a conversation file. Raises ImportRefused.

    What agents remember is made from what the file shows: a state from a file could hold instructions that nobody sees.
    """
    file = read_conversation_file(data)
    mode = find_mode(file.conversation.mode)
    if mode is None:
        raise ImportRefused(OTHER_MODE.format(mode=quoted(file.conversation.mode[:40])))
    if not mode.takes_wishes and _second_prompts(file):
        raise ImportRefused(CONTRADICTION.format(what="a run has more than one prompt"))
    for entry in file.events:
        for name, known in _named(mode, entry.event):
            if name not in known:
                raise ImportRefused(STRANGER.format(source=quoted(name[:40])))
        if isinstance(entry.event, UserMessage | Continued):
            _require_images(file, entry.event)
    return file


def _require_images(file: ConversationFile, prompt: UserMessage | Continued) -> None:
    """What a model is sent must be what a picture of ours is, whatever its id says."""
    for image in prompt.images:
        if not is_prepared(b64decode(file.images[image.id]), image):
            raise ImportRefused(PICTURE.format(name=quoted(to_name(image.name))))


def _second_prompts(file: ConversationFile) -> bool:
    prompts = [entry.run for entry in file.events if isinstance(entry.event, UserMessage)]
    return len(prompts) != len(set(prompts))


def _named(mode: Mode, event: SavedEvent) -> Iterator[tuple[str, set[str]]]:
    """Everybody an event names, with those who may be named there."""
    members = {speaker.name for speaker in mode.speakers}
    yield event.source, _sources(members, event)
    if isinstance(event, SpeakerSelected):
        yield from ((name, members) for name in (event.speaker, *event.candidates))


def _sources(members: set[str], event: SavedEvent) -> set[str]:
    match event:
        case UserMessage() | Continued() | InputAnswered():
            return {"user"}
        case RunStarted() | RunEnded() | SpeakerSelected() | PlanMade():
            return {"roundtable"}
        case InputRequested():
            return {"roundtable", *members}
        case _:
            return members
