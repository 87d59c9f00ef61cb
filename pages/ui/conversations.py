"""The parts of the Conversations page."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import streamlit as st

from agents.application import application
from agents.mode import Mode
from pages.ui.identity import current_user
from pages.ui.link import render_link
from pages.ui.markdown import escaped
from pages.ui.moments import here, to_day, to_short
from pages.ui.notices import refusals_noticed, render_notice
from pages.ui.opening import render_box
from pages.ui.search import NOT_FOUND, found_title, render_places, render_search_box, search
from pages.ui.session import MODE_FILTER, SEARCH, end_search, show_all, tab, take_up_search, typed_in
from state.conversations import LONGEST_TITLE, Conversation
from state.events import now
from state.store import Store

PAGE = 30
NONE_YET = "You have no conversations yet. Each is saved as it happens, and is here from then on."
NONE_OF_MODE = "You have no conversations of this kind."


def render_search(modes: Sequence[Mode]) -> tuple[str, str | None]:
    """The search box and a filter by mode. Returns the text typed and the mode picked."""
    take_up_search()
    text = render_search_box(SEARCH, "Search titles and everything said", on_change=_list_from_first)
    titles = {mode.key: mode.title for mode in modes}
    picked = st.pills(
        "Mode", list(titles), key=MODE_FILTER, format_func=titles.__getitem__, label_visibility="collapsed", on_change=_list_from_first
    )
    return text, picked


def _list_from_first() -> None:
    tab().list_from(0)
    end_search()  # what is looked for here is not looked for in the sidebar any more


def render_conversations(store: Store, text: str, mode: str | None) -> None:
    """What was found or, without anything to find, all conversations; a page of it."""
    render_notice()
    with st.container(key="all_conversations"):
        more = _render_hits(store, text, mode) if text else _render_days(store, mode)
    _render_turning(has_more=more)


def _render_days(store: Store, mode: str | None) -> bool:
    conversations = store.conversations(PAGE + 1, offset=tab().listed_from, mode=mode)
    if not conversations and tab().listed_from:  # the last of the page was deleted
        tab().list_from(tab().listed_from - PAGE)
        return _render_days(store, mode)
    if not conversations:
        _render_nothing(NONE_OF_MODE if mode else NONE_YET, is_narrowed=mode is not None)
        return False
    today = here(now())
    for day, those in groupby(conversations[:PAGE], lambda each: to_day(here(each.updated), today)):
        st.caption(day)
        for conversation in those:
            _render_row(conversation, f"{here(conversation.updated):%H:%M}")
    return len(conversations) > PAGE


def _render_hits(store: Store, text: str, mode: str | None) -> bool:
    """The places found, under their conversations: each of these is there once."""
    found, has_more = search(store, text, limit=PAGE, offset=tab().listed_from, mode=mode)
    if not found:
        _render_nothing(NOT_FOUND, is_narrowed=True)
    for hits in found.values():
        conversation = hits[0].conversation
        _render_row(conversation, to_short(here(conversation.updated), here(now())), found=found_title(hits))
        render_places("places", hits)
    return has_more


def _render_nothing(sentence: str, *, is_narrowed: bool) -> None:
    st.info(sentence)
    if is_narrowed:
        st.button("Show all conversations", key="show_all", icon=":material/filter_list_off:", on_click=show_all)
    else:
        st.page_link("home.py", label="Start a conversation", icon=":material/arrow_forward:", width="content")


def _render_row(conversation: Conversation, time: str, *, found: str | None = None) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", key=f"row_{conversation.id}"):
        render_link(conversation, found=found)
        st.caption(time, width="content")
        menu = partial(_render_menu, conversation)
        render_box("Rename or delete", f"menu_{conversation.id}", menu, icon=":material/more_horiz:", is_quiet=True)


def _render_menu(conversation: Conversation) -> None:
    id = conversation.id
    with st.form(f"title_{id}", border=False):
        st.text_input("Title", conversation.title, key=f"rename_{id}", max_chars=LONGEST_TITLE)
        st.form_submit_button("Rename", key=f"save_{id}", icon=":material/edit:", on_click=_rename, args=(id,))
    if tab().to_delete != id:
        st.button("Delete", key=f"delete_{id}", icon=":material/delete:", on_click=tab().want_deleted, args=(id,))
        return
    st.markdown(f"Delete **{escaped(conversation.title)}**? This cannot be undone.")
    with st.container(horizontal=True):
        st.button("Delete it", key=f"confirm_delete_{id}", type="primary", icon=":material/delete_forever:", on_click=_delete, args=(id,))
        st.button("Keep it", key=f"keep_{id}", on_click=tab().want_deleted, args=("",))


def _render_turning(*, has_more: bool) -> None:
    first = tab().listed_from
    if not first and not has_more:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button("Newer", key="later", icon=":material/arrow_back:", on_click=tab().list_from, args=(first - PAGE,), disabled=not first)
        st.button(
            "Older",
            key="earlier",
            icon=":material/arrow_forward:",
            icon_position="right",
            on_click=tab().list_from,
            args=(first + PAGE,),
            disabled=not has_more,
        )


def _rename(id: str) -> None:
    with refusals_noticed():
        application().store(current_user()).rename(id, typed_in(f"rename_{id}"))


def _delete(id: str) -> None:
    tab().want_deleted("")
    with refusals_noticed():
        application().runner.delete(application().store(current_user()), id)
        tab().has_deleted(id)
