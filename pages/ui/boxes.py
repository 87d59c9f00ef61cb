"""Where a prompt belongs: where the person is, which may be elsewhere than the page that is still drawn.

Streamlit calls the callback of what was drawn last. Whoever goes to another conversation and sends a prompt before its page is drawn
means that one, and so says the browser's address, which comes with each rerun.
"""

from dataclasses import dataclass, replace

import streamlit as st

from agents.application import application
from agents.mode import Mode
from agents.modes import find_mode
from pages.ui.address import ADDRESS, asked_page
from pages.ui.identity import current_user
from pages.ui.session import tab
from state.errors import RoundtableError

UNCLEAR = "You switched pages while sending, so it is not clear where this belongs. It is in the box: send it where you want it."


@dataclass(frozen=True)
class Box:
    """A prompt box: of a conversation, or of one that its prompt begins with the id `new`."""

    mode: Mode
    conversation: str | None
    new: str
    is_left: bool = False
    """Whether the person has gone on to a page without a box, and stays there."""

    @property
    def name(self) -> str:
        """What its draft is kept under."""
        return self.conversation or self.mode.key


def meant(drawn: Box) -> Box:
    """The box that the person had in mind as they sent from the one that was drawn. Raises RoundtableError where nobody can tell.

    A prompt and the click that leads away from it may come together, as Streamlit makes one rerun of what waits for it. Which was first
    is not to be told then, unless an earlier rerun went the same way already.
    """
    conversation, page = st.query_params.get(ADDRESS), asked_page()
    is_on_page = page in {None, drawn.mode.key}
    if conversation == drawn.conversation and (conversation or is_on_page):
        return drawn
    if conversation is not None and conversation == drawn.new:
        return drawn
    if page is not None and find_mode(page) is None:
        return replace(drawn, is_left=True)
    if not tab().was_on_the_way:
        raise RoundtableError(UNCLEAR)
    return _box_at(conversation, page)


def name_of_present(drawn: Box) -> str:
    """The name of the box where the person is, or of the one they left where there is none."""
    mode = find_mode(asked_page() or "")
    return st.query_params.get(ADDRESS) or (mode or drawn.mode).key


def _box_at(conversation: str | None, page: str | None) -> Box:
    found = application().store(current_user()).conversation(conversation).mode if conversation else page
    mode = find_mode(found or "")
    if mode is None:
        raise RoundtableError(UNCLEAR)
    return Box(mode, conversation, tab().new_conversation)
