"""Conversations: all there are, to find, rename and delete."""

import streamlit as st

from agents.application import application
from agents.modes import MODES
from pages.ui.conversations import render_conversations, render_search
from pages.ui.drafts import forget_drafts
from pages.ui.identity import current_user
from pages.ui.imports import render_import

st.title("Conversations", anchor=False)
text, mode = render_search(MODES)
render_import()
render_conversations(application().store(current_user()), text, mode)
forget_drafts()
