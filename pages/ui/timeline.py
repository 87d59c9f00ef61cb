"""A turn as a timeline: who was at work when, drawn and as a table. Nothing of it is read until it is opened."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import altair as alt
import streamlit as st

from agents.application import application
from agents.mode import Mode
from agents.modes import mode_to_read
from pages.ui.address import ADDRESS
from pages.ui.identity import current_user
from pages.ui.markdown import escaped
from pages.ui.moments import here
from pages.ui.palette import BLUE, CYAN, GREEN, GREY, ORANGE, PURPLE, RED, YELLOW
from pages.ui.session import tab
from pages.ui.steps import title_of
from pages.ui.taken import to_count, to_taken
from state.conversations import Conversation
from state.conversations import title_of as in_one_line
from state.events import LogEntry, Usage, now
from state.timeline import Kind, Span, to_spans
from state.turns import Turn, to_turns

ROW_PIXELS = 24
REST_PIXELS = 170
"""For the axis and the legend."""
IDLE_SHARE = 0.25
"""Of the time at work: what is longer in which nobody worked, such as a night before an answer, is drawn as short as this."""
NAMES: dict[Kind, str] = {
    "prompt": "Prompt",
    "model": "Model",
    "choosing": "Choosing who is next",
    "tool": "Tool",
    "code": "Code",
    "plan": "Plan",
    "waiting": "Waiting for you",
    "lost": "No server",
}
COLOURS: dict[Kind, str] = {
    "prompt": RED,
    "model": BLUE,
    "choosing": PURPLE,
    "tool": GREEN,
    "code": ORANGE,
    "plan": CYAN,
    "waiting": YELLOW,
    "lost": GREY,
}
RESTING: set[Kind] = {"prompt", "waiting", "lost"}
SHORTENED = "Where nobody worked for long the drawing is shortened; the table has the true times."
EARLIER = "These are the turns that the page shows; *Show earlier* brings more of them."
NO_TURN = "Nothing has been said in this conversation yet."


def render_timeline(conversation: Conversation) -> None:
    """The button that opens it, and the dialog while it is open, over the reruns that a live answer brings."""
    st.button(
        "Timeline", key="timeline", icon=":material/timeline:", type="tertiary", on_click=tab().show_timeline, args=(conversation.id,)
    )
    if tab().timeline_of == conversation.id:
        _render_dialog(conversation.id)


def close_timeline_elsewhere() -> None:
    """Whoever has left its conversation, as by the browser's Back, does not find it open again."""
    if tab().timeline_of != st.query_params.get(ADDRESS):
        tab().show_timeline("")


@st.dialog("Timeline", width="large", icon=":material/timeline:", on_dismiss=lambda: tab().show_timeline(""))
def _render_dialog(id: str) -> None:
    store = application().store(current_user())
    transcript = store.transcript(id, tab().events_shown(id))
    turns = to_turns(transcript.entries)
    if not turns:
        st.info(NO_TURN)
        return
    places = list(range(len(turns)))[::-1]
    names = [_name(turn, transcript.entries) for turn in turns]
    place = st.selectbox("Turn", places, format_func=names.__getitem__, key=f"timeline_turn_{id}")
    if transcript.has_earlier:
        st.caption(EARLIER)
    turn, mode = turns[place], mode_to_read(store.conversation(id).mode, [entry.event for entry in transcript.entries])
    _render_turn(mode, turn, to_spans([entry.event for entry in transcript.entries if entry.run in turn.runs], now()))


def _render_turn(mode: Mode, turn: Turn, spans: Sequence[Span]) -> None:
    axis, is_shortened = to_axis(spans)
    st.caption(_summary(turn, spans))
    st.altair_chart(_chart(mode, spans, axis), key="timeline_chart")
    if is_shortened:
        st.caption(SHORTENED)
    st.table(_rows(mode, spans), border="horizontal")


def _name(turn: Turn, entries: Sequence[LogEntry]) -> str:
    begun = next(entry.event.time for entry in entries if entry.run == turn.runs[0])
    return f"{here(begun):%H:%M} · {in_one_line(turn.prompt.text) if turn.prompt else ''}"


def _summary(turn: Turn, spans: Sequence[Span]) -> str:
    begin, end = spans[0].begin, max(span.end for span in spans)
    waited = sum(span.seconds for span in spans if span.kind == "waiting")
    calls = sum(span.kind == "tool" for span in spans)
    return " · ".join(
        filter(
            None,
            [
                f"Begun {here(begin):%Y-%m-%d %H:%M:%S}",
                f"{to_duration((end - begin).total_seconds())} in all",
                f"{to_duration(waited)} of it waiting for you" if waited else "",
                to_count(calls, "tool call") if calls else "",
                to_taken(turn.usage, turn.cost),
            ],
        )
    )


