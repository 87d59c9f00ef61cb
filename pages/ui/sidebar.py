"""The sidebar: a new conversation, and those there are."""

from itertools import groupby

import streamlit as st

from agents.application import application
from agents.modes import MODES, find_mode
from pages.ui.address import ADDRESS
from pages.ui.link import render_link
from pages.ui.moments import here, to_day
from pages.ui.said import errors_said
from pages.ui.shortcuts import render_shortcuts
from pages.ui.signing_in import render_person
from state.events import now
from state.store import Store

LISTED = 30


def render_sidebar(store: Store, mode: str) -> None:
    """`mode` is the key of the mode whose page is open; a new conversation begins there, or in the first mode."""
    with st.sidebar:
        if st.button("New conversation", key="new_conversation", icon=":material/edit_square:", width="stretch"):
            st.switch_page(f"{mode if find_mode(mode) else MODES[0].key}.py")
        with errors_said():
            _render_conversations(store)
        render_shortcuts()
        render_person()


def _render_conversations(store: Store) -> None:
    conversations = store.conversations(LISTED + 1)
    live, waiting = application().runner.live_conversations(store), store.waiting_conversations()
    today = here(now())
    with st.container(key="conversations"):
        for day, those in groupby(conversations[:LISTED], lambda each: to_day(here(each.updated), today)):
            st.caption(day)
            for conversation in those:
                is_open = st.query_params.get(ADDRESS) == conversation.id
                with st.container(key="conversation_open" if is_open else None):
                    render_link(conversation, is_live=conversation.id in live, is_waiting=conversation.id in waiting)
        if len(conversations) > LISTED:
            st.page_link("conversations.py", label=":gray[All conversations]", icon=":material/more_horiz:")
