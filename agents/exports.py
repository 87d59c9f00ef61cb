"""A user's conversations as files: with what the agents remember, which only AutoGen's part of the house can say."""

from collections.abc import Iterator

from agents.images.references import with_data
from agents.memory import with_unfinished
from agents.modes import find_mode
from state.conversations import Conversation
from state.exports import file_name, to_archive, to_json, to_markdown, to_state_json
from state.snapshots import State
from state.store import Store

PAGE = 100


def export_conversation(store: Store, conversation: str) -> str:
    """The text of a conversation file. Raises ConversationNotFound."""
    about = store.conversation(conversation)
    return to_json(about, store.runs(conversation), store.entries(conversation), _state(store, about), store.images(conversation))


def export_transcript(store: Store, conversation: str) -> str:
    """A transcript to read. Raises ConversationNotFound."""
    about = store.conversation(conversation)
    return to_markdown(about, store.way_to(conversation, about.tip))


def export_state(store: Store, conversation: str) -> str:
    """AutoGen's state at the transcript's end. Raises ConversationNotFound."""
    state = _state(store, store.conversation(conversation))
    return to_state_json(state and with_data(state, store.image))


def export_all(store: Store) -> bytes:
    """A ZIP archive of all conversation files."""
    return to_archive(_files(store))


def _files(store: Store) -> Iterator[tuple[str, str]]:
    for offset in range(0, store.count(), PAGE):
        for conversation in store.conversations(PAGE, offset=offset):
            yield file_name(conversation, "conversation", "json"), export_conversation(store, conversation.id)


def _state(store: Store, conversation: Conversation) -> State | None:
    mode = find_mode(conversation.mode)
    remember = mode.remember if mode else with_unfinished
    return remember(*store.memory(conversation.id, conversation.tip))
