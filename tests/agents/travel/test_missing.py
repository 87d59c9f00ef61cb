"""What a plan says of tools that had no answer."""

from autogen_agentchat.messages import TextMessage, ToolCallExecutionEvent
from autogen_core.models import FunctionExecutionResult

from agents.tools.tool import STOPPED
from agents.travel.missing import missing_facts


def result(name: str, text: str, *, is_error: bool) -> ToolCallExecutionEvent:
    content = [FunctionExecutionResult(call_id="1", name=name, content=text, is_error=is_error)]
    return ToolCallExecutionEvent(source="Hotel_Agent", content=content)


def test_a_tool_that_never_worked_is_named_once_with_its_first_sentence() -> None:
    down = result("find_hotels", "Open-Meteo.com cannot be reached now. Go on without it, and say so.", is_error=True)

    assert missing_facts([TextMessage(source="user", content="Hi."), down, down], {"find_hotels": "Lodgings"}) == [
        "No answer from “Lodgings”: Open-Meteo.com cannot be reached now."
    ]


def test_what_worked_later_or_was_stopped_is_not_missing() -> None:
    failed, worked = result("get_weather", "No.", is_error=True), result("get_weather", "Sunny.", is_error=False)

    assert missing_facts([failed, worked], {}) == []
    assert missing_facts([result("get_weather", STOPPED, is_error=True)], {}) == []
    assert missing_facts([result("get_weather", "x" * 1000, is_error=True)], {})[0].count("x") == 200
