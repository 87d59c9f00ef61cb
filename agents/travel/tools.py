"""The team's facts as tools that end well or in words, over the web client that all tools share."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Arguments
from agents.tools.geocoding import Geocoder
from agents.tools.tool import GuardedTool
from agents.tools.web import Service, WebClient
from agents.travel import climate, lodgings
from agents.travel.distance import Point
from agents.travel.facts import Fact, build_facts
from agents.travel.roles import FLIGHT_AGENT, HOTEL_AGENT, ROLES, TRAVEL_ADVISOR
from state.settings import Settings

CLIMATE_SECONDS = 24 * 3600.0
"""How long years past are good for: they do not change, but memory is small."""
LODGINGS_SECONDS = 3600.0
OVERPASS_INTERVAL = 1.0
"""Overpass gives each address few slots at once: https://wiki.openstreetmap.org/wiki/Overpass_API#Public_Overpass_API_instances."""
COMMON = frozenset({"convert_currency"})
"""Tools of everybody's that each of the team has."""
OTHERS: Mapping[str, frozenset[str]] = {
    TRAVEL_ADVISOR.name: frozenset({"get_weather", "find_place"}),
    FLIGHT_AGENT.name: frozenset({"time_difference"}),
    HOTEL_AGENT.name: frozenset({"find_place"}),
}
"""Tools of everybody's that one of the team has."""


class Climate(Arguments):
    place: str = Field(min_length=1, max_length=200, description="A town or city; a country or state after a comma tells which")
    when: str = Field(max_length=100, description="A month such as May, or a date as YYYY-MM-DD")


class Hotels(Arguments):
    place: str = Field(min_length=1, max_length=200, description="A town or city, or coordinates as “48.85, 2.35”")
    within_km: float = Field(2, gt=0, le=20, description="How far from there")


class Airports(Arguments):
    city: str = Field(min_length=1, max_length=200, description="A city, or an IATA code")


class FlightBetween(Arguments):
    origin: str = Field(min_length=1, max_length=200, description="A city, or an airport's IATA code")
    destination: str = Field(min_length=1, max_length=200, description="A city, or an airport's IATA code")
    day: date | None = Field(None, description="YYYY-MM-DD; the time difference depends on it")


FACTS: Mapping[str, tuple[type[Arguments], str, str]] = {
    "usual_weather": (Climate, "Climate", "What the weather usually is in a month, from Open-Meteo.com."),
    "find_hotels": (Hotels, "Lodgings", "Real hotels, hostels and guest houses near a place, from OpenStreetMap. No prices."),
    "airports_of": (Airports, "Airports", "The airports of a city, from a list that is installed with Roundtable."),
    "flight_between": (FlightBetween, "Flights", "Distance, likely duration and time difference between two cities. No timetable."),
}
"""Of each fact what it is asked with, its title, and what it does, for people."""


class FactTool(GuardedTool[Arguments]):
    """One of the facts."""

    def __init__(self, fact: Fact) -> None:
        name = fact.__name__
        arguments, title, summary = FACTS[name]
        super().__init__(arguments, name, fact.__doc__ or summary, title=title, summary=summary)
        self._fact = fact

    async def run(self, args: Arguments, cancellation_token: CancellationToken) -> str:
        return await self._fact(**dict(args))


class ServiceFetch:
    """Fetches from the addresses the settings say, politely."""

    def __init__(self, web: WebClient, settings: Settings) -> None:
        self._web = web
        self._services = {
            climate.ADDRESS: Service("Open-Meteo.com", settings.climate_url, CLIMATE_SECONDS),
            lodgings.ADDRESS: Service("The Overpass API of OpenStreetMap", settings.overpass_url, LODGINGS_SECONDS, OVERPASS_INTERVAL),
        }

    async def __call__(self, url: str, data: Mapping[str, str], /) -> Mapping[str, Any]:
        return await self._web.get(self._services[url], "", data, dict[str, Any])


def travel_tools(settings: Settings, web: WebClient, geocoder: Geocoder) -> tuple[GuardedTool[Any], ...]:
    """Make them all. They hold nothing of a conversation, so one set serves everybody."""

    async def locate(place: str) -> Point | None:
        found, _ = await geocoder.find(place)
        return found.latitude, found.longitude

    facts = build_facts(ServiceFetch(web, settings), locate)
    return tuple(FactTool(fact) for own in facts.values() for fact in own)


def names_of(role: str) -> frozenset[str]:
    """The names of the tools that one of the team has."""
    return COMMON | OTHERS.get(role, frozenset()) | _FACTS_OF.get(role, frozenset())


def all_names() -> frozenset[str]:
    return frozenset().union(*(names_of(role.name) for role in ROLES))


def of_role(role: str, tools: Sequence[Any]) -> list[Any]:
    """Choose those that one of the team has."""
    return [tool for tool in tools if tool.name in names_of(role)]


_FACTS_OF: Mapping[str, frozenset[str]] = {
    TRAVEL_ADVISOR.name: frozenset({"usual_weather"}),
    HOTEL_AGENT.name: frozenset({"find_hotels"}),
    FLIGHT_AGENT.name: frozenset({"airports_of", "flight_between"}),
}
