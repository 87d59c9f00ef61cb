"""How a page's address names a conversation, so that a reload or a bookmark comes back to it, and a place in it."""

import streamlit as st

ADDRESS = "conversation"
"""The query parameter."""
PLACE = "at"
"""The query parameter of a place: the sequence number of an event."""


def named_place() -> int:
    """The place that the address names; 0 where it names none."""
    named = st.query_params.get(PLACE, "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else 0


def forget_place() -> None:
    """Be at the conversation's end from now on."""
    st.query_params.pop(PLACE, None)