def to_axis(spans: Sequence[Span]) -> tuple[Callable[[datetime], float], bool]:
    """Where a moment is drawn, in seconds from the begin, and whether that is shortened anywhere: in gaps in which nobody worked."""
    stretches = _merged([(span.begin, span.end) for span in spans if span.kind not in RESTING])
    most = max(1.0, IDLE_SHARE * sum((end - begin).total_seconds() for begin, end in stretches))
    first, last = min(span.begin for span in spans), max(span.end for span in spans)
    edges = [first, *(moment for stretch in stretches for moment in stretch), last]
    gaps = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if (end - begin).total_seconds() > most]

    def drawn(moment: datetime) -> float:
        passed = (moment - first).total_seconds()
        for begin, end in gaps:
            length = (end - begin).total_seconds()
            share = min(1.0, max(0.0, (moment - begin).total_seconds() / length))
            passed -= share * (length - most)
        return round(passed, 3)

    return drawn, bool(gaps)


def _merged(stretches: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(stretches):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def to_lanes(mode: Mode, spans: Sequence[Span]) -> list[str]:
    """The line each span is drawn on: its own kind's and name's, and one more for what happens at the same time."""
    ends: dict[str, datetime] = {}
    lanes = []
    for span in spans:
        name, number = _who(mode, span), 1
        lane = name
        while lane in ends and span.begin < ends[lane]:
            number += 1
            lane = f"{name} ({number})"
        ends[lane] = span.end
        lanes.append(lane)
    return lanes


def _who(mode: Mode, span: Span) -> str:
    match span.kind:
        case "prompt" | "waiting":
            return "You"
        case "tool":
            return title_of(span.who)
        case "model":
            return mode.speaker(span.who or mode.speakers[0].name).title
        case _:
            return NAMES[span.kind]


def _chart(mode: Mode, spans: Sequence[Span], axis: Callable[[datetime], float]) -> alt.Chart:
    lanes = to_lanes(mode, spans)
    order = list(dict.fromkeys(lanes))
    kinds = [kind for kind in NAMES if any(span.kind == kind for span in spans)]
    rows = [
        {"Who": lane, "begin": axis(span.begin), "end": axis(span.end), "What": NAMES[span.kind], "Took": to_duration(span.seconds)}
        for lane, span in zip(lanes, spans, strict=True)
    ]
    colours = alt.Scale(domain=[NAMES[kind] for kind in kinds], range=[COLOURS[kind] for kind in kinds])
    description = f"Who was at work when, on {len(order)} lines: {', '.join(order)}. The table below says the same."
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows), height=ROW_PIXELS * len(order) + REST_PIXELS, description=description)
        .mark_bar(height=alt.RelativeBandSize(band=0.6), strokeWidth=2)
        .encode(
            x=alt.X("begin:Q", title="Seconds", axis=alt.Axis(tickCount=8)),
            x2="end:Q",
            y=alt.Y("Who:N", title=None, sort=order, axis=alt.Axis(labelLimit=160, labelOverlap=False)),
            color=alt.Color("What:N", title=None, scale=colours, legend=alt.Legend(orient="bottom", columns=4)),
            stroke=alt.Stroke("What:N", scale=colours, legend=None),  # what took no time is to be seen too
            tooltip=["Who:N", "What:N", "Took:N"],
        )
    )
    return chart


def _rows(mode: Mode, spans: Sequence[Span]) -> list[dict[str, str]]:
    begin = spans[0].begin
    return [
        {
            "After": to_duration((span.begin - begin).total_seconds()),
            "Took": f"{to_duration(span.seconds)}{' so far' if span.is_open else ''}",
            "Who": escaped(_who(mode, span)),
            "What": escaped(" · ".join(filter(None, [_what(mode, span), span.note]))),
            "Tokens": _tokens(span.usage),
        }
        for span in spans
    ]


def _what(mode: Mode, span: Span) -> str:
    return f"{mode.speaker(span.who).title} is next" if span.kind == "choosing" else NAMES[span.kind]


def _tokens(usage: Usage | None) -> str:
    return f"{usage.prompt_tokens + usage.completion_tokens:,}" if usage else ""


def to_duration(seconds: float) -> str:
    """In the two units that say most."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = timedelta(seconds=round(seconds))
    units = (("d", whole.days), ("h", whole.seconds // 3600), ("min", whole.seconds // 60 % 60), ("s", whole.seconds % 60))
    first, second = next(pair for pair in pairwise(units) if pair[0][1])
    return f"{first[1]} {first[0]} {second[1]} {second[0]}"
