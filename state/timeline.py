"""A turn's events read as spans of time: who was at work when, and what was waited for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from state.events import (
    AgentMessage,
    CodeResult,
    Continued,
    ImageDescribed,
    InputAnswered,
    InputRequested,
    PlanMade,
    RunEnded,
    RunStarted,
    SavedEvent,
    SpeakerSelected,
    Thought,
    ToolBegun,
    ToolCall,
    ToolResult,
    Usage,
    UserMessage,
)

Kind = Literal["prompt", "model", "choosing", "tool", "code", "plan", "waiting", "lost"]
"""`lost` is the time in which no server was there; `waiting` that in which a question waited for the person."""
INSTANT = timedelta(milliseconds=5)
"""A model's calls that come at once are one span of it: those after the first would last no longer."""


BROKEN_OFF = "broken off"


@dataclass(frozen=True)
class Span:
    kind: Kind
    who: str
    """The source of what was said, or the name of a tool; empty where nobody had spoken yet."""
    begin: datetime
    end: datetime
    usage: Usage | None = None
    """As far as it is known of this one."""
    note: str = ""
    """What became of it, in a few words, unless it simply ended."""
    is_open: bool = False
    """It goes on."""

    @property
    def seconds(self) -> float:
        return max(0.0, (self.end - self.begin).total_seconds())


def to_spans(events: Iterable[SavedEvent], until: datetime) -> list[Span]:
    """Read the events of a turn, of all its runs, in order; the spans are in order of their begin. What has no end goes on at `until`."""
    reading = _Reading()
    for event in events:
        reading.take(event)
    reading.close(until)
    return sorted(reading.spans, key=lambda span: span.begin)


@dataclass
class _Reading:
    """A model is at work from whatever happened before its message until the message: the log has the ends of things."""

    spans: list[Span] = field(default_factory=list)
    since: datetime | None = None
    """When the last thing happened in the run that is read; None between runs."""
    speaker: str = ""
    calls: list[tuple[ToolCall, datetime]] = field(default_factory=list)
    """Without a result, and since when they are made."""
    asked: list[InputRequested] = field(default_factory=list)
    """Without an answer."""
    questions: set[str] = field(default_factory=set)
    """Calls that are a question to the person, whose time is the waiting."""

    def take(self, event: SavedEvent) -> None:
        match event:
            case UserMessage():
                self._add("prompt", event.source, event.time, event.time)
            case Continued() | RunStarted():
                self.since = event.time
            case RunEnded():
                self._end(event)
            case ToolCall() | ToolBegun() | ToolResult():
                self._take_call(event)
            case InputRequested() | InputAnswered():
                self._take_question(event)
            case _:
                self._take_work(event)

    def close(self, until: datetime) -> None:
        """Of a turn that goes on: whatever is open, or else whoever has the word."""
        if self.since is not None:
            self._close(until, is_open=True)

    def _take_work(self, event: SavedEvent) -> None:
        match event:
            case AgentMessage(is_partial=True):
                self._worked("model", event, event.source, note=BROKEN_OFF)
            case AgentMessage():
                self._worked("model", event, event.source, usage=event.usage)
            case SpeakerSelected():
                self._worked("choosing", event, event.speaker, usage=event.usage)
                self.speaker = event.speaker
            case PlanMade():
                self._worked("plan", event, event.source, note=event.remark)
            case CodeResult() if event.has_run:
                self._add("code", event.source, event.time - timedelta(seconds=event.seconds), event.time, note=_ended(event))
            case CodeResult():
                self._add("code", event.source, event.time, event.time, note=_ended(event))
            case Thought() | ImageDescribed():
                self._worked("model", event, event.source)
            case _:
                pass
        self._passed(event)

    def _take_call(self, event: ToolCall | ToolBegun | ToolResult) -> None:
        match event:
            case ToolCall():
                self._worked("model", event, event.source)
                self.calls.append((event, event.time))
            case ToolBegun():
                self._restart(event.call_id, event.time)
            case ToolResult():
                place = self._place(event.call_id)
                call, begin = self.calls.pop(place) if place is not None else (event, event.time)
                if event.call_id not in self.questions:
                    self._add("tool", call.name, begin, event.time, note="failed" if event.is_error else "")
        self._passed(event)

    def _take_question(self, event: InputRequested | InputAnswered) -> None:
        if isinstance(event, InputRequested):
            self.asked.append(event)
            if event.kind == "question":
                self.questions.add(event.request_id)
        elif request := next((request for request in self.asked if request.request_id == event.request_id), None):
            self.asked.remove(request)
            self._add("waiting", request.source, request.time, event.time, note="" if event.is_approved else "denied")
            self._restart(event.request_id, event.time)
        self._passed(event)

    def _end(self, event: RunEnded) -> None:
        if event.status == "interrupted" and not event.seconds:  # nobody saw it end: the log's last words were written by the next server
            begin = self.spans.pop().begin if self.spans and self.spans[-1].note == BROKEN_OFF else self.since
            self._add("lost", self.speaker, begin or event.time, event.time, note=event.status)
            self._forget()
        elif event.status == "finished":
            self._forget()
        else:
            self._close(event.time, note=event.status)

    def _close(self, until: datetime, *, note: str = "", is_open: bool = False) -> None:
        for call, begin in self.calls:
            if call.call_id not in self.questions:
                self._add("tool", call.name, begin, until, note=note, is_open=is_open)
        for request in self.asked:
            self._add("waiting", request.source, request.time, until, note=note, is_open=is_open)
        if not self.calls and not self.asked and self.since is not None and until - self.since > INSTANT:
            self._add("model", self.speaker, self.since, until, note=note, is_open=is_open)
        self._forget()

    def _forget(self) -> None:
        self.since, self.calls, self.asked = None, [], []

    def _worked(self, kind: Kind, event: SavedEvent, who: str, *, usage: Usage | None = None, note: str = "") -> None:
        begin = self.since or event.time
        if kind == "model":
            self.speaker = event.source
            if isinstance(event, ToolCall | Thought) and event.time - begin < INSTANT:
                return
        self._add(kind, who, begin, event.time, usage=usage, note=note)

    def _add(
        self, kind: Kind, who: str, begin: datetime, end: datetime, *, usage: Usage | None = None, note: str = "", is_open: bool = False
    ) -> None:
        self.spans.append(Span(kind, who, min(begin, end), end, usage, note, is_open))

    def _passed(self, event: SavedEvent) -> None:
        self.since = event.time

    def _place(self, call: str) -> int | None:
        """Of the first call of that id: some servers number all alike."""
        return next((place for place, (open, _) in enumerate(self.calls) if open.call_id == call), None)

    def _restart(self, call: str, moment: datetime) -> None:
        """A call that had to be approved is made from then on."""
        if (place := self._place(call)) is not None:
            self.calls[place] = self.calls[place][0], moment


def _ended(result: CodeResult) -> str:
    if result.is_good:
        return ""
    return f"exit code {result.exit_code}" if result.ended == "exited" else result.ended
