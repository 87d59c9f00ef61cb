"""A conversation drawn: what was said, and how each turn ended."""

from collections.abc import Callable, Sequence

import streamlit as st

from agents.mode import Mode, Speaker
from pages.ui.batch import render_batch
from pages.ui.code import render_code_result, without_code
from pages.ui.markdown import escaped, to_markdown, with_its_lines
from pages.ui.moments import here, to_moment
from pages.ui.pictures import render_pictures
from pages.ui.plan import render_plan
from pages.ui.questions import open_requests
from pages.ui.steps import STEP_EVENTS, render_steps, title_of
from pages.ui.taken import to_footnote
from pages.ui.team import render_selection
from state.events import (
    AgentMessage,
    CodeResult,
    Event,
    ImageDescribed,
    InputAnswered,
    InputRequested,
    PlanMade,
    RunEnded,
    SavedEvent,
    SpeakerSelected,
    Thought,
    ToolBegun,
    ToolCall,
    ToolResult,
    UserMessage,
    now,
)
from state.images import to_size
from state.turns import Turn

OURS = ("user", "roundtable")
"""Sources that do not speak in an answer: what they do is shown with the agent it belongs to."""
BETWEEN = UserMessage | SpeakerSelected | PlanMade
"""What is drawn between the messages of agents."""
USER_AVATAR = ":material/person:"
UNENDED = "This answer was cut off. Your next prompt continues from here; if that fails, restart the server."


def render_prompt(prompt: UserMessage, run: str, *, is_in_table: bool = False) -> None:
    """Draw a prompt, and its pictures unless a table under it shows them."""
    with st.chat_message("user", avatar=USER_AVATAR):
        st.markdown(to_markdown(with_its_lines(prompt.text)))
        if prompt.images and not is_in_table:
            render_pictures(prompt.images, f"pictures_{run}")
        if prompt.files:
            st.caption(f":material/attach_file: {', '.join(f'{escaped(file.name)} ({to_size(file.bytes)})' for file in prompt.files)}")
        for sentence in prompt.left_out:
            st.caption(f":material/block: {to_markdown(sentence)}")


def render_answer(
    mode: Mode,
    conversation: str,
    turn: Turn,
    said: Sequence[SavedEvent],
    render_next_steps: Callable[[], None],
    describe_again: Callable[[str], None] | None = None,
    *,
    plan: PlanMade | None = None,
) -> None:
    """Draw what was said, and under it how the turn ended and what can be done then. `plan` is the conversation's last."""
    groups = drawn_groups(said)
    drawn = [event for _, parts in groups for part in parts for event in part]
    keys = {id(event): f"{turn.runs[0]}_{place}" for place, event in enumerate(drawn)}  # two events of an imported file may be equal
    for index, (_, events) in enumerate(groups):
        with _place(mode, events[0][0]):
            for part in events:
                if isinstance(part[0], ImageDescribed):
                    render_batch(turn, describe_again)
                elif isinstance(part[0], CodeResult):
                    render_code_result(conversation, part[0], keys[id(part[0])])
                else:
                    _render_part(mode, part, plan, keys[id(part[0])])
            if index == len(groups) - 1 and turn.ended is not None:
                _render_end(turn, turn.ended)
                render_next_steps()
    if not groups and turn.ended is not None:
        with speaking(mode, mode.speakers[0]):
            _render_end(turn, turn.ended)
            render_next_steps()


def render_changes(before: Turn, turn: Turn) -> None:
    """Say what the person changed between two turns."""
    changes = []
    if turn.model and before.model not in {"", turn.model}:
        changes.append(f"model: {escaped(turn.model)}")
    if turn.instructions != before.instructions:
        changes.append(f"instructions: {escaped(turn.instructions)}" if turn.instructions else "default instructions")
    if turn.tools_off != before.tools_off:
        changes.append(f"without {', '.join(title_of(name) for name in turn.tools_off)}" if turn.tools_off else "with all tools")
    if changes:
        st.caption(f":material/tune: From here on {' · '.join(changes)}")


def render_unended() -> None:
    st.warning(UNENDED, icon=":material/power_off:")


