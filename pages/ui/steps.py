"""What agents did with tools, as steps: a call with its result and what the person said to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st
from pydantic_core import from_json

from agents.application import application
from pages.ui.markdown import escaped
from state.events import InputAnswered, InputRequested, SavedEvent, ToolBegun, ToolCall, ToolResult

STEP_EVENTS = ToolCall | ToolBegun | ToolResult | InputRequested | InputAnswered
SIDE_BY_SIDE = 3
TALL = 1_200
"""Characters from which a text gets a box to scroll in."""
BOX_PIXELS = 280
OWN_TITLES = {"ask_person": "Question to you"}


@dataclass
class Step:
    """One call."""

    call: ToolCall
    result: ToolResult | None = None
    request: InputRequested | None = None
    answer: InputAnswered | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took, without waiting for the person; None while it has no result."""
        since: datetime = self.answer.time if self.answer else self.call.time
        return None if self.result is None else max(0.0, (self.result.time - since).total_seconds())


def to_steps(events: Sequence[SavedEvent]) -> list[Step]:
    """Gather the events of calls made at once."""
    steps = [Step(event) for event in events if isinstance(event, ToolCall)]
    for event in events:
        match event:
            case ToolResult():
                _of(steps, event.call_id, "result", event)
            case InputRequested():
                _of(steps, event.request_id, "request", event)
            case InputAnswered():
                _of(steps, event.request_id, "answer", event)
            case _:
                pass
    return steps


def render_steps(events: Sequence[SavedEvent]) -> None:
    """Draw calls made at once beside one another, each a line that opens."""
    steps = to_steps(events)
    if len(steps) < 2:
        for step in steps:
            _render(step)
        return
    for column, number in zip(st.columns(min(len(steps), SIDE_BY_SIDE)) * len(steps), range(len(steps)), strict=False):
        with column:
            _render(steps[number])


def title_of(name: str) -> str:
    """A tool's title for people; its name where nobody gave it one."""
    return (application().toolbox.titles | OWN_TITLES).get(name, name)


def render_text(text: str) -> None:
    """Show a text as it is, JSON laid out; one that is long in a box of its own to scroll in."""
    laid_out = _as_json(text)
    language = None if laid_out is None else "json"
    shown = text if laid_out is None else laid_out
    st.code(shown, language=language, wrap_lines=True, height=BOX_PIXELS if len(shown) > TALL else "content")


def _render(step: Step) -> None:
    with st.expander(_label(step), icon=_icon(step)):
        if step.request is None or step.request.kind != "question":
            st.caption("Called with")
            render_text(step.call.arguments or "{}")
        else:
            st.markdown(escaped(step.request.text))
        if step.answer is not None:
            st.caption(_decision(step.answer))
        if step.result is not None:
            st.caption("Failed" if step.result.is_error else "Result")
            render_text(step.result.text)


def _label(step: Step) -> str:
    parts = [escaped(title_of(step.call.name)), _short(step.call.arguments)]
    if step.seconds is not None and step.seconds >= 0.05:
        parts.append(f"{step.seconds:.1f} s")
    return " · ".join(filter(None, parts))


def _icon(step: Step) -> str:
    if step.result is None:
        return ":material/hourglass_empty:"
    if step.answer is not None and not step.answer.is_approved:
        return ":material/block:"
    return ":material/error:" if step.result.is_error else ":material/check:"


def _decision(answer: InputAnswered) -> str:
    said = f": {escaped(answer.text)}" if answer.text else ""
    return ("You allowed it" if answer.is_approved else "You did not allow it") + said


def _short(arguments: str) -> str:
    """The values of the arguments in one line."""
    values = _parsed(arguments)
    said = [value for value in values.values() if isinstance(value, str | int | float)] if isinstance(values, dict) else []
    line = " ".join(", ".join(map(str, said)).split())
    return escaped(line if len(line) <= 60 else line[:59] + "…")


def _as_json(text: str) -> str | None:
    value = _parsed(text)
    return None if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def _parsed(text: str) -> Any:
    """What JSON a model wrote says; None where it is none. Unlike json.loads this bounds depth, and takes no half of an emoji."""
    try:
        return from_json(text)
    except ValueError:
        return None


def _of(steps: Sequence[Step], id: str, name: str, event: SavedEvent) -> None:
    """Give an event to the first call of that id that has none of its kind yet."""
    for step in steps:
        if step.call.call_id == id and getattr(step, name) is None:
            setattr(step, name, event)
            return
