"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.mode import Mode, Speaker
from pages.ui.markdown import escaped, to_markdown, with_its_lines
from pages.ui.plan import render_plan
from pages.ui.taken import to_footnote
from pages.ui.team import moment_key, render_selection
from state.events import AgentMessage, PlanMade, RunEnded, SavedEvent, SpeakerSelected, Thought, ToolCall, ToolResult, UserMessage
from state.turns import Turn

USER_AVATAR = ":material/person:"
UNENDED = (
    "This answer was broken off, and nobody writes it any more. Your next prompt goes on from here; if that fails, restart the server."
)


def render_prompt(text: str) -> None:
    with st.chat_message("user", avatar=USER_AVATAR):
        st.markdown(to_markdown(with_its_lines(text)))


def render_answer(
    mode: Mode, turn: Turn, said: Sequence[SavedEvent], render_next_steps: Callable[[], None], *, plan: PlanMade | None = None
) -> None:
    """Draw what was said, and under it how the turn ended and what can be done then. `plan` is the conversation's last."""
    for index, event in enumerate(said):
        with _place(mode, event):
            _render_event(mode, event, is_last=event is plan)
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
    return speaking_as(mode, mode.speaker(name))


def speaking_as(mode: Mode, speaker: Speaker) -> "st.delta_generator.DeltaGenerator":
    """The same, in a team under the speaker's name."""
    message = st.chat_message(speaker.title, avatar=speaker.avatar)
    if mode.is_team:
        message.markdown(f":small[:{speaker.colour}[**{speaker.title}**]]")
    return message


def _place(mode: Mode, event: SavedEvent) -> "st.delta_generator.DeltaGenerator":
    """Where an event is drawn: in its speaker's message, or between the messages when nobody said it."""
    match event:
        case UserMessage():
            return st.chat_message("user", avatar=USER_AVATAR)
        case SpeakerSelected() | PlanMade():
            return st.container()
        case _:
            return speaking(mode, event.source)


def _render_event(mode: Mode, event: SavedEvent, *, is_last: bool) -> None:
    match event:
        case UserMessage():
            st.markdown(to_markdown(with_its_lines(event.text)))
        case SpeakerSelected():
            render_selection(mode, event)
        case PlanMade():
            render_plan(event, key="" if is_last else f"_{moment_key(event)}")
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
        case "finished" if ended.is_complete:
            st.caption(f":material/flag: {escaped(ended.reason)}")
        case "finished" if ended.reason:
            st.info(ended.reason, icon=":material/content_cut:")
    st.caption(to_footnote(turn))
