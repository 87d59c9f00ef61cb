"""Home: what this is, and the ways to begin."""

import streamlit as st

from agents.application import application
from agents.modes import MODES

st.title("Roundtable", anchor=False)
st.write("Talk with AI agents. Every conversation is saved as it happens: reload, close the tab or come back tomorrow, and it is here.")
for mode in MODES:
    with st.container(border=True, key=f"mode_{mode.key}"):
        st.page_link(f"{mode.key}.py", label=f"**{mode.title}**", icon=mode.icon)
        st.write(mode.summary)
st.caption(f"Model in use: {application().catalog.default.label}")
