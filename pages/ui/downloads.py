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
        return exports.to_json(
            store.conversation(id), store.runs(id), store.entries(id), load_memory(store, id, store.conversation(id).tip)
        )

    def transcript() -> str:
        return exports.to_markdown(store.conversation(id), store.way_to(id, store.conversation(id).tip))

    def state() -> str:
        return exports.to_state_json(load_memory(store, id, store.conversation(id).tip))

    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="downloads"):
        st.caption("Download", width="content")
        for label, key, make, kind, extension, mime in (
            ("Conversation", "download_conversation", whole, "conversation", "json", "application/json"),
            ("Transcript", "download_transcript", transcript, "transcript", "md", "text/markdown"),
            ("Agent state", "download_state", state, "state", "json", "application/json"),
        ):
            name = exports.file_name(conversation, kind, extension)
            st.download_button(label, make, name, mime, key=key, on_click="ignore", type="tertiary", icon=":material/download:")
