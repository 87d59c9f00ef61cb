"""The travel team's plan as JSON, made of the table of places."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from agents.models.demo import reading
from agents.models.demo.places import find_place
from agents.models.demo.request import Request, to_text
from agents.models.demo.travel import Trip

AHEAD_DAYS = 30
"""How long after today a trip begins whose prompt names no date."""

_NEEDED = {"days", "flights", "lodgings", "costs", "total"}
_COORDINATES = {
    "Paris": (48.8566, 2.3522),
    "Rome": (41.8931, 12.4828),
    "Madrid": (40.4168, -3.7038),
    "Barcelona": (41.3874, 2.1686),
    "London": (51.5074, -0.1278),
    "Lisbon": (38.7223, -9.1393),
    "Tokyo": (35.6764, 139.6500),
    "New York": (40.7128, -74.0060),
    "Berlin": (52.5200, 13.4050),
    "Vienna": (48.2082, 16.3738),
    "Istanbul": (41.0082, 28.9784),
    "Prague": (50.0755, 14.4378),
}
"""Of each place's centre, to some hundred metres."""
_CLOCKS = (("10:00", "12:30"), ("14:00", "17:00"), ("19:00", "21:30"))
_NIGHT, _DAY, _FLIGHT = 120, 60, 180
"""Euros, made up: a room for a night, a day's meals and entries, a flight."""


def answer(request: Request) -> str | None:
    """Write the plan down, when that is the form asked for."""
    form = request.json_output
    if not (isinstance(form, type) and issubclass(form, BaseModel) and form.model_fields.keys() >= _NEEDED):
        return None
    return json.dumps(_plan(Trip(request.prompts), _begin(request)), ensure_ascii=False)


def _begin(request: Request) -> date:
    """Begin on a date of the prompts, else in their month, else thirty days after the day the last message calls today."""
    prompts = "\n".join(request.prompts)
    named, said = _dates(prompts), _dates(to_text(request.messages[-1])) if request.messages else []
    today = said[0] if said else date(2027, 1, 1)
    return named[0] if named else _first_saturday(reading.month(prompts), today) or today + timedelta(days=AHEAD_DAYS)


def _first_saturday(month: int | None, today: date) -> date | None:
    """Of the next month of that number that still has it to come."""
    if month is None:
        return None
    saturdays = (_saturday_from(date(year, month, 1)) for year in (today.year, today.year + 1))
    return next(saturday for saturday in saturdays if saturday > today)


def _saturday_from(day: date) -> date:
    return day + timedelta(days=(5 - day.weekday()) % 7)


def _dates(text: str) -> list[date]:
    found = []
    for year, month, day in re.findall(r"\b(20\d\d)-(\d\d)-(\d\d)\b", text):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:  # no such day
            continue
    return found


def _plan(trip: Trip, begin: date) -> Mapping[str, Any]:
    days = [begin + timedelta(days=number) for number in range(trip.days)]
    flights = _flights(trip, days)
    costs = _costs(trip, len(flights))
    return {
        "title": f"{trip.days} {'day' if trip.days == 1 else 'days'} in {trip.name}",
        "destination": _destination(trip),
        "days": [_day(trip, number, day) for number, day in enumerate(days)],
        "flights": flights,
        "lodgings": [_lodging(trip, days)] if trip.days > 1 else [],
        "costs": costs,
        "total": sum(cost["amount"] for cost in costs),
        "currency": "EUR",
        "open_points": ["The demo model made up all prices.", "Nothing is booked.", *([] if flights else ["Flights: say from where."])],
    }


def _destination(trip: Trip) -> Mapping[str, Any]:
    latitude, longitude = _COORDINATES.get(trip.name, (None, None))
    return {"name": trip.name, "latitude": latitude, "longitude": longitude, "timezone": trip.place.timezone or None}


def _day(trip: Trip, number: int, day: date) -> Mapping[str, Any]:
    areas = list(trip.place.areas.items())
    area, sights = areas[number % len(areas)]
    activities = [
        {"what": sight, "begins": begins, "ends": ends, "place": None} for sight, (begins, ends) in zip(sights, _CLOCKS, strict=True)
    ]
    return {"date": day.isoformat(), "title": area, "activities": activities}


def _flights(trip: Trip, days: list[date]) -> list[Mapping[str, Any]]:
    """Fly there and back, where the prompt says from where and both have an airport in the table."""
    origin = find_place(trip.origin) if trip.origin else None
    if origin is None or not origin.airports or not trip.place.airports or origin == trip.place:
        return []
    start, end = origin.airports[0][:3], trip.place.airports[0][:3]
    return [_flight(start, end, days[0]), _flight(end, start, days[-1])]


def _flight(origin: str, destination: str, day: date) -> Mapping[str, Any]:
    return {
        "origin": origin,
        "destination": destination,
        "departure_date": day.isoformat(),
        "departure_time": None,
        "arrival_date": day.isoformat(),
        "arrival_time": None,
        "note": "The demo model has no timetable.",
    }


def _lodging(trip: Trip, days: list[date]) -> Mapping[str, Any]:
    area = next(iter(trip.place.stays))
    return {
        "name": f"A place to stay in {area}",
        "place": {**_destination(trip), "name": area},
        "check_in": days[0].isoformat(),
        "check_out": days[-1].isoformat(),
        "website": None,
    }


def _costs(trip: Trip, flights: int) -> list[Mapping[str, Any]]:
    costs = {"lodging": (trip.nights, _NIGHT * (trip.days - 1)), "food": ("Meals and entries", _DAY * trip.days)}
    costs |= {"flights": (f"{flights} flights", _FLIGHT * flights)}
    return [
        {"what": what, "category": category, "amount": amount, "currency": "EUR", "is_estimate": True}
        for category, (what, amount) in costs.items()
        if amount
    ]
