"""What stands in the prompt box and is not sent yet: the browser keeps it, for each conversation, and the server never sees it."""

from pathlib import Path

import streamlit as st

from pages.ui.identity import current_user
from pages.ui.session import tab
from pages.ui.told import told
from pages.web.parts import part

HERE = Path(__file__).parent

_component = st.components.v2.component("roundtable_drafts", js=part(HERE / "drafts.js"), isolate_styles=False)


def render_drafts(box: str) -> None:
    """Keep the box's text over a reload. It is the person's: another one at the same browser gets their own.

    What is put back goes this way too, and with each rerun again: Streamlit's own way is lost when the next rerun overtakes this one.
    """
    sent, put_back = tab().sent, tab().put_back
    data = told(
        place=_place(box),
        sent={"place": _place(sent.box), "number": sent.number},
        put_back={"place": _place(put_back.box), "text": put_back.text, "id": put_back.id},
    )
    with st.container(key="drafts"):
        _component(key="draft", data=data)


def forget_drafts() -> None:
    """Have the browser forget what was typed in conversations that this tab has deleted."""
    if places := [_place(conversation) for conversation in tab().deleted]:
        with st.container(key="drafts"):
            _component(key="deleted_drafts", data=told(deleted=places))


def _place(name: str) -> str:
    return f"{current_user().key}/{name}"
