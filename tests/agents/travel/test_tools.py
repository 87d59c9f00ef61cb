"""The team's tools against local services, and with each of them down."""

import asyncio
from typing import Any

import pytest

from agents.tools.geocoding import Geocoder
from agents.tools.web import WebClient, user_agent
from agents.travel.roles import ROLES
from agents.travel.tools import FACTS, all_names, names_of, travel_tools
from state.settings import load_settings
from tests.agents.tools.conftest import Told, told
from tests.services import Services


def ask(name: str, **arguments: Any) -> Told:
    async def asking() -> Told:
        web = WebClient(user_agent("1.2.3", None), seconds=0.5)
        settings = load_settings(env_file=None)
        try:
            return await told(travel_tools(settings, web, Geocoder(web, settings.geocoding_url)), name, arguments)
        finally:
            await web.close()

    return asyncio.run(asking())


@pytest.mark.usefixtures("services")
def test_facts_come_from_the_services_the_settings_name() -> None:
    climate = ask("usual_weather", place="Paris", when="May")
    hotels = ask("find_hotels", place="Paris")

    assert "20.5 °C by day" in climate.text
    assert "Source: Open-Meteo.com" in climate.text
    assert "Hôtel du Nord (hotel, 3 stars)" in hotels.text
    assert "OpenStreetMap contributors" in hotels.text


def test_climate_and_lodgings_are_asked_for_as_the_services_want(services: Services) -> None:
    ask("usual_weather", place="Paris", when="2027-02-01")
    ask("find_hotels", place="Paris", within_km=5)

    assert services.paths() == ["/geocoding/search", *["/climate"] * 5, "/geocoding/search", "/overpass"]
    assert services.asked[1].query["start_date"].endswith("-02-01")
    assert "around:5000" in services.asked[-1].query["data"]


@pytest.mark.parametrize("trouble", ["down", "busy", "moved", "silent", "huge", "malformed", "another shape", "deep", "cut off"])
@pytest.mark.parametrize(("name", "path"), [("usual_weather", "/climate"), ("find_hotels", "/overpass")])
def test_a_service_in_trouble_is_a_sentence(services: Services, trouble: Any, name: str, path: str) -> None:
    services.trouble[path] = trouble
    arguments = {"place": "Paris", "when": "May"} if name == "usual_weather" else {"place": "Paris"}
    said = ask(name, **arguments)

    assert said.text.endswith(".")
    assert said.is_error or "no data" in said.text or "0 found" in said.text


@pytest.mark.usefixtures("services")
def test_a_place_nobody_knows_is_a_sentence() -> None:
    assert "No place named “Xyzzy” is known" in ask("find_hotels", place="Xyzzy").text


def test_flights_need_no_service() -> None:
    said = ask("flight_between", origin="London", destination="JFK", day="2027-05-01")

    assert "LHR: London Heathrow Airport" in said.text
    assert not said.is_error


def test_every_fact_belongs_to_one_of_the_team() -> None:
    assert set(FACTS) <= all_names()
    assert all("convert_currency" in names_of(role.name) for role in ROLES)
