"""The plan is asked for in the model's own way, twice at most."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, TextMessage, ToolCallExecutionEvent
from autogen_core.models import ChatCompletionClient, FunctionExecutionResult, ModelInfo
from icalendar import Calendar

from agents.models.demo import DemoClient
from agents.models.openai_clients import OpenAIClient
from agents.travel.calendar import to_calendar
from agents.travel.checks import check
from agents.travel.map import draw_places, draw_trip
from agents.travel.plan import Plan
from agents.travel.planner import Written, write_plan
from agents.travel.team import build_travel_team
from tests.agents.models.clients import CAPABLE
from tests.agents.travel.plans import plan, values
from tests.provider import Provider, Reply

TODAY = date(2026, 11, 22)
SAID: list[BaseAgentEvent | BaseChatMessage] = [
    TextMessage(source="user", content="Plan three days in Paris"),
    ToolCallExecutionEvent(
        source="Hotel_Agent",
        content=[
            FunctionExecutionResult(content="Hotel A", name="find_hotels", call_id="1"),
            FunctionExecutionResult(content="a trace", name="find_hotels", call_id="2", is_error=True),
        ],
    ),
    TextMessage(source="Hotel_Agent", content="Stay at Hotel A"),
]


def openai(provider: Provider, *, structured: bool = False, as_json: bool = True) -> ChatCompletionClient:
    info = ModelInfo({**CAPABLE, "structured_output": structured, "json_output": as_json})
    return OpenAIClient(model="scripted", base_url=provider.base_url, api_key="sk", model_info=info, timeout=2, max_retries=0)


def write(client: ChatCompletionClient, said: Sequence[BaseAgentEvent | BaseChatMessage] = SAID) -> Written:
    async def work() -> Written:
        try:
            return await write_plan(client, said, 10_000, today=TODAY)
        finally:
            await client.close()

    return asyncio.run(work())


def test_what_the_model_writes_is_the_plan(provider: Provider) -> None:
    provider.enqueue(Reply(json.dumps(values())))
    written = write(openai(provider))

    assert written.reading.plan == plan()
    assert len(provider.requests) == 1


def test_it_is_told_what_was_said_and_what_tools_found(provider: Provider) -> None:
    provider.enqueue(Reply(json.dumps(values())))
    write(openai(provider))
    said = provider.requests[0].said

    assert [content for _, content in said] == [
        "Plan three days in Paris",
        "find_hotels: Hotel A",
        "Stay at Hotel A",
        "Write the plan as JSON now. Today is 2026-11-22.",
    ]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # AutoGen's logging of a parsed answer
def test_the_form_is_the_strictest_the_model_has(provider: Provider) -> None:
    forms = []
    for structured, as_json in ((True, True), (False, True), (False, False)):
        provider.forget()
        provider.enqueue(Reply(json.dumps(values())))
        write(openai(provider, structured=structured, as_json=as_json))
        body = provider.requests[0].body
        forms.append((body.get("response_format", {}).get("type"), '"open_points"' in body["messages"][0]["content"]))

    assert forms == [("json_schema", False), ("json_object", True), (None, True)]


def test_a_reply_without_a_plan_is_asked_for_once_more(provider: Provider) -> None:
    provider.enqueue(Reply("We go to Paris."), Reply(f"Sorry:\n```json\n{json.dumps(values())}\n```"))
    written = write(openai(provider))

    assert written.reading.plan == plan()
    assert "holds no plan in JSON" in provider.requests[1].said[-1][1]


def test_a_server_that_does_not_know_the_form_is_asked_freely(provider: Provider) -> None:
    provider.enqueue(Reply("We go to Paris."), Reply(f"```json\n{json.dumps(values())}\n```"))
    written = write(openai(provider, structured=True))

    assert written.reading.plan == plan()
    assert "response_format" not in provider.requests[1].body
    assert '"open_points"' in provider.requests[1].said[-1][1]


def test_a_model_that_writes_no_plan_leaves_its_text_and_a_sentence(provider: Provider) -> None:
    provider.enqueue(Reply("We go to Paris."), Reply("As I said."), Reply("never asked for"))
    written = write(openai(provider))

    assert written.reading.plan is None
    assert written.reading.remark == "The reply holds no plan in JSON, so it is shown as text."
    assert written.reply == "As I said."
    assert len(provider.requests) == 2


def demo_plan(task: str) -> Plan:
    """What the demo model's team comes to, offline."""

    async def work() -> Plan:
        client = DemoClient(0)
        items = [item async for item in build_travel_team(client, 10_000).run_stream(task=task)]
        assert isinstance(items[-1], TaskResult)
        written = await write_plan(client, items[-1].messages, 10_000, today=TODAY)
        assert written.reading.plan is not None
        return written.reading.plan

    return asyncio.run(work())


def test_the_demo_model_comes_to_a_plan_that_holds() -> None:
    trip = demo_plan("Plan a 5-day trip to Paris from London on 2027-05-01")

    assert check(trip) == []
    assert [day.date for day in trip.days] == [date(2027, 5, day) for day in range(1, 6)]
    assert [flight.destination for flight in trip.flights] == ["CDG", "LHR"]
    assert draw_places(trip)
    assert draw_trip(trip)
    assert len(Calendar.from_ical(to_calendar(trip, datetime.now(UTC))).walk("VEVENT")) == 18


@pytest.mark.parametrize("task", ["A weekend in Ghent", "One day in Rome from Rome", "", "Two weeks in Japan", "A trip on 2027-02-31"])
def test_any_prompt_gives_the_demo_model_a_plan(task: str) -> None:
    trip = demo_plan(task)

    assert trip.days[0].date == date(2026, 12, 22)
    assert [finding for finding in check(trip) if "time zone" not in finding] == []
