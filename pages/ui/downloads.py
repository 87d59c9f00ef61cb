"""What can be looked at and taken along of a conversation, made when it is asked for."""

from functools import partial

import streamlit as st

from agents.application import application
from agents.exports import export_conversation, export_state, export_transcript
from pages.ui.timeline import render_timeline
from state.conversations import Conversation
from state.exports import file_name
from state.store import Store


def render_downloads(store: Store, conversation: Conversation) -> None:
    """Its timeline, and three files. A download neither reruns the page nor touches a live answer."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="downloads"):
        render_timeline(conversation)
        for label, export, kind, extension, mime in (
            ("Conversation", partial(export_conversation, files=application().files), "conversation", "json", "application/json"),
            ("Transcript", export_transcript, "transcript", "md", "text/markdown"),
            ("Agent state", export_state, "state", "json", "application/json"),
        ):
            st.download_button(
                label,
                partial(export, store, conversation.id),
                file_name(conversation, kind, extension),
                mime,
                key=f"download_{kind}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )
