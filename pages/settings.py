"""Settings: the models, the cache of answers, what code runs in, one's usage and data, and the limits."""

import streamlit as st

from agents.application import application
from pages.ui.data import render_data
from pages.ui.doctor import render_doctor
from pages.ui.drafts import forget_drafts
from pages.ui.identity import current_user
from pages.ui.sandbox import render_running_code
from pages.ui.settings import render_cache, render_limits, render_models
from pages.ui.toolbox import render_tools
from pages.ui.usage import render_usage

st.title("Settings", anchor=False)
render_models(application().catalog, current_user())
render_tools(application())
render_cache(application().clients.cache(current_user()))
render_running_code()
render_usage(application().store(current_user()))
render_data()
render_doctor()
render_limits(application().settings)
forget_drafts()
