"""The sidebar: a new conversation, and those there are."""

import streamlit as st

from agents.application import application
from agents.modes import MODES, mode_of
from pages.ui.said import errors_said
from state.store import Store

LISTED = 30


def render_sidebar(store: Store) -> None:
    with st.sidebar:
        if st.button("New conversation", key="new_conversation", icon=":material/edit_square:", width="stretch"):
            st.switch_page(f"{MODES[0].key}.py")
        with errors_said():
            _render_conversations(store)
        if application().model.is_demo:
            st.caption("Answers come from the built-in demo model.")


def _render_conversations(store: Store) -> None:
    live = application().runner.live_conversations(store)
    conversations = store.conversations(LISTED)
    if conversations:
        st.caption("Conversations")
    for conversation in conversations:
        mode = mode_of(conversation.mode)
        is_live = conversation.id in live
        st.page_link(
            f"{mode.key}.py",
            label=conversation.title.replace("[", r"\[").replace(":", r"\:"),
            icon=":material/pending:" if is_live else mode.icon,
            help="An answer is being written" if is_live else None,
            query_params={"conversation": conversation.id},
        )
