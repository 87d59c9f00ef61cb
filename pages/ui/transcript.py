"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.mode import Mode
from pages.ui.batch import render_batch
from pages.ui.markdown import escaped, to_markdown, with_its_lines
from pages.ui.pictures import render_pictures
from pages.ui.steps import STEP_EVENTS, render_steps, title_of
from pages.ui.taken import to_footnote
from state.events import (
    AgentMessage,
    ImageDescribed,
    InputAnswered,
    RunEnded,
    SavedEvent,
    Thought,
    ToolCall,
    ToolResult,
    UserMessage,
)
from state.turns import Turn

OURS = ("user", "roundtable")
"""Sources that do not speak in an answer: what they do is shown with the agent it belongs to."""
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
    groups = to_groups(said)
    for index, (source, events) in enumerate(groups):
        with speaking(mode, source):
            for part in events:
                if isinstance(part[0], ImageDescribed):
                    render_batch(turn, describe_again)
                else:
                    _render_part(part)
            if index == len(groups) - 1 and turn.ended is not None:
                _render_end(turn, turn.ended)
                render_next_steps()
    if not said and turn.ended is not None:
        with speaking(mode, mode.speakers[0].name):
            _render_end(turn, turn.ended)
            render_next_steps()


def render_changes(before: Turn, turn: Turn) -> None:
    """Say what the person changed between two turns."""
    changes = []
    if turn.model and before.model not in {"", turn.model}:
        changes.append(f"model: {escaped(turn.model)}")
    if turn.instructions != before.instructions:
        changes.append(f"instructions: {escaped(turn.instructions)}" if turn.instructions else "the mode's own instructions")
    if turn.tools_off != before.tools_off:
        changes.append(f"without {', '.join(title_of(name) for name in turn.tools_off)}" if turn.tools_off else "with all tools")
    if changes:
        st.caption(f":material/tune: From here on {' · '.join(changes)}")


def render_unended() -> None:
    st.warning(UNENDED, icon=":material/power_off:")


def speaking(mode: Mode, name: str) -> "st.delta_generator.DeltaGenerator":
    """The chat message of one speaker, to draw into."""
    speaker = mode.speaker(name)
    return st.chat_message(speaker.title, avatar=speaker.avatar)


def to_groups(said: Sequence[SavedEvent]) -> list[tuple[str, list[list[SavedEvent]]]]:
    """Gather what one speaker says and does without another between, in parts: calls made at once are one, all else is its own."""
    groups: list[tuple[str, list[list[SavedEvent]]]] = []
    for event in said:
        source = event.source if event.source not in OURS or not groups else groups[-1][0]
        if not groups or groups[-1][0] != source:
            groups.append((source, []))
        parts = groups[-1][1]
        if isinstance(event, STEP_EVENTS) and parts and _goes_with(event, parts[-1]):
            parts[-1].append(event)
        else:
            parts.append([event])
    return groups


def _goes_with(event: SavedEvent, part: Sequence[SavedEvent]) -> bool:
    """A call joins calls that have no result yet, and all else about a call joins it."""
    if not isinstance(part[0], ToolCall):
        return False
    return not isinstance(event, ToolCall) or not any(isinstance(each, ToolResult) for each in part)


def _render_part(part: Sequence[SavedEvent]) -> None:
    match part[0]:
        case AgentMessage() as message:
            st.markdown(to_markdown(message.text) or "*The model answered with nothing.*")
        case Thought() as thought:
            with st.expander("Thought", icon=":material/psychology:"):
                st.text(thought.text)
        case ToolCall():
            render_steps(part)
        case InputAnswered() as answer:
            st.caption("You let it go on." if answer.is_approved else "You ended it there.")
        case _:
            pass


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
