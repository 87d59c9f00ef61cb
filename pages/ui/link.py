"""A conversation as a link, in the sidebar and in lists."""

import streamlit as st

from agents.modes import find_mode
from pages.ui.address import ADDRESS
from pages.ui.markdown import escaped
from state.conversations import Conversation


def render_link(conversation: Conversation, *, is_live: bool) -> None:
    """Its title leads to it; one of a mode that this version lacks leads nowhere."""
    mode = find_mode(conversation.mode)
    if mode is None:
        st.markdown(f":gray[{escaped(conversation.title)}]", help=f"This Roundtable has no mode `{escaped(conversation.mode)}`.")
        return
    st.page_link(
        f"{mode.key}.py",
        label=escaped(conversation.title),
        icon=":material/pending:" if is_live else mode.icon,
        help="An answer is being written" if is_live else None,
        query_params={ADDRESS: conversation.id},
        width="stretch",
    )