def drawn_groups(said: Sequence[SavedEvent]) -> list[tuple[str, list[list[SavedEvent]]]]:
    """What is drawn of a turn, as messages and what stands between them."""
    return to_groups(without_decisions_on_code(with_asked_code_once(said)))


def without_decisions_on_code(said: Sequence[SavedEvent]) -> list[SavedEvent]:
    """Leave out what was asked and decided about code: it shows in the card while it is open, and in what came of it."""
    asked = {event.request_id for event in said if isinstance(event, InputRequested) and event.kind == "code"}
    return [event for event in said if _request_of(event) not in asked]


def with_asked_code_once(said: Sequence[SavedEvent]) -> list[SavedEvent]:
    """Leave code out of its message while a card asks about it. The card shows what will run, however the message is written."""
    asked = [request.details for request in open_requests(said) if request.kind == "code"]
    said = list(said)
    place = max((place for place, event in enumerate(said) if isinstance(event, AgentMessage)), default=-1)
    message = said[place] if asked and place >= 0 else None
    if isinstance(message, AgentMessage):
        text = without_code(message.text, asked[0])
        said[place : place + 1] = [message.model_copy(update={"text": text})] if text.strip() else []
    return said


def _request_of(event: SavedEvent) -> str | None:
    match event:
        case InputRequested() | InputAnswered():
            return event.request_id
        case ToolBegun():
            return event.call_id
        case _:
            return None


def speaking(mode: Mode, speaker: Speaker) -> "st.delta_generator.DeltaGenerator":
    """The chat message of one speaker, to draw into; in a team under the speaker's name."""
    message = st.chat_message(speaker.title, avatar=speaker.avatar)
    if mode.is_team:
        message.markdown(f":small[:{speaker.colour}[**{speaker.title}**]]")
    return message


def _place(mode: Mode, event: SavedEvent) -> "st.delta_generator.DeltaGenerator":
    """Where an event is drawn: in its speaker's message, or between the messages when nobody said it."""
    if isinstance(event, UserMessage):
        return st.chat_message("user", avatar=USER_AVATAR)
    return speaking(mode, mode.speaker(event.source)) if is_message(event) else st.container()


def is_message(event: Event) -> bool:
    """Whether it is drawn in somebody's message."""
    return not isinstance(event, SpeakerSelected | PlanMade)


def to_groups(said: Sequence[SavedEvent]) -> list[tuple[str, list[list[SavedEvent]]]]:
    """Gather what one speaker says and does without another between, in parts: calls made at once are one, all else is its own."""
    groups: list[tuple[str, list[list[SavedEvent]]]] = []
    for event in said:
        is_between = isinstance(event, BETWEEN)
        source = event.source if is_between or event.source not in OURS or not groups else groups[-1][0]
        if is_between or not groups or groups[-1][0] != source:
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


def _render_part(mode: Mode, part: Sequence[SavedEvent], plan: PlanMade | None, key: str) -> None:
    match part[0]:
        case UserMessage() as wish:
            st.markdown(to_markdown(with_its_lines(wish.text)))
        case SpeakerSelected() as selected:
            render_selection(mode, selected, key)
        case PlanMade() as made:
            render_plan(made, key="" if made is plan else f"_{key}")
        case AgentMessage() as message:
            st.markdown(to_markdown(message.text) or "*The model sent an empty answer.*")
        case Thought() as thought:
            with st.expander("Thought", icon=":material/psychology:"):
                st.text(thought.text)
        case ToolCall():
            render_steps(part)
        case InputAnswered() as answer:
            st.caption("You let it continue." if answer.is_approved else "You stopped it there.")
        case _:
            pass


def _render_end(turn: Turn, ended: RunEnded) -> None:
    match ended.status:
        case "failed":
            st.error(to_markdown(ended.reason), icon=":material/error:")
        case "stopped":
            st.info(to_markdown(ended.reason), icon=":material/stop_circle:")
        case "interrupted":
            st.warning(to_markdown(ended.reason), icon=":material/power_off:")
        case "finished" if ended.is_complete:
            st.caption(f":material/flag: {escaped(ended.reason)}")
        case "finished" if ended.reason:
            st.info(to_markdown(ended.reason), icon=":material/content_cut:")
    st.caption(" · ".join(filter(None, [to_moment(here(ended.time), here(now())), to_footnote(turn)])))
