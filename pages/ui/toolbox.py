"""The tools there are, and how the MCP servers among them do."""

import streamlit as st

from agents.application import Application
from pages.ui.markdown import escaped

HOW_TO_ADD = (
    "To add tools of your own, name MCP servers in a file `mcp.json` beside `app.py`, as other applications take it, and start "
    "Roundtable again. Their tools ask you before each call, until you say otherwise in *Tools* over the prompt box."
)
MARKS = {True: ":material/check_circle:", False: ":material/error:", None: ":material/schedule:"}


def render_tools(app: Application) -> None:
    st.header("Tools", anchor=False)
    st.table({escaped(tool.title): escaped(tool.summary) for tool in app.toolbox.built_in}, border="horizontal")
    for server in app.toolbox.health():
        with st.container(border=True):
            st.markdown(f"{MARKS[server.is_well]} **{escaped(server.name)}** · {server.kind}")
            st.caption(escaped(server.text))
            if server.tools:
                st.caption(f"Offers {escaped(', '.join(server.tools))}.")
    if app.toolbox.health():
        st.button("Check servers", key="ask_servers", icon=":material/network_check:", on_click=app.ask_servers)
    st.caption(HOW_TO_ADD)
