"""The frame every page shares: navigation and sidebar, then the page."""

import streamlit as st

from agents.application import application
from agents.modes import MODES
from pages.ui.identity import current_user, take_page
from pages.ui.in_turn import in_turn
from pages.ui.said import errors_said
from pages.ui.session import tab
from pages.ui.sidebar import render_sidebar
from pages.ui.signing_in import require_sign_in
from pages.ui.timeline import close_timeline_elsewhere

st.set_page_config(page_title="Roundtable", page_icon="💬", layout="centered")
require_sign_in()
home = st.Page("home.py", title="Home", icon=":material/home:", default=True)
modes = [st.Page(f"{mode.key}.py", title=mode.title, icon=mode.icon, url_path=mode.key) for mode in MODES]
conversations = st.Page("conversations.py", title="Conversations", icon=":material/forum:")
settings = st.Page("settings.py", title="Settings", icon=":material/settings:")
close_timeline_elsewhere()
page = st.navigation([home, *modes, conversations, settings])
with in_turn(), errors_said("page"):
    take_page()
    render_sidebar(application().store(current_user()), page.url_path)
    page.run()
tab().end_drawing()
