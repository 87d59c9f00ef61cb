"""The tools that put facts under the travel team, as functions whose answers name their sources."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from agents.travel import airports, climate, flights, lodgings
from agents.travel.airports import Airport
from agents.travel.distance import Point
from agents.travel.fetch import Fetch
from agents.travel.roles import FLIGHT_AGENT, HOTEL_AGENT, TRAVEL_ADVISOR

Fact = Callable[..., Awaitable[str]]
Locate = Callable[[str], Awaitable[Point | None]]
"""Finds the coordinates of a place by its name. Raises an error whose text is a sentence when it cannot ask."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

UNKNOWN_PRICES = "Prices and free rooms are not in there: ask the lodging itself."
UNKNOWN_SEATS = "Prices, timetables and free seats are not in there: ask an airline or a search of flights."


def build_facts(fetch: Fetch, locate: Locate) -> Mapping[str, Sequence[Fact]]:
    """Give each agent's functions by its name. Their docstrings are what the model knows of them."""

    async def usual_weather(place: str, when: str) -> str:
        """What the weather usually is at a place in a month: temperatures, rain and wet days. `when` is "May", or a date as YYYY-MM-DD."""
        point, month = await _point(place, locate), _month(when)
        if point is None or month is None:
            return f"“{when}” is no month." if point else f"“{place}” is not known."
        found = await climate.find_climate(fetch, point, month, before_year=_today().year)
        return _climate(found) if found else f"There is no data for this. Source: {climate.SOURCE}."

    async def find_hotels(place: str, within_km: float = 2) -> str:
        """Real hotels, hostels and guest houses near a place or address, the nearest first. Without prices."""
        point = await _point(place, locate)
        if point is None:
            return f"“{place}” is not known."
        found = await lodgings.find_lodgings(fetch, point, within_km=within_km)
        return "\n".join([*map(_lodging, found), f"{len(found)} found. Source: {lodgings.SOURCE}. {UNKNOWN_PRICES}"])

    async def airports_of(city: str) -> str:
        """Airports of a city, or the nearest to a place that has none, or the one with an IATA code."""
        found = [_airport(airport) for airport in airports.search_airports(city)]
        if not found and (point := await _point(city, locate)):
            found = [f"{_airport(airport)}, {km:.0f} km away" for airport, km in airports.nearest_airports(point)]
        return "\n".join([*(found or [f"“{city}” is not known."]), f"Source: {airports.SOURCE}."])

    return {TRAVEL_ADVISOR.name: [usual_weather], HOTEL_AGENT.name: [find_hotels], FLIGHT_AGENT.name: [airports_of, flight_between]}


async def flight_between(origin: str, destination: str, day: date | None = None) -> str:
    """Distance, likely duration of a direct flight and time difference between two cities or IATA codes, on a day (YYYY-MM-DD)."""
    start, end = _main_airport(origin), _main_airport(destination)
    if start is None or end is None:
        return f"No airport is known by “{destination if start else origin}”."
    found = flights.connect(start, end, day or _today())
    return "\n".join(
        [
            f"{_airport(start)} to {_airport(end)}: {found.km:,.0f} km, about {_hours(found)} without a stop.",
            f"Clocks at {end.city} {_ahead(found.hours_ahead)} those at {start.city}.",
            f"Source: {flights.SOURCE}. {UNKNOWN_SEATS}",
        ]
    )


def _main_airport(words: str) -> Airport | None:
    return next(iter(airports.search_airports(words, limit=1)), None)


def _airport(airport: Airport) -> str:
    latitude, longitude = airport.point
    return f"{airport.iata}: {airport.name}, {airport.city}, {airport.country} ({latitude:.4f}, {longitude:.4f}; {airport.timezone})"


def _hours(connection: flights.Connection) -> str:
    minutes = round(connection.duration.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


def _ahead(hours: float | None) -> str:
    if hours is None:
        return "have an unknown difference to"
    return "agree with" if hours == 0 else f"are {abs(hours):g} h {'ahead of' if hours > 0 else 'behind'}"


def _climate(found: climate.Climate) -> str:
    return (
        f"In {date(2000, found.month, 1):%B} of {found.years[0]} to {found.years[-1]} it had {found.high_celsius:g} °C by day and "
        f"{found.low_celsius:g} °C at night on average, {found.rain_mm:g} mm of rain and {found.wet_days:g} wet days in the month. "
        f"Source: {climate.SOURCE}."
    )


def _lodging(lodging: lodgings.FoundLodging) -> str:
    stars = f", {lodging.stars} stars" if lodging.stars else ""
    website = f", {lodging.website}" if lodging.website else ""
    latitude, longitude = lodging.point
    return f"- {lodging.name} ({lodging.kind.replace('_', ' ')}{stars}), {lodging.km:g} km, at {latitude:.5f}, {longitude:.5f}{website}"


async def _point(place: str, locate: Locate) -> Point | None:
    """Take coordinates as they are, "48.85, 2.35", and look anything else up."""
    given = re.fullmatch(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*", place)
    return (float(given[1]), float(given[2])) if given else await locate(place)


def _month(when: str) -> int | None:
    dated = re.match(r"\s*\d{4}-(0[1-9]|1[0-2])\b", when)
    named = re.search(rf"\b({'|'.join(_MONTHS)})", when, re.IGNORECASE)
    return int(dated[1]) if dated else _MONTHS.index(named[1].lower()) + 1 if named else None


def _today() -> date:
    return datetime.now(UTC).date()
