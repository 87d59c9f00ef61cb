"""Keys that do what the mouse does, the sheet that tells them, and the switch of notifications: all of it the browser's own."""

from pathlib import Path

import streamlit as st

from pages.web.parts import part

HERE = Path(__file__).parent
HTML = '<button type="button" class="help-button" aria-haspopup="dialog">Keys and notifications</button>'

_component = st.components.v2.component(
    "roundtable_shortcuts",
    html=HTML,
    js=part(HERE / "lost.js", HERE / "theme.js", HERE / "connection.js", HERE / "refusals.js", HERE / "shortcuts.js"),
    isolate_styles=False,
)


def render_shortcuts() -> None:
    """The way to the sheet for those who do not know its key."""
    _component(key="shortcuts")
