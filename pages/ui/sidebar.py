"""The sidebar: a new conversation, and those there are."""

import streamlit as st

from agents.application import application
from agents.modes import MODES, find_mode
from pages.ui.address import ADDRESS
from pages.ui.markdown import escaped
from pages.ui.said import errors_said
from state.conversations import Conversation
from state.store import Store

LISTED = 30


def render_sidebar(store: Store) -> None:
    with st.sidebar:
        if st.button("New conversation", key="new_conversation", icon=":material/edit_square:", width="stretch"):
            st.switch_page(f"{MODES[0].key}.py")
        with errors_said():
            _render_conversations(store)


def _render_conversations(store: Store) -> None:
    conversations = store.conversations(LISTED)
    if not conversations:
        return
    live = application().runner.live_conversations(store)
    st.caption("Conversations")
    with st.container(key="conversations"):
        for conversation in conversations:
            is_open = st.query_params.get(ADDRESS) == conversation.id
            with st.container(key="conversation_open" if is_open else None):
                _render_link(conversation, is_live=conversation.id in live)


def _render_link(conversation: Conversation, *, is_live: bool) -> None:
    mode = find_mode(conversation.mode)
    if mode is None:
        return
    st.page_link(
        f"{mode.key}.py",
        label=escaped(conversation.title),
        icon=":material/pending:" if is_live else mode.icon,
        help="An answer is being written" if is_live else None,
        query_params={ADDRESS: conversation.id},
    )
