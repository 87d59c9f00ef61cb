"""Text put into the clipboard, which only the browser can do."""

from pathlib import Path

import streamlit as st

from pages.ui.session import tab
from pages.ui.told import told
from pages.web.parts import part

HERE = Path(__file__).parent
HTML = '<p class="copied" role="status"></p>'

_component = st.components.v2.component("roundtable_copying", html=HTML, js=part(HERE / "copying.js"), isolate_styles=False)


def render_copying() -> None:
    """Hand the browser what was asked for by the button that was just pressed; a rerun that is none of it hands over nothing."""
    copied = tab().take_copied()
    data = {"widget": copied.widget, "text": copied.text, "number": copied.number} if copied else None
    with st.container(key="copying"):
        _component(key="copied", data=told(copied=data))
