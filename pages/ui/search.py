"""Search: the box, and what it finds under its conversations. The sidebar and the page of all conversations have one each."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui.link import render_place
from pages.ui.session import tab
from state.search import TITLE_SEQ, Hit
from state.store import Store

LONGEST = 200
"""Characters the box takes."""
NOT_FOUND = "No matches. All words must be in one message or title; the last one may be the beginning of a word."


def render_search_box(key: str, placeholder: str, on_change: Callable[[], None] | None = None) -> str:
    """Returns what is to be looked for; nothing where the box is empty."""
    typed = st.text_input(
        "Search conversations",
        key=key,
        type="search",
        max_chars=LONGEST,
        placeholder=placeholder,
        label_visibility="collapsed",
        live=True,
        on_change=on_change,
    )
    return str(typed or "").strip()


def search(store: Store, text: str, *, limit: int, offset: int = 0, mode: str | None = None) -> tuple[Mapping[str, Sequence[Hit]], bool]:
    """The places found, by the conversation each is in, and whether there are more of them than the limit."""
    tab().looked_for = text
    hits = store.search(text, mode=mode, limit=limit + 1, offset=offset)
    places: dict[str, list[Hit]] = {}
    for hit in hits[:limit]:
        places.setdefault(hit.conversation.id, []).append(hit)
    return places, len(hits) > limit


def render_places(key: str, hits: Sequence[Hit]) -> None:
    """What was found in a conversation; each leads to its place. A title that was found leads to the conversation by itself."""
    said = [hit for hit in hits if hit.seq != TITLE_SEQ]
    if said:
        with st.container(key=f"{key}_{said[0].conversation.id}"):
            for hit in said:
                render_place(hit)


def found_title(hits: Sequence[Hit]) -> str | None:
    """The title with what was found in it, where it was found there."""
    return next((hit.snippet for hit in hits if hit.seq == TITLE_SEQ), None)
