"""What closes in the code of agents, as it was measured at the start."""

import streamlit as st

from agents.application import application
from agents.sandbox.choice import Choice


def render_sandbox() -> None:
    """What holds, in a sentence, and behind it what was tried."""
    choice = application().workrooms.choice
    with st.container(key="sandbox"):
        _render_sentence(choice)
        if choice.findings or choice.passed_over:
            with st.expander("What was tried from inside when the server started", icon=":material/shield:"):
                _render_findings(choice)


def render_running_code() -> None:
    """The part of the Settings page."""
    st.header("Running code", anchor=False)
    choice, settings = application().workrooms.choice, application().settings
    st.write(choice.sentence)
    _render_findings(choice)
    if choice.sandbox is not None:
        languages = "Python and shell" if settings.code_shell else "Python"
        st.caption(
            f"{languages}. A block may take {settings.code_seconds:g} seconds and {settings.code_memory_megabytes:,} MB of memory; "
            "`docs/sandbox.md` has all limits and settings."
        )


def _render_sentence(choice: Choice) -> None:
    if choice.sandbox is None:
        st.error(choice.sentence, icon=":material/block:")
    elif choice.must_ask:
        st.warning(choice.sentence, icon=":material/lock_open:")
    else:
        st.success(choice.sentence, icon=":material/shield:")


def _render_findings(choice: Choice) -> None:
    marks = ((":green[:material/check:]", True), (":orange[:material/warning:]", False))
    with st.container(key="findings"):
        st.markdown("\n".join(f"- {mark} {each.sentence}" for mark, holds in marks for each in choice.findings if each.holds is holds))
    for sentence in choice.passed_over:
        st.caption(sentence)
