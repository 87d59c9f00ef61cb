"""What the team's tools say, and that they name their sources."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from autogen_core.tools import FunctionTool

from agents.travel.distance import Point
from agents.travel.facts import build_facts
from tests.agents.travel.test_climate import answer
from tests.agents.travel.test_lodgings import element

PLACES = {"Paris": (48.8566, 2.3522), "Ghent": (51.05, 3.72)}


async def fetch(url: str, _data: Mapping[str, str]) -> Mapping[str, Any]:
    return {"elements": [element()]} if "overpass" in url else answer(20, [0.0, 2.0])


async def locate(place: str) -> Point | None:
    return PLACES.get(place)


def ask(agent: str, name: str, **arguments: Any) -> str:
    function = next(function for function in build_facts(fetch, locate)[agent] if function.__name__ == name)
    return asyncio.run(function(**arguments))  # type: ignore[arg-type]  # a coroutine is what these return


def test_the_advisor_knows_the_climate() -> None:
    said = ask("Travel_Advisor", "usual_weather", place="Paris", when="2027-05-01")

    assert "In May of" in said
    assert "20 °C by day" in said
    assert "Source: Open-Meteo.com" in said
    assert said == ask("Travel_Advisor", "usual_weather", place="48.86, 2.35", when="early May")
    assert ask("Travel_Advisor", "usual_weather", place="Paris", when="soon") == "“soon” is no month."
    assert ask("Travel_Advisor", "usual_weather", place="Atlantis", when="May") == "“Atlantis” is not known."


def test_the_hotel_agent_knows_lodgings_but_no_prices() -> None:
    said = ask("Hotel_Agent", "find_hotels", place="Paris")

    assert "- Hotel A (hotel, 4S stars), 0.41 km, at 48.86000, 2.35000, https://a.example/" in said
    assert "OpenStreetMap contributors" in said
    assert "Prices and free rooms are not in there" in said


def test_the_flight_agent_knows_airports_and_distances() -> None:
    assert "CDG: Charles de Gaulle" in ask("Flight_Agent", "airports_of", city="Paris")
    assert "km away" in ask("Flight_Agent", "airports_of", city="Ghent")
    assert "“Atlantis” is not known" in ask("Flight_Agent", "airports_of", city="Atlantis")
    said = ask("Flight_Agent", "flight_between", origin="London", destination="JFK", day=None)

    assert "km, about 7 h" in said
    assert "behind those at London" in said
    assert "no timetable" in said
    assert ask("Flight_Agent", "flight_between", origin="Atlantis", destination="JFK") == "No airport is known by “Atlantis”."


@pytest.mark.parametrize("agent", ["Travel_Advisor", "Hotel_Agent", "Flight_Agent"])
def test_each_is_a_tool_that_says_what_it_is_for(agent: str) -> None:
    for function in build_facts(fetch, locate)[agent]:
        schema = FunctionTool(function, description=function.__doc__ or "").schema

        assert schema["description"]
        assert all("title" in field for field in schema["parameters"]["properties"].values())
