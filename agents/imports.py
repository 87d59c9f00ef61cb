"""A conversation file taken for one of ours: of a mode there is, with nobody in it but that mode's agents."""

from agents.mode import Mode
from agents.modes import find_mode
from state.errors import ImportRefused
from state.events import Continued, InputAnswered, InputRequested, RunEnded, RunStarted, SavedEvent, UserMessage
from state.exports import ConversationFile
from state.file_history import FileHistories
from state.imports import read_conversation_file
from state.store import Store

OTHER_MODE = "This conversation is of a kind this Roundtable does not have: `{mode}`. Nothing was imported."
STRANGER = "Somebody speaks in this file who has no part in such a conversation: `{source}`. Nothing was imported."


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
    return file


def take_in(store: Store, files: FileHistories, file: ConversationFile) -> str:
    """Make a new conversation of a file's, with its files. Returns its id. Raises StoreUnavailable or FileRefused."""
    conversation = store.take_in(file)
    files.of(store.user, conversation.id).take_in(conversation.tip, file.files)
    return conversation.id


def _sources(mode: Mode, event: SavedEvent) -> set[str]:
    match event:
        case UserMessage() | Continued() | InputAnswered():
            return {"user"}
        case RunStarted() | RunEnded() | InputRequested(kind="budget"):
            return {"roundtable"}
        case _:
            return {speaker.name for speaker in mode.speakers}
