"""The demo model plays the travel team."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import SelectorGroupChat
from autogen_core.models import UserMessage
from autogen_core.tools import FunctionTool

from agents.models.demo import DemoClient
from agents.models.demo.places import PLACES
from tests.agents.models.demo.conversation import history, said

ROLES = {
    "Travel_Advisor": (
        "You are a travel advisor. Provide suggestions for destinations, itineraries, and overall travel planning. Respond succinctly."
    ),
    "Hotel_Agent": (
        "You are a hotel booking expert. Provide detailed information on hotels, prices, and availability at the travel destination."
    ),
    "Flight_Agent": (
        "You are a flight booking specialist. Provide flight options, schedules, and pricing information for travel between cities."
    ),
    "Evaluator": (
        "You are an evaluator. Your task is to monitor the conversation and determine if the travel plan is complete—including flight "
        "arrangements, hotel bookings, and reservations with proper timing coordination. When you determine that the plan is complete, "
        "provide a final summary of the travel plan and end your response with 'DONE' or 'TERMINATE'."
    ),
}
OTHERS = ("Travel_Advisor", "Flight_Agent", "Hotel_Agent")


def find_hotel(place: str) -> str:
    """Hotels at a place."""
    return f"Hotel Central, {place}"


def build_agent(name: str) -> AssistantAgent:
    tools: list[Any] = [FunctionTool(find_hotel, description="Hotels at a place.")] if name == "Hotel_Agent" else []
    return AssistantAgent(name, DemoClient(0), system_message=ROLES[name], tools=tools, reflect_on_tool_use=True, description=f"Is {name}.")


def build_team(*, streaming: bool = False) -> SelectorGroupChat:
    ends = TextMentionTermination("DONE", sources=["Evaluator"]) | MaxMessageTermination(20)
    agents: list[Any] = [build_agent(name) for name in ROLES]
    return SelectorGroupChat(agents, DemoClient(0), termination_condition=ends, model_client_streaming=streaming)


def run(task: str, *more: str, streaming: bool = False) -> list[TaskResult]:
    async def play() -> list[TaskResult]:
        team = build_team(streaming=streaming)
        return [await team.run(task=each) for each in (task, *more)]

    return asyncio.run(play())


def speakers(result: TaskResult) -> list[str]:
    sources = [message.source for message in result.messages]
    return [name for name, before in zip(sources, ["", *sources], strict=False) if name != before]


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("task", ["Plan a 5-day trip to Paris", "Plan a two-day trip to Spain", "A weekend in Ghent", "", "Hm"])
def test_the_team_runs_to_done(task: str, streaming: bool) -> None:
    (result,) = run(task, streaming=streaming)

    assert result.messages[-1].source == "Evaluator"
    assert result.messages[-1].to_text().splitlines()[-1] == "DONE"
    assert len(result.messages) <= 12
    assert set(OTHERS) <= set(speakers(result))
    assert all(name != other for name, other in pairwise(speakers(result)))


def test_a_second_task_is_played_anew() -> None:
    _, second = run("Plan a 5-day trip to Paris", "Now for Rome instead, one week")

    assert speakers(second) == ["user", *OTHERS, "Evaluator"]
    assert "The plan for Rome" in second.messages[-1].to_text()
    assert "7 days" in second.messages[-1].to_text()


def test_a_role_calls_its_tool_once_and_then_speaks() -> None:
    (result,) = run("Plan a 5-day trip to Paris")
    hotels = [message.to_text() for message in result.messages if message.source == "Hotel_Agent"]

    assert sum("Hotel Central, Paris" in text for text in hotels) == 2
    assert "Where to stay in Paris" in hotels[-1]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_place_has_a_plan_for_every_role(place: object) -> None:
    name = str(getattr(place, "name", ""))
    texts = [said(history(f"Ten days in {name} from Oslo", system=ROLES[role])) for role in OTHERS]

    assert all(name in text and "demo model" in text for text in texts)
    assert texts[0].count("### Day ") == 10
    assert "Oslo" in texts[1]


def test_an_unknown_place_gets_a_general_plan_and_is_told_so() -> None:
    assert "Ghent is not in my table" in said(history("Two days in Ghent", system=ROLES["Travel_Advisor"]))
    assert "For Spain I take Madrid" in said(history("A trip to Spain", system=ROLES["Travel_Advisor"]))


def evaluate(sources: Sequence[str]) -> str:
    others = [UserMessage(content="Here you are.", source=source) for source in sources]
    return said([*history("Plan a trip to Paris", system=ROLES["Evaluator"]), *others])


def test_the_evaluator_says_what_is_missing() -> None:
    for absent, part in zip(OTHERS, ("itinerary", "flights", "stay"), strict=True):
        text = evaluate([name for name in OTHERS if name != absent])

        assert part in text
        assert "DONE" not in text
    assert evaluate(OTHERS).endswith("\n\nDONE")


def test_no_other_role_ends_the_conversation() -> None:
    for role in OTHERS:
        text = said(history("Plan a trip to Paris", system=ROLES[role]))

        assert "DONE" not in text
        assert "TERMINATE" not in text
