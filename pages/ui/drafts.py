"""What stands in the prompt box and is not sent yet: the browser keeps it, for each conversation, and the server never sees it."""

from pathlib import Path

import streamlit as st

from agents.mode import Mode
from pages.ui.identity import current_user
from pages.ui.session import tab
from state.conversations import Conversation

HERE = Path(__file__).parent

_component = st.components.v2.component("roundtable_drafts", js=(HERE / "drafts.js").read_text(encoding="utf-8"), isolate_styles=False)


def render_drafts(mode: Mode, conversation: Conversation | None) -> None:
    """Keep the box's text over a reload. It is the person's: another one at the same browser gets their own.

    What is put back goes this way too, and with each rerun again: Streamlit's own way is lost when the next rerun overtakes this one.
    """
    place, put_back = _place(conversation.id if conversation else mode.key), tab().put_back
    with st.container(key="drafts"):
        _component(key="draft", data={"place": place, "sent": tab().prompts_sent, "text": put_back.text, "put_back": put_back.id})


def forget_drafts() -> None:
    """Have the browser forget what was typed in conversations that this tab has deleted."""
    if places := [_place(conversation) for conversation in tab().deleted]:
        with st.container(key="drafts"):
            _component(key="deleted_drafts", data={"deleted": places})


def _place(name: str) -> str:
    return f"{current_user().key}/{name}"
