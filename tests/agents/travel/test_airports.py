"""Airports are found by code, city and coordinates."""

import pytest

from agents.travel.airports import find_airport, nearest_airports, search_airports


@pytest.mark.parametrize(
    ("words", "first"),
    [
        *[("cdg", "CDG"), ("Paris", "CDG"), ("zürich", "ZRH"), ("Zurich", "ZRH"), ("heathrow", "LHR"), ("New  York", "JFK")],
        *[("London", "LHR"), ("Tokyo", "HND"), ("Milan", "MXP"), ("Chicago", "ORD"), ("Istanbul", "IST"), ("Berlin", "BER")],
    ],
)
def test_a_search_finds_the_main_airport_first(words: str, first: str) -> None:
    assert search_airports(words)[0].iata == first


@pytest.mark.parametrize("words", ["", " ", "Qqqq", "\x00", "é" * 1000])
def test_a_search_may_find_nothing(words: str) -> None:
    assert search_airports(words) == []


def test_an_airport_has_what_a_plan_needs() -> None:
    airport = find_airport(" cdg ")

    assert airport is not None
    assert (airport.city, airport.country, airport.timezone) == ("Paris", "FR", "Europe/Paris")
    assert airport.point == pytest.approx((49.01, 2.55), abs=0.01)


def test_the_nearest_come_first() -> None:
    (nearest, km), *others = nearest_airports((48.8566, 2.3522))

    assert (nearest.iata, round(km)) == ("LBG", 14)
    assert [distance for _, distance in others] == sorted(distance for _, distance in others)
