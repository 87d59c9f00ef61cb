"""Boxes behind a button, filled when they are open: what nobody looks at costs nothing to draw."""

from collections.abc import Callable

import streamlit as st


def render_box(label: str, key: str, render: Callable[[], None], *, icon: str, is_quiet: bool = False) -> None:
    """Draw the button, and by `render` what is in its box while that is open.

    The box keeps room for what is to come, by style: it opens on the side where that fits, and nothing in it moves.
    """
    box = st.popover(label, icon=icon, type="tertiary" if is_quiet else "secondary", key=key, on_change="rerun")
    with box, st.container(key=f"box_{key}"):
        if box.open:
            render()
        else:
            st.space()
