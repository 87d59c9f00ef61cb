"""How a page's address names a conversation, so that a reload or a bookmark comes back to it, and a place in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ADDRESS = "conversation"
"""The query parameter."""
PLACE = "at"
"""The query parameter of a place: the sequence number of an event."""


@dataclass(frozen=True)
class Whereabouts:
    """Where a tab is: the page, and the conversation and the place in it that its address names."""

    page: str = ""
    conversation: str | None = None
    place: int = 0


def whereabouts() -> Whereabouts:
    context = get_script_run_ctx()
    return Whereabouts(context.page_script_hash if context else "", st.query_params.get(ADDRESS), named_place())


def be_at(there: Whereabouts) -> None:
    """Have the address name what it should, and the browser told where it does not."""
    for name, value in ((ADDRESS, there.conversation), (PLACE, there.place)):
        if not value:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def named_place() -> int:
    """The place that the address names; 0 where it names none."""
    named = st.query_params.get(PLACE, "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else 0


def asked_page() -> str | None:
    """The page that the browser asked for, by its path, which callbacks come before; None where it is not known yet."""
    context = get_script_run_ctx()
    page = context.pages_manager.get_pages().get(context.page_script_hash) if context else None
    return page.get("url_pathname") if page else None


@contextmanager
def widgets_of(conversation: str | None) -> Iterator[None]:
    """Have what is drawn here be this conversation's own, as its browser knows it.

    Streamlit knows a button by its page and key, whatever conversation it was drawn for: a press of one that is still to be seen would
    be taken for the next conversation's, once that is drawn here and not yet there.
    """
    context = get_script_run_ctx()
    if context is None or conversation is None:
        yield
        return
    with context.run_with_active_hash(f"{context.page_script_hash}/{conversation}"):
        yield


def leave() -> None:
    """Be at no conversation. A callback, so that a prompt sent at once does not overtake it."""
    st.query_params.pop(ADDRESS, None)
    forget_place()


def forget_place() -> None:
    """Be at the conversation's end from now on."""
    st.query_params.pop(PLACE, None)
