"""What can be taken along of a conversation, made when it is asked for."""

import streamlit as st

from agents.memory import load_memory
from state import exports
from state.conversations import Conversation
from state.store import Store


def render_downloads(store: Store, conversation: Conversation) -> None:
    """Three buttons. A download neither reruns the page nor touches a live answer."""
    id = conversation.id

    def whole() -> str:
        return exports.to_json(store.conversation(id), store.runs(id), store.entries(id), load_memory(store, id))

    def transcript() -> str:
        return exports.to_markdown(store.conversation(id), store.entries(id))

    def state() -> str:
        return exports.to_state_json(load_memory(store, id))

    with st.container(horizontal=True, horizontal_alignment="right", key="downloads"):
        for label, key, make, kind, extension, mime, tip in (
            ("Conversation", "download_conversation", whole, "conversation", "json", "application/json", "Everything, as JSON"),
            ("Transcript", "download_transcript", transcript, "transcript", "md", "text/markdown", "What was said, as Markdown"),
            ("Agent state", "download_state", state, "state", "json", "application/json", "What the agent remembers, for AutoGen's load_state"),
        ):
            name = exports.file_name(conversation, kind, extension)
            st.download_button(
                label, make, name, mime, key=key, help=tip, on_click="ignore", type="tertiary", icon=":material/download:"
            )
