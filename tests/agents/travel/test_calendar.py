"""A plan becomes a calendar that others can read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from agents.travel.calendar import to_calendar
from agents.travel.plan import Plan
from tests.agents.travel.plans import PARIS, flight, plan, values

STAMP = datetime(2026, 11, 22, 12, tzinfo=UTC)


def events(trip: Plan) -> list[Any]:
    return list(Calendar.from_ical(to_calendar(trip, STAMP)).walk("VEVENT"))


def test_each_flight_is_in_the_time_of_its_airports() -> None:
    outward = events(plan())[0]

    assert outward["SUMMARY"] == "Flight JFK – CDG"
    assert outward["DTSTART"].params["TZID"] == "America/New_York"
    assert outward["DTEND"].params["TZID"] == "Europe/Paris"
    assert outward.start.astimezone(UTC) == datetime(2027, 5, 1, 2, tzinfo=UTC)
    assert outward.end.astimezone(UTC) == datetime(2027, 5, 1, 9, 15, tzinfo=UTC)


def test_a_stay_takes_whole_days_and_an_activity_its_time() -> None:
    stay, tower, louvre = events(plan())[2:]

    assert (stay.start, stay.end) == (date(2027, 5, 1), date(2027, 5, 3))
    assert stay["URL"] == "https://a.example/"
    assert (tower.start.hour, tower.end.hour, tower["DTSTART"].params["TZID"]) == (14, 16, "Europe/Paris")
    assert tower["GEO"].latitude == pytest.approx(48.8584)
    assert "DTEND" not in louvre


def test_the_file_explains_its_time_zones() -> None:
    """A calendar that does not know a zone by name reads it here."""
    calendar = Calendar.from_ical(to_calendar(plan(), STAMP))

    assert {zone["TZID"] for zone in calendar.walk("VTIMEZONE")} == {"Europe/Paris", "America/New_York"}
    assert len(to_calendar(plan(), STAMP)) < 6000


def test_what_is_not_known_is_not_made_up() -> None:
    unknown = flight("XQX", "CDG", "2027-05-01 10:00", "2027-05-01 12:00") | {"arrival_time": None}
    one, *_, walk = events(plan(destination=PARIS | {"timezone": None}, flights=[unknown]))

    assert (one.start, one.end) == (date(2027, 5, 1), date(2027, 5, 2))
    assert walk.start.tzinfo is None


@pytest.mark.parametrize(
    "changed",
    [
        {"flights": [flight("CDG", "JFK", "2027-05-03 18:00", "2027-05-01 20:20")]},
        {"flights": [flight("XQX", "CDG", "2027-05-03 18:00", "2027-05-03 18:00")]},
        {"lodgings": [values()["lodgings"][0] | {"check_out": "2027-05-01"}]},
        {"days": [], "flights": [], "lodgings": []},
        {"destination": PARIS | {"timezone": "Nowhere/Land"}},
    ],
)
def test_a_faulty_plan_is_a_valid_file(changed: dict[str, Any]) -> None:
    for event in events(plan(**changed)):
        assert "DTEND" not in event or event.end > event.start


def test_a_text_cannot_write_fields_of_its_own() -> None:
    trip = plan(title="Paris\r\nATTACH:file:///etc/passwd", destination=PARIS | {"name": "A\nEND:VEVENT"})
    calendar = Calendar.from_ical(to_calendar(trip, STAMP))

    assert b"\r\nATTACH" not in to_calendar(trip, STAMP)
    assert len(calendar.walk("VEVENT")) == 5


def test_the_same_plan_has_the_same_ids() -> None:
    first, again = events(plan()), events(plan())

    assert [event["UID"] for event in first] == [event["UID"] for event in again]
    assert len({event["UID"] for event in first}) == 5
