"""The self-check on the page Settings."""

import streamlit as st

from agents.application import application
from agents.doctor import examine
from pages.ui.identity import current_user
from pages.ui.markdown import escaped


def render_doctor() -> None:
    st.header("Is everything in order?", anchor=False)
    st.write(
        "Looks at your conversations on disk, free space, the agent runner and the sandbox, and asks the model one question. "
        "It takes some seconds."
    )
    if not st.button("Check", key="check", icon=":material/health_and_safety:"):
        return
    app = application()
    with st.spinner("Looking"):
        findings = examine(app, app.store(current_user()))
    for finding in findings:
        show = st.success if finding.is_good else st.error
        show(f"**{finding.name}** {escaped(finding.sentence)}", icon=":material/check_circle:" if finding.is_good else ":material/error:")
