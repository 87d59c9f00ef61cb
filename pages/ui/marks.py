"""Marks on the links to conversations in which an answer is being written, or waits for the person."""

from pathlib import Path

import streamlit as st

from pages.ui.address import ADDRESS
from pages.ui.identity import current_user
from pages.ui.told import told
from pages.web.marks import marks_of, ticket
from pages.web.parts import part
from pages.web.readers import sign_in_of
from state.store import Store

_component = st.components.v2.component("roundtable_marks", js=part(Path(__file__).parent / "marks.js"), isolate_styles=False)


def render_marks(store: Store) -> None:
    """The browser marks the links, on whatever page they are, and asks for news while anything is written elsewhere than on it."""
    data = told(marks=marks_of(store), ticket=ticket(current_user(), sign_in_of(st.context.cookies)), open=st.query_params.get(ADDRESS))
    with st.container(key="marks"):
        _component(key="marks_of_links", data=data)
