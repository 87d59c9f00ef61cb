"""A conversation as a link, in the sidebar and in lists."""

import streamlit as st

from agents.modes import find_mode
from pages.ui.address import ADDRESS, PLACE
from pages.ui.markdown import escaped
from state.conversations import Conversation
from state.search import MARK, UNMARK, Hit

WAITING, LIVE = ":material/front_hand:", ":material/pending:"
WAITS_FOR_YOU, BEING_WRITTEN = "It waits for you", "An answer is being written"


def render_link(conversation: Conversation, *, is_live: bool = False, is_waiting: bool = False, found: str | None = None) -> None:
    """Its title leads to it; one of a mode that this version lacks leads nowhere. `found` is the title as a search found it, with marks."""
    mode, title = find_mode(conversation.mode), to_marked(found) if found else escaped(conversation.title)
    if mode is None:
        st.markdown(f":gray[{title}]", help=f"This Roundtable has no mode `{escaped(conversation.mode)}`.")
        return
    st.page_link(
        f"{mode.key}.py",
        label=title,
        icon=WAITING if is_waiting else LIVE if is_live else mode.icon,
        help=WAITS_FOR_YOU if is_waiting else BEING_WRITTEN if is_live else None,
        query_params={ADDRESS: conversation.id},
        width="stretch",
    )


def render_place(hit: Hit) -> None:
    """What was said at a place that was found leads there."""
    mode, label = find_mode(hit.conversation.mode), to_marked(hit.snippet)
    if mode is None:
        st.markdown(f":small[{label}]")
        return
    place = {ADDRESS: hit.conversation.id, PLACE: str(hit.seq)}
    st.page_link(f"{mode.key}.py", label=f":small[{label}]", query_params=place, width="stretch")


def to_marked(snippet: str) -> str:
    """Make Markdown of a snippet: what was found in bold, all else as it is."""
    return escaped(snippet).replace(MARK, "**").replace(UNMARK, "**")
