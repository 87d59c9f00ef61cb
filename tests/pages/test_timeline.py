"""The timeline of a turn on its page."""

import json
from datetime import UTC, datetime, timedelta

from agents.application import application
from agents.assistant import ASSISTANT
from agents.travel.mode import TRAVEL
from pages.ui.address import ADDRESS
from pages.ui.timeline import to_axis, to_duration, to_lanes
from state.events import AgentMessage, RunEnded, SavedEvent, ToolCall, ToolResult, Usage, UserMessage
from state.timeline import Kind, Span
from state.users import LOCAL_USER
from tests.pages.test_pages import Opening, address, keys, open_page

__all__ = ["open_page"]  # a fixture

BEGIN = datetime(2027, 5, 1, 12, tzinfo=UTC)


def span(kind: Kind, begin: float, end: float, who: str = "assistant") -> Span:
    return Span(kind, who, BEGIN + timedelta(seconds=begin), BEGIN + timedelta(seconds=end))


def test_long_rests_are_drawn_short_and_work_as_it_was() -> None:
    """A night until an answer takes a quarter of the time at work, on whatever side of it the rest lies."""
    spans = [
        span("prompt", 0, 0),
        span("model", 0, 10),
        span("waiting", 10, 36_010),
        span("tool", 36_010, 36_020),
        span("tool", 36_015, 36_040),
    ]
    drawn, is_shortened = to_axis(spans)

    assert is_shortened
    assert [(drawn(each.begin), drawn(each.end)) for each in spans] == [(0, 0), (0, 10), (10, 20), (20, 30), (25, 50)]


def test_a_turn_without_rests_is_drawn_as_it_was() -> None:
    spans = [span("prompt", 0, 0), span("model", 0, 10), span("waiting", 10, 12), span("tool", 12, 20)]
    drawn, is_shortened = to_axis(spans)

    assert not is_shortened
    assert drawn(spans[-1].end) == 20


def test_a_turn_of_a_prompt_alone_can_be_drawn() -> None:
    drawn, is_shortened = to_axis([span("prompt", 0, 0)])

    assert (drawn(BEGIN), is_shortened) == (0, False)


def test_what_happens_at_once_is_on_lines_of_its_own() -> None:
    spans = [
        span("tool", 0, 3, "calculate"),
        span("tool", 0, 2, "calculate"),
        span("tool", 1, 4, "calculate"),
        span("tool", 4, 5, "calculate"),
    ]

    assert to_lanes(ASSISTANT, spans) == ["Calculator", "Calculator (2)", "Calculator (3)", "Calculator"]


def test_lines_are_named_as_people_know_them() -> None:
    name = TRAVEL.speakers[1].name
    spans = [span("prompt", 0, 0, "user"), span("choosing", 0, 1, name), span("model", 1, 2, name), span("tool", 2, 3, "weather_of_mars")]

    assert to_lanes(TRAVEL, spans) == ["You", "Choosing who is next", TRAVEL.speakers[1].title, "weather_of_mars"]
    assert to_lanes(ASSISTANT, [span("model", 0, 1, "")]) == [ASSISTANT.speakers[0].title]


def test_durations_are_said_in_two_units() -> None:
    assert [to_duration(each) for each in (0.04, 59.9, 61, 3599, 7260, 100_000)] == [
        "0.0 s",
        "59.9 s",
        "1 min 1 s",
        "59 min 59 s",
        "2 h 1 min",
        "1 d 3 h",
    ]


def converse(prompt: str, conversation: str | None = None) -> str:
    """The call comes in the moment of the prompt, however slow the machine is, so that no time of the model's is before it."""
    store = application().store(LOCAL_USER)
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text=prompt), "m")
    at = store.transcript(run.conversation, 10).entries[-1].event.time
    said: list[SavedEvent] = [
        ToolCall(source="assistant", call_id="1", name="tool_*x*", arguments="{}", time=at),
        ToolResult(source="assistant", call_id="1", name="tool_*x*", text="x", is_error=True),
        AgentMessage(source="assistant", text="Said.", usage=Usage(prompt_tokens=1000, completion_tokens=234)),
    ]
    store.end_run(run, said, RunEnded(status="finished", usage=Usage(prompt_tokens=1000, completion_tokens=234)))
    return run.conversation


def test_it_is_drawn_when_it_is_opened_and_not_before(open_page: Opening) -> None:
    """Of the last turn first; another can be picked. It stays over reruns, and names of tools are no markup."""
    conversation = converse("First")
    converse("Second", conversation)
    tab = open_page("assistant.py", conversation)
    assert not tab.get("vega_lite_chart")
    tab.button(key="timeline").click().run()
    tab.run()

    assert not tab.exception
    assert tab.selectbox(key=f"timeline_turn_{conversation}").options[0].endswith("Second")
    spec = json.loads(tab.get("vega_lite_chart")[0].proto.spec)
    assert spec["encoding"]["y"]["sort"] == ["You", "tool_*x*", "Assistant"]
    (table,) = [table.value for table in tab.table if "Took" in table.value]
    assert [(row["What"], row["Tokens"]) for row in table.to_dict("records")] == [("Prompt", ""), ("Tool · failed", ""), ("Model", "1,234")]
    assert table["Who"][1] == "tool\\_\\*x\\*"
    assert any("1 tool call · 1,234 tokens" in caption.value for caption in tab.caption)
    tab.selectbox(key=f"timeline_turn_{conversation}").select_index(1).run()
    assert tab.selectbox(key=f"timeline_turn_{conversation}").value == 0


def test_whoever_comes_back_finds_it_closed(open_page: Opening) -> None:
    """They left with the browser's Back, which closes no dialog."""
    open_page("home.py")
    tab = open_page(conversation=converse("First"))
    tab.button("timeline").click().run()
    assert tab.get("vega_lite_chart")
    conversation = address(tab)
    tab.query_params.clear()
    tab.run()
    tab.query_params[ADDRESS] = conversation
    tab.run()

    assert "timeline" in keys(tab)
    assert not tab.get("vega_lite_chart")
