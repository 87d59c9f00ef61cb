"""What can be looked at and taken along of a conversation, made when it is asked for."""

from functools import partial

import streamlit as st

from agents.application import application
from agents.exports import export_conversation, export_state, export_transcript
from pages.ui.opening import render_box
from pages.ui.timeline import render_timeline
from state.conversations import Conversation
from state.exports import file_name
from state.store import Store

MIMES = {"json": "application/json", "md": "text/markdown"}


def render_downloads(store: Store, conversation: Conversation) -> None:
    """Its timeline and, behind a button, three files. A download neither reruns the page nor touches a live answer."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="downloads"):
        render_timeline(conversation)
        render_box("Download", "download", partial(_render_files, store, conversation), icon=":material/download:", is_quiet=True)


def _render_files(store: Store, conversation: Conversation) -> None:
    whole = partial(export_conversation, files=application().files)
    for label, export, kind, extension, icon in (
        ("Conversation :small[:gray[all of it, to import]]", whole, "conversation", "json", "data_object"),
        ("Transcript :small[:gray[to read]]", export_transcript, "transcript", "md", "article"),
        ("Agent state :small[:gray[for AutoGen]]", export_state, "state", "json", "smart_toy"),
    ):
        st.download_button(
            label,
            partial(export, store, conversation.id),
            file_name(conversation, kind, extension),
            MIMES[extension],
            key=f"download_{kind}",
            on_click="ignore",
            type="tertiary",
            icon=f":material/{icon}:",
        )
