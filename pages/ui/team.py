"""A team at work: who is in it, who speaks, who has spoken, and why."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from agents.feed import Now
from agents.mode import Mode, Speaker
from pages.ui.markdown import escaped
from pages.ui.opening import render_box
from pages.ui.taken import to_count, to_taken
from state.events import AgentMessage, SavedEvent, SpeakerSelected, Usage, UserMessage, now
from state.turns import Turn

NOBODY = Speaker("", "Choosing who is next", ":material/groups:")
"""Stands for the team while nobody in it speaks."""


def present_speaker(mode: Mode, turn: Turn | None, now: Now) -> Speaker:
    """Whose message is being written or waited for."""
    if now.draft is not None:
        return mode.speaker(now.draft.source)
    if not mode.is_team:
        return mode.speakers[0]
    last = turn.said[-1] if turn and turn.said else None
    if isinstance(last, SpeakerSelected):
        return mode.speaker(last.speaker)
    is_inside = last is not None and not isinstance(last, AgentMessage) and last.source in {speaker.name for speaker in mode.speakers}
    return mode.speaker(last.source) if last and is_inside else NOBODY


def render_team(mode: Mode, turn: Turn, now: Now) -> None:
    """The strip of a team: its members, and what the turn has taken of its limit."""
    speaking = present_speaker(mode, turn, now) if now.status is not None else None
    said = _since_prompt(turn.said)
    spoken = [event.source for event in said if isinstance(event, AgentMessage)]
    with st.container(border=True, key="team_strip", gap="xxsmall"):
        with st.container(horizontal=True, gap="small", key="team_members"):
            for speaker in mode.speakers:
                _render_member(speaker, spoken.count(speaker.name), _doing(now) if speaker == speaking else "")
        st.caption(" · ".join(filter(None, [_messages(mode, len(spoken)), *_taken(turn)])))


def render_selection(mode: Mode, event: SpeakerSelected, key: str) -> None:
    """Why this one spoke, on request."""
    render_box("Why now?", f"why_{key}", partial(_render_why, mode, event), icon=":material/help:", is_quiet=True)


def _render_why(mode: Mode, event: SpeakerSelected) -> None:
    st.markdown(f"**{escaped(event.why)}**")
    st.caption(f"Who could speak: {', '.join(escaped(mode.speaker(name).title) for name in event.candidates)}")
    for number, answer in enumerate(event.answers, start=1):
        st.caption(f"The selector's answer{f', attempt {number}' if event.attempts > 1 else ''}")
        st.text(answer or "(nothing)")
    tried = to_count(event.attempts, "attempt")
    decided = "the turn order decided" if event.is_fallback else "the selector decided"
    st.caption(" · ".join(filter(None, [tried, decided, to_taken(event.usage, None)])))


def _doing(now: Now) -> str:
    return "waits for you" if now.status == "waiting" else "speaking…"


def _render_member(speaker: Speaker, count: int, doing: str) -> None:
    state = doing or ("spoke" if count == 1 else f"spoke {count} times" if count else "not yet")
    key = f"member_{'speaking' if doing else 'spoken' if count else 'silent'}_{speaker.name}"
    with st.container(key=key, width="content", gap="xxsmall"):
        st.markdown(f":{speaker.colour}[{speaker.avatar}] **{speaker.title}**  \n:small[:gray[{speaker.role} · {state}]]")


def _messages(mode: Mode, spoken: int) -> str:
    used = spoken + 1
    return f"{used} of {mode.most_messages} messages" if mode.most_messages else to_count(used, "message")


def _taken(turn: Turn) -> list[str]:
    """Tokens and seconds: of a turn that has ended as they were counted, of one at work as far as they are known."""
    if turn.ended is not None:
        return [to_taken(turn.usage, turn.cost), f"{turn.seconds:.0f} s"]
    usage = turn.usage
    for event in turn.said:
        usage = usage.plus(getattr(event, "usage", None) or Usage())
    begun = turn.prompt.time if turn.prompt else None
    return [to_taken(usage, None), f"{(now() - begun).total_seconds():.0f} s" if begun else ""]


def _since_prompt(said: Sequence[SavedEvent]) -> Sequence[SavedEvent]:
    place = max((place for place, event in enumerate(said) if isinstance(event, UserMessage)), default=-1)
    return said[place + 1 :]
