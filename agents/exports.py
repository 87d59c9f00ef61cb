"""A user's conversations as files: with what the agents remember, which only AutoGen's part of the house can say."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from agents.images.references import with_data
from agents.memory import with_unfinished
from agents.modes import find_mode
from state.conversations import Conversation
from state.errors import ConversationNotFound
from state.events import CodeResult, KeptFile, LogEntry, UserMessage
from state.exports import ExportedFiles, file_name, to_json, to_markdown, to_state_json
from state.file_history import FileHistories
from state.snapshots import State
from state.store import Store


def export_conversation(store: Store, conversation: str, files: FileHistories | None = None) -> str:
    """The text of a conversation file, with its files where `files` are given. Raises ConversationNotFound."""
    about, entries = store.conversation(conversation), store.entries(conversation)
    taken_along = files.of(store.user, conversation).exported(_files_in(entries)) if files else ExportedFiles()
    feedback = list(store.feedback(conversation).values())
    return to_json(
        about, store.runs(conversation), entries, _state(store, about), store.images(conversation), taken_along, feedback=feedback
    )


def export_transcript(store: Store, conversation: str) -> str:
    """A transcript to read. Raises ConversationNotFound."""
    about = store.conversation(conversation)
    return to_markdown(about, store.way_to(conversation, about.tip))


def export_state(store: Store, conversation: str) -> str:
    """AutoGen's state at the transcript's end. Raises ConversationNotFound."""
    state = _state(store, store.conversation(conversation))
    return to_state_json(state and with_data(state, store.image))


def _files_in(entries: Sequence[LogEntry]) -> list[KeptFile]:
    """The files that came with prompts and that code made, the latest first."""
    events = [entry.event for entry in reversed(entries)]
    return [file for event in events if isinstance(event, UserMessage | CodeResult) for file in event.files]


def conversation_files(store: Store, files: FileHistories | None = None) -> Iterator[tuple[str, str]]:
    """All there are when it begins: in pages, one that got a prompt meanwhile would move to a page that is through."""
    for conversation in store.conversations(None):
        with suppress(ConversationNotFound):  # deleted meanwhile
            yield file_name(conversation, "conversation", "json"), export_conversation(store, conversation.id, files)


def _state(store: Store, conversation: Conversation) -> State | None:
    mode = find_mode(conversation.mode)
    remember = mode.remember if mode else with_unfinished
    return remember(*store.memory(conversation.id, conversation.tip))
