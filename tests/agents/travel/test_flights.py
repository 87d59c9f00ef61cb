"""Distances, durations and time differences are right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.travel.airports import find_airport
from agents.travel.distance import Point, distance_km, great_circle
from agents.travel.flights import Connection, connect
from agents.travel.zones import find_zone

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def connection(way: str, day: date = date(2027, 5, 1)) -> Connection:
    start, end = map(find_airport, way.split("-"))
    assert start is not None
    assert end is not None
    return connect(start, end, day)


@pytest.mark.parametrize(("way", "km"), [("LHR-JFK", 5555), ("CDG-FCO", 1100), ("FRA-NRT", 9380), ("SYD-SIN", 6300), ("NRT-LAX", 8773)])
def test_distances_agree_with_published_ones(way: str, km: int) -> None:
    """The figures are great circles on the ellipsoid; the sphere is up to half a percent off."""
    assert connection(way).km == pytest.approx(km, rel=0.005)


@pytest.mark.parametrize(("way", "minutes"), [("CDG-FCO", 125), ("LHR-JFK", 470), ("LHR-CDG", 75), ("FRA-NRT", 720), ("JFK-LAX", 370)])
def test_durations_are_near_timetables(way: str, minutes: int) -> None:
    """Timetables of 2024, against the wind where there are two: winds make up to an hour."""
    assert connection(way).duration.total_seconds() / 60 == pytest.approx(minutes, abs=50)


def test_time_differences_are_those_of_the_day() -> None:
    """In the second half of March America has summer time and Europe has not."""
    assert connection("LHR-JFK").hours_ahead == -5
    assert connection("LHR-JFK", date(2027, 3, 20)).hours_ahead == -4
    assert connection("LHR-DEL").hours_ahead == 4.5


def test_a_way_keeps_to_its_ends() -> None:
    way = great_circle((51.5, -0.1), (40.7, -74.0))

    assert way[0] == pytest.approx((51.5, -0.1))
    assert way[-1] == pytest.approx((40.7, -74.0))
    assert max(latitude for latitude, _ in way) > 51.5


@given(POINTS, POINTS)
def test_distances_are_symmetric_and_bounded(start: Point, end: Point) -> None:
    assert distance_km(start, end) == pytest.approx(distance_km(end, start), abs=1e-6)
    assert 0 <= distance_km(start, end) <= 20_016
    assert len(great_circle(start, end)) >= 2


@pytest.mark.parametrize("name", [None, "", "Nowhere", "../UTC", "/etc/passwd", "Europe/", "Europe", "a\x00b", "x" * 5000])
def test_a_name_that_is_no_zone_is_none(name: str | None) -> None:
    assert find_zone(name) is None
