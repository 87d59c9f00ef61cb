"""The parts of the Home page."""

from collections.abc import Sequence

import streamlit as st

from agents.application import application
from agents.mode import Mode
from pages.ui.address import ADDRESS
from pages.ui.chat import DEMO, send_example
from pages.ui.link import page_of, render_link
from pages.ui.markdown import escaped
from pages.ui.session import tab
from state.store import Store

LATEST = 5
EXAMPLES = 2
"""Of each mode; its own page has all of them."""


def go_to_named(store: Store) -> None:
    """Go to the conversation that the address names, as it does when an example has begun one."""
    if id := st.query_params.get(ADDRESS):
        st.switch_page(page_of(store.conversation(id)), query_params={ADDRESS: id})


def render_modes(modes: Sequence[Mode]) -> None:
    """A card for each way of conversing, with examples that start at a click."""
    for begin in range(0, len(modes), 2):
        for mode, column in zip(modes[begin : begin + 2], st.columns(2), strict=False):
            with column, st.container(border=True, height="stretch", key=f"mode_{mode.key}"):
                st.page_link(f"{mode.key}.py", label=f"**{mode.title}**", icon=mode.icon)
                st.write(mode.summary)
                for number, example in enumerate(mode.examples[:EXAMPLES]):
                    _render_example(mode, number, example)
    model = application().catalog.default
    if model.is_demo:
        st.caption(DEMO)
    else:
        st.caption(f":material/neurology: {escaped(model.label)} answers unless you pick another model in a conversation.")


def render_latest(store: Store) -> None:
    conversations = store.conversations(LATEST)
    if not conversations:
        return
    with st.container(key="go_on"):
        st.header("Recent conversations", anchor=False)  # the page's next level, for whoever goes by headings
    with st.container(key="latest"):
        for conversation in conversations:
            render_link(conversation)


def _render_example(mode: Mode, number: int, example: str) -> None:
    key, args = f"example_{mode.key}_{number}", (mode, tab().new_conversation, example)
    st.button(example, key=key, type="tertiary", icon=":material/arrow_forward:", on_click=send_example, args=args)
