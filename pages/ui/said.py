"""Errors shown as sentences."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from state.errors import ConversationNotFound, RoundtableError, StoreUnavailable

UNEXPECTED = (
    "Something unexpected went wrong on this page. Your conversations are safe. "
    "Reload the page; if it keeps happening, check the server's log."
)
_log = logging.getLogger(__name__)


@contextmanager
def errors_said(place: str) -> Iterator[None]:
    """Show what went wrong as a sentence, and go on with the page after it."""
    try:
        yield
    except RoundtableError as error:
        _say(error, place)


def say_script_error(error: Exception) -> bool:
    """Streamlit's hook for an exception a page did not catch: a sentence in the page, the traceback in the log."""
    if isinstance(error, RoundtableError):
        _say(error, "script")
    else:
        _log.error("a page failed", exc_info=error)
        st.error(UNEXPECTED)
    return True


def _say(error: RoundtableError, place: str) -> None:
    """And what can be done next."""
    st.error(str(error))
    if isinstance(error, ConversationNotFound):
        st.page_link("home.py", label="Start a new conversation", icon=":material/edit_square:", width="content")
        st.page_link("conversations.py", label="See all conversations", icon=":material/forum:", width="content")
    if isinstance(error, StoreUnavailable):
        st.button("Try again", key=f"try_again_{place}", icon=":material/refresh:")
