"""A conversation file taken for one of ours: of a mode there is, with nobody in it but that mode's agents."""

from collections.abc import Iterator

from agents.mode import Mode
from agents.modes import find_mode
from state.errors import ImportRefused
from state.events import Continued, PlanMade, RunEnded, RunStarted, SavedEvent, SpeakerSelected, UserMessage
from state.exports import ConversationFile
from state.imports import CONTRADICTION, read_conversation_file

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
    if not mode.takes_wishes and _second_prompts(file):
        raise ImportRefused(CONTRADICTION.format(what="a run has more than one prompt"))
    for entry in file.events:
        for name, known in _named(mode, entry.event):
            if name not in known:
                raise ImportRefused(STRANGER.format(source=name[:40]))
    return file


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
        case UserMessage() | Continued():
            return {"user"}
        case RunStarted() | RunEnded() | SpeakerSelected() | PlanMade():
            return {"roundtable"}
        case _:
            return members
