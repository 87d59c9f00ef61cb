"""The sidebar: a new conversation, and those there are."""

from collections.abc import Callable
from contextlib import nullcontext
from itertools import groupby

import streamlit as st

from agents.modes import MODES, find_mode
from pages.ui.address import ADDRESS, leave
from pages.ui.link import render_link
from pages.ui.marks import render_marks
from pages.ui.moments import here, to_day
from pages.ui.said import errors_said
from pages.ui.search import NOT_FOUND, found_title, render_places, render_search_box, search
from pages.ui.session import FIND, end_search, tab
from pages.ui.shortcuts import render_shortcuts
from pages.ui.signing_in import render_person
from state.conversations import Conversation
from state.events import now
from state.store import Store

LISTED = 30
NONE_YET = "Your conversations will be listed here."
FOUND = 20
"""Places that the sidebar shows; the page of all conversations has the others."""


def render_sidebar(store: Store, mode: str) -> None:
    """`mode` is the key of the mode whose page is open; a new conversation begins there, or in the first mode."""
    with st.sidebar:
        icon = ":material/edit_square:"
        if st.button("New conversation", key="new_conversation", icon=icon, width="stretch", on_click=leave) and not find_mode(mode):
            st.switch_page(f"{MODES[0].key}.py")
        with errors_said("sidebar"):
            _render_conversations(store)
            render_marks(store)
        render_shortcuts()
        render_person()


def _render_conversations(store: Store) -> None:
    """The latest or, while something is looked for, those that hold it."""
    if tab().to_look_for:
        end_search()
    text = render_search_box(FIND, "Search")

    def render(conversation: Conversation, found: str | None = None) -> None:
        is_open = st.query_params.get(ADDRESS) == conversation.id
        with st.container(key="conversation_open") if is_open else nullcontext():
            render_link(conversation, found=found)

    with st.container(key="conversations"):
        if text:
            _render_found(store, text, render)
        else:
            _render_latest(store, render)


def _render_latest(store: Store, render: Callable[[Conversation], None]) -> None:
    conversations, today = store.conversations(LISTED + 1), here(now())
    for day, those in groupby(conversations[:LISTED], lambda each: to_day(here(each.updated), today)):
        st.caption(day)
        for conversation in those:
            render(conversation)
    if not conversations:
        st.caption(NONE_YET)
    if len(conversations) > LISTED:
        st.page_link("conversations.py", label=":gray[All conversations]", icon=":material/more_horiz:")


def _render_found(store: Store, text: str, render: Callable[[Conversation, str | None], None]) -> None:
    found, has_more = search(store, text, limit=FOUND)
    for hits in found.values():
        render(hits[0].conversation, found_title(hits))
        render_places("found", hits)
    if not found:
        st.caption(NOT_FOUND)
        st.button("Clear search", key="end_search", icon=":material/filter_list_off:", type="tertiary", on_click=end_search)
    elif has_more and st.button("Show all that was found", key="search_all", icon=":material/more_horiz:", type="tertiary"):
        tab().to_look_for = text
        st.switch_page("conversations.py")
