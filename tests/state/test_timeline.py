"""Turns read as spans of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from state.events import (
    AgentMessage,
    CodeResult,
    Continued,
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
from state.timeline import to_spans

BEGIN = datetime(2027, 5, 1, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return BEGIN + timedelta(seconds=second)


def prompt(second: float = 0) -> UserMessage:
    return UserMessage(text="Go", time=at(second))


def started(second: float = 0) -> RunStarted:
    return RunStarted(model="m", time=at(second))


def message(second: float, source: str = "assistant", **more: Any) -> AgentMessage:
    return AgentMessage(source=source, text="Said.", time=at(second), **more)


def call(second: float, id: str, name: str = "weather") -> ToolCall:
    return ToolCall(source="assistant", call_id=id, name=name, arguments="{}", time=at(second))


def result(second: float, id: str, name: str = "weather", **more: Any) -> ToolResult:
    return ToolResult(source="assistant", call_id=id, name=name, text="x", time=at(second), **more)


def asked(second: float, id: str, kind: Any = "approval") -> InputRequested:
    return InputRequested(source="assistant", request_id=id, kind=kind, title="?", text="?", time=at(second))


def answered(second: float, id: str, **more: Any) -> InputAnswered:
    return InputAnswered(request_id=id, time=at(second), **more)


def ended(second: float, status: Any = "finished", seconds: float = 1) -> RunEnded:
    return RunEnded(status=status, time=at(second), seconds=seconds)


def read(*events: SavedEvent, until: float = 1000) -> list[tuple[str, str, float, float, str]]:
    spans = to_spans(events, at(until))

    def seconds(moment: datetime) -> float:
        return round((moment - BEGIN).total_seconds(), 3)

    return [(span.kind, span.who, seconds(span.begin), seconds(span.end), span.note) for span in spans if span.kind != "prompt"]


def test_an_answer_is_the_model_s_from_the_begin() -> None:
    usage = Usage(prompt_tokens=5)
    spans = to_spans([prompt(), started(0.1), message(4, usage=usage), ended(4.1)], at(1000))

    assert [(span.kind, span.who) for span in spans] == [("prompt", "user"), ("model", "assistant")]
    assert (spans[1].begin, spans[1].end, spans[1].usage) == (at(0.1), at(4), usage)


def test_tools_at_the_same_time_have_their_own_times() -> None:
    """The model that asked for both worked once, and again from the last result on. Calls of one id are told apart by their order."""
    for other in ("b", "a"):
        events: list[SavedEvent] = [
            prompt(),
            started(),
            call(1, "a"),
            call(1, other, "clock"),
            result(2, "a"),
            result(5, other, "clock", is_error=True),
        ]

        assert read(*events, message(7), ended(7)) == [
            ("model", "assistant", 0, 1, ""),
            ("tool", "weather", 1, 2, ""),
            ("tool", "clock", 1, 5, "failed"),
            ("model", "assistant", 5, 7, ""),
        ]


def test_a_thought_beside_a_call_is_no_span_more() -> None:
    thought = Thought(source="assistant", text="Hm.", time=at(1))

    assert read(prompt(), started(), thought, call(1, "a"), result(2, "a"), ended(2)) == [
        ("model", "assistant", 0, 1, ""),
        ("tool", "weather", 1, 2, ""),
    ]


def test_waiting_for_the_person_is_no_time_of_the_tool() -> None:
    events: list[SavedEvent] = [
        prompt(),
        started(),
        call(1, "a"),
        asked(1, "a"),
        answered(60, "a"),
        ToolBegun(source="x", call_id="a", time=at(61)),
    ]

    assert read(*events, result(63, "a"), ended(63)) == [
        ("model", "assistant", 0, 1, ""),
        ("waiting", "assistant", 1, 60, ""),
        ("tool", "weather", 61, 63, ""),
    ]


def test_a_question_is_waiting_and_no_tool() -> None:
    events: list[SavedEvent] = [
        prompt(),
        started(),
        call(1, "a", "ask_person"),
        asked(1, "a", "question"),
        answered(9, "a"),
        result(9, "a", "ask_person"),
    ]

    assert read(*events, message(10), ended(10)) == [
        ("model", "assistant", 0, 1, ""),
        ("waiting", "assistant", 1, 9, ""),
        ("model", "assistant", 9, 10, ""),
    ]


def test_code_took_what_it_says() -> None:
    """It ran when it was approved, and what was denied did not."""

    def code(second: float, **more: Any) -> CodeResult:
        return CodeResult(source="executor", request_id="code-1", language="python", code="x", time=at(second), **more)

    events: list[SavedEvent] = [
        prompt(),
        started(),
        message(2),
        asked(2, "code-1", "code"),
        answered(10, "code-1"),
        code(14, ended="exited", seconds=3.5),
    ]
    denied: list[SavedEvent] = [
        message(15),
        asked(15, "code-2", "code"),
        answered(16, "code-2", is_approved=False),
        code(16, ended="denied"),
    ]
    assert read(*events, *denied, ended(16)) == [
        ("model", "assistant", 0, 2, ""),
        ("waiting", "assistant", 2, 10, ""),
        ("code", "executor", 10.5, 14, ""),
        ("model", "assistant", 14, 15, ""),
        ("waiting", "assistant", 15, 16, "denied"),
        ("code", "executor", 16, 16, "denied"),
    ]


def test_a_team_s_turn_has_its_choices() -> None:
    """A wish of the person's takes no time of anybody's."""
    chosen = SpeakerSelected(
        speaker="Hotel", candidates=("Hotel",), answers=(), attempts=1, is_fallback=False, why="", usage=Usage(), time=at(2)
    )
    plan = PlanMade(plan=None, remark="There is none.", time=at(9))

    assert read(prompt(), started(), chosen, prompt(3), message(6, "Hotel"), plan, ended(9)) == [
        ("choosing", "Hotel", 0, 2, ""),
        ("model", "Hotel", 2, 6, ""),
        ("plan", "roundtable", 6, 9, "There is none."),
    ]


def test_what_was_stopped_ends_then() -> None:
    """A tool, a question, or a model that had said nothing yet."""
    assert read(prompt(), started(), call(1, "a"), ended(4, "stopped"))[1:] == [("tool", "weather", 1, 4, "stopped")]
    assert read(prompt(), started(), asked(1, "a", "budget"), ended(4, "stopped")) == [("waiting", "assistant", 1, 4, "stopped")]
    assert read(prompt(), started(), ended(4, "failed")) == [("model", "", 0, 4, "failed")]
    assert read(prompt(), started(), message(3, is_partial=True), ended(3, "stopped")) == [("model", "assistant", 0, 3, "broken off")]


def test_a_killed_server_is_nobody_s_work() -> None:
    """What it left of a message was written down by the next one, hours later. One that was shut down saw the end itself."""
    assert read(prompt(), started(), message(9000.001, is_partial=True), ended(9000, "interrupted", seconds=0)) == [
        ("lost", "assistant", 0, 9000, "interrupted")
    ]
    assert read(prompt(), started(), call(1, "a"), ended(9000, "interrupted", seconds=0))[1:] == [
        ("lost", "assistant", 1, 9000, "interrupted")
    ]
    assert read(prompt(), started(), message(9, is_partial=True), ended(9, "interrupted")) == [("model", "assistant", 0, 9, "broken off")]


def test_a_continuation_is_worked_from_its_own_begin() -> None:
    continued: list[SavedEvent] = [Continued(text="Go on", time=at(500)), started(500), message(504), ended(504)]

    assert read(prompt(), started(), message(3, is_partial=True), ended(3, "stopped"), *continued) == [
        ("model", "assistant", 0, 3, "broken off"),
        ("model", "assistant", 500, 504, ""),
    ]


def test_what_goes_on_has_no_end() -> None:
    spans = to_spans([prompt(), started(), call(1, "a"), call(1, "b"), asked(1, "a")], at(8))

    assert [(span.kind, span.end == at(8)) for span in spans if span.is_open] == [("tool", True), ("tool", True), ("waiting", True)]
    (writing,) = [span for span in to_spans([prompt(), started()], at(8)) if span.is_open]
    assert (writing.kind, writing.seconds) == ("model", 8)
