"""A conversation as a link, in the sidebar and in lists."""

import streamlit as st

from agents.modes import MODES, find_mode
from pages.ui.address import ADDRESS, PLACE
from pages.ui.markdown import escaped
from state.conversations import Conversation
from state.search import MARK, UNMARK, Hit

LOCKED = ":material/lock:"


def render_link(conversation: Conversation, *, found: str | None = None) -> None:
    """Its title leads to it. `found` is the title as a search found it, with marks."""
    mode, title = find_mode(conversation.mode), to_marked(found) if found else escaped(conversation.title)
    st.page_link(
        page_of(conversation),
        label=title,
        icon=mode.icon if mode else LOCKED,
        query_params={ADDRESS: conversation.id},
        width="stretch",
    )


def render_place(hit: Hit) -> None:
    """What was said at a place that was found leads there."""
    place = {ADDRESS: hit.conversation.id, PLACE: str(hit.seq)}
    st.page_link(page_of(hit.conversation), label=f":small[{to_marked(hit.snippet)}]", query_params=place, width="stretch")


def page_of(conversation: Conversation) -> str:
    """The page that shows it. One of a mode that this version lacks is shown by any mode's, to be read."""
    return f"{(find_mode(conversation.mode) or MODES[0]).key}.py"


def to_marked(snippet: str) -> str:
    """Make Markdown of a snippet: what was found in bold, all else as it is."""
    return escaped(snippet).replace(MARK, "**").replace(UNMARK, "**")
