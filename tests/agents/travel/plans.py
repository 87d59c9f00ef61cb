"""A plan that is right, to be spoilt by the tests."""

from typing import Any

from agents.travel.plan import Plan

PARIS = {"name": "Paris", "latitude": 48.8566, "longitude": 2.3522, "timezone": "Europe/Paris"}
TOWER = {"name": "Eiffel Tower", "latitude": 48.8584, "longitude": 2.2945, "timezone": None}


def flight(origin: str, destination: str, leaves: str, arrives: str) -> dict[str, Any]:
    """A flight from "2027-05-01 10:00" to "2027-05-01 12:20", each in its place's own time."""
    (departure_date, departure_time), (arrival_date, arrival_time) = leaves.split(), arrives.split()
    return {
        "origin": origin,
        "destination": destination,
        "departure_date": departure_date,
        "departure_time": departure_time,
        "arrival_date": arrival_date,
        "arrival_time": arrival_time,
        "note": "",
    }


def values(**changed: Any) -> dict[str, Any]:
    """What a model would write for three days in Paris, with some of it changed."""
    return {
        "title": "Three days in Paris",
        "destination": PARIS,
        "days": [
            {
                "date": "2027-05-01",
                "title": "The Tower",
                "activities": [{"what": "The Eiffel Tower", "begins": "14:00", "ends": "16:30", "place": TOWER}],
            },
            {
                "date": "2027-05-02",
                "title": "Museums",
                "activities": [{"what": "The Louvre", "begins": "10:00", "ends": None, "place": None}],
            },
            {"date": "2027-05-03", "title": "Home", "activities": []},
        ],
        "flights": [
            flight("JFK", "CDG", "2027-04-30 22:00", "2027-05-01 11:15"),
            flight("CDG", "JFK", "2027-05-03 18:00", "2027-05-03 20:20"),
        ],
        "lodgings": [
            {"name": "Hotel A", "place": PARIS, "check_in": "2027-05-01", "check_out": "2027-05-03", "website": "https://a.example/"}
        ],
        "costs": [
            {"what": "Flights", "category": "flights", "amount": 700.10, "currency": "EUR", "is_estimate": True},
            {"what": "Two nights", "category": "lodging", "amount": 300.20, "currency": "EUR", "is_estimate": False},
        ],
        "total": 1000.30,
        "currency": "EUR",
        "open_points": ["Is a visa needed?"],
    } | changed


def plan(**changed: Any) -> Plan:
    return Plan.model_validate(values(**changed))
