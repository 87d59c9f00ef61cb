"""Sentences about the last thing a person did, where it was refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.ui.session import tab
from state.errors import RoundtableError


@contextmanager
def refusals_noticed() -> Iterator[None]:
    """In a callback: what is refused is said in the page."""
    try:
        yield
    except RoundtableError as error:
        tab().notice = str(error)


def render_notice() -> None:
    if notice := tab().show_notice():
        st.warning(notice, icon=":material/info:")
