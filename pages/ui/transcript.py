"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Sequence

import streamlit as st

from agents.mode import Mode
from pages.ui.markdown import to_markdown
from pages.ui.turns import Turn
from state.events import AgentMessage, RunEnded, SavedEvent, Thought, ToolCall, ToolResult

USER_AVATAR = ":material/person:"


def render_turns(mode: Mode, turns: Sequence[Turn]) -> None:
    for turn in turns:
        if turn.prompt is not None:
            with st.chat_message("user", avatar=USER_AVATAR):
                st.markdown(to_markdown(turn.prompt.text))
        _render_answer(mode, turn)


def speaking(mode: Mode, name: str) -> "st.delta_generator.DeltaGenerator":
    """The chat message of one speaker, to draw into."""
    speaker = mode.speaker(name)
    return st.chat_message(speaker.title, avatar=speaker.avatar)


def _render_answer(mode: Mode, turn: Turn) -> None:
    for index, event in enumerate(turn.said):
        with speaking(mode, event.source):
            _render_event(event)
            if index == len(turn.said) - 1 and turn.ended is not None:
                _render_end(turn, turn.ended)
    if not turn.said and turn.ended is not None:
        with speaking(mode, mode.speakers[0].name):
            _render_end(turn, turn.ended)


def _render_event(event: SavedEvent) -> None:
    match event:
        case AgentMessage():
            st.markdown(to_markdown(event.text) or "*The model answered with nothing.*")
        case Thought():
            with st.expander("Thought", icon=":material/psychology:"):
                st.text(event.text)
        case ToolCall():
            with st.expander(f"Called `{event.name}`", icon=":material/build:"):
                st.code(event.arguments, language="json")
        case ToolResult():
            with st.expander("Result" if not event.is_error else "Failed", icon=":material/output:"):
                st.text(event.text)


def _render_end(turn: Turn, ended: RunEnded) -> None:
    match ended.status:
        case "failed":
            st.error(ended.reason, icon=":material/error:")
        case "stopped":
            st.info(ended.reason, icon=":material/stop_circle:")
        case "interrupted":
            st.warning(ended.reason, icon=":material/power_off:")
    st.caption(turn.footnote)
