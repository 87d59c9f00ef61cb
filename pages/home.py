"""Home: what this is, and the ways to begin."""

import streamlit as st

from agents.application import application
from agents.modes import MODES
from pages.ui.home import go_to_named, render_latest, render_modes
from pages.ui.identity import current_user
from pages.ui.notices import render_notice

go_to_named(application().store(current_user()))
st.title("Roundtable", anchor=False)
st.write("Chat with AI agents built on AutoGen, one at a time or as a team. Everything is saved as it happens.")
render_notice()
render_modes(MODES)
render_latest(application().store(current_user()))
