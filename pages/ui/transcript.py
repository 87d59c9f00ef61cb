"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Callable, Container, Sequence

import streamlit as st

from agents.mode import Mode
from pages.ui.code import open_requests, render_code_card, render_code_result
from pages.ui.markdown import escaped, to_markdown, with_its_lines
from pages.ui.taken import to_footnote
from state.events import (
    AgentMessage,
    CodeResult,
    InputAnswered,
    InputRequested,
    RunEnded,
    SavedEvent,
    Thought,
    ToolBegun,
    ToolCall,
    ToolResult,
    UserMessage,
)
from state.images import to_size
from state.turns import Turn

USER_AVATAR = ":material/person:"
UNENDED = (
    "This answer was broken off, and nobody writes it any more. Your next prompt goes on from here; if that fails, restart the server."
)


def render_prompt(prompt: UserMessage) -> None:
    with st.chat_message("user", avatar=USER_AVATAR):
        st.markdown(to_markdown(with_its_lines(prompt.text)))
        if prompt.files:
            st.caption(f":material/attach_file: {', '.join(f'{escaped(file.name)} ({to_size(file.bytes)})' for file in prompt.files)}")


def render_answer(mode: Mode, conversation: str, turn: Turn, said: Sequence[SavedEvent], render_next_steps: Callable[[], None]) -> None:
    """Draw what was said, and under it how the turn ended and what can be done then."""
    waiting = open_requests(said) if turn.ended is None else set()
    shown = [event for event in said if _is_shown(event, waiting)]
    for index, event in enumerate(shown):
        with speaking(mode, event.source):
            if isinstance(event, InputRequested):
                render_code_card(mode, conversation, event)
            elif isinstance(event, CodeResult):
                render_code_result(conversation, event, f"{turn.runs[0]}_{index}")
            else:
                _render_event(event)
            if index == len(shown) - 1 and turn.ended is not None:
                _render_end(turn, turn.ended)
                render_next_steps()
    if not shown and turn.ended is not None:
        with speaking(mode, mode.speakers[0].name):
            _render_end(turn, turn.ended)
            render_next_steps()


def render_unended() -> None:
    st.warning(UNENDED, icon=":material/power_off:")


def speaking(mode: Mode, name: str) -> "st.delta_generator.DeltaGenerator":
    """The chat message of one speaker, to draw into."""
    speaker = mode.speaker(name)
    return st.chat_message(speaker.title, avatar=speaker.avatar)


def _is_shown(event: SavedEvent, waiting: Container[str]) -> bool:
    """What is decided shows in what came of it."""
    if isinstance(event, InputRequested):
        return event.kind == "code" and event.request_id in waiting
    return not isinstance(event, InputAnswered | ToolBegun)


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
        case "finished" if ended.reason:
            st.info(ended.reason, icon=":material/content_cut:")
    st.caption(to_footnote(turn))
