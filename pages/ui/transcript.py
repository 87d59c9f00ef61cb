"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.mode import Mode
from pages.ui.batch import render_batch
from pages.ui.markdown import to_markdown, with_its_lines
from pages.ui.pictures import render_pictures
from pages.ui.taken import to_footnote
from state.events import AgentMessage, ImageDescribed, RunEnded, SavedEvent, Thought, ToolCall, ToolResult, UserMessage
from state.turns import Turn

USER_AVATAR = ":material/person:"
UNENDED = (
    "This answer was broken off, and nobody writes it any more. Your next prompt goes on from here; if that fails, restart the server."
)


def render_prompt(prompt: UserMessage, run: str, *, is_in_table: bool = False) -> None:
    """Draw a prompt, and its pictures unless a table under it shows them."""
    with st.chat_message("user", avatar=USER_AVATAR):
        st.markdown(to_markdown(with_its_lines(prompt.text)))
        if prompt.images and not is_in_table:
            render_pictures(prompt.images, f"pictures_{run}")
        for sentence in prompt.left_out:
            st.caption(f":material/block: {to_markdown(sentence)}")


def render_answer(
    mode: Mode,
    turn: Turn,
    said: Sequence[SavedEvent],
    render_next_steps: Callable[[], None],
    describe_again: Callable[[str], None] | None = None,
) -> None:
    """Draw what was said, and under it how the turn ended and what can be done then."""
    for index, event in enumerate(said):
        with speaking(mode, event.source):
            if isinstance(event, ImageDescribed):
                render_batch(turn, describe_again)
            else:
                _render_event(event)
            if index == len(said) - 1 and turn.ended is not None:
                _render_end(turn, turn.ended)
                render_next_steps()
    if not said and turn.ended is not None:
        with speaking(mode, mode.speakers[0].name):
            _render_end(turn, turn.ended)
            render_next_steps()


def render_unended() -> None:
    st.warning(UNENDED, icon=":material/power_off:")


def speaking(mode: Mode, name: str) -> "st.delta_generator.DeltaGenerator":
    """The chat message of one speaker, to draw into."""
    speaker = mode.speaker(name)
    return st.chat_message(speaker.title, avatar=speaker.avatar)


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
