"""Errors shown as sentences."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from state.errors import RoundtableError

UNEXPECTED = (
    "Something unexpected went wrong on this page. Your conversations are safe. "
    "Reload the page, and look at the server's log if it stays so."
)
_log = logging.getLogger(__name__)


@contextmanager
def errors_said() -> Iterator[None]:
    """Show what went wrong as a sentence, and go on with the page after it."""
    try:
        yield
    except RoundtableError as error:
        st.error(str(error))


def say_script_error(error: Exception) -> bool:
    """Streamlit's hook for an exception a page did not catch: a sentence in the page, the traceback in the log."""
    if isinstance(error, RoundtableError):
        st.error(str(error))
    else:
        _log.error("a page failed", exc_info=error)
        st.error(UNEXPECTED)
    return True
