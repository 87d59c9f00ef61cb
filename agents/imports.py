"""A conversation file taken for one of ours: of a mode there is, with nobody in it but that mode's agents."""

from base64 import b64decode

from agents.images.checking import is_prepared
from agents.images.names import to_name
from agents.mode import Mode
from agents.modes import find_mode
from state.errors import ImportRefused
from state.events import Continued, InputAnswered, InputRequested, RunEnded, RunStarted, SavedEvent, UserMessage
from state.exports import ConversationFile
from state.imports import read_conversation_file

OTHER_MODE = "This conversation is of a kind this Roundtable does not have: `{mode}`. Nothing was imported."
STRANGER = "Somebody speaks in this file who has no part in such a conversation: `{source}`. Nothing was imported."

PICTURE = "A picture in this file is damaged, too large or not what the file says of it: `{name}`. Nothing was imported."


def read_import(data: bytes) -> ConversationFile:
    """Read a conversation file. Raises ImportRefused.

    What agents remember is made from what the file shows: a state from a file could hold instructions that nobody sees.
    """
    file = read_conversation_file(data)
    mode = find_mode(file.conversation.mode)
    if mode is None:
        raise ImportRefused(OTHER_MODE.format(mode=file.conversation.mode[:40]))
    for entry in file.events:
        if entry.event.source not in _sources(mode, entry.event):
            raise ImportRefused(STRANGER.format(source=entry.event.source[:40]))
        if isinstance(entry.event, UserMessage | Continued):
            _require_images(file, entry.event)
    return file


def _require_images(file: ConversationFile, prompt: UserMessage | Continued) -> None:
    """What a model is sent must be what a picture of ours is, whatever its id says."""
    for image in prompt.images:
        if not is_prepared(b64decode(file.images[image.id]), image):
            raise ImportRefused(PICTURE.format(name=to_name(image.name).replace("`", "’")))


def _sources(mode: Mode, event: SavedEvent) -> set[str]:
    match event:
        case UserMessage() | Continued() | InputAnswered():
            return {"user"}
        case RunStarted() | RunEnded():
            return {"roundtable"}
        case InputRequested():
            return {"roundtable", *(speaker.name for speaker in mode.speakers)}
        case _:
            return {speaker.name for speaker in mode.speakers}
