"""Lodgings are read off OpenStreetMap's answer, whatever is in it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.travel.lodgings import ADDRESS, find_lodgings, parse_lodgings, to_query

PARIS = (48.8566, 2.3522)


def element(name: str = "Hotel A", **changed: Any) -> dict[str, Any]:
    tags = {"name": name, "tourism": "hotel", "stars": "4S", "website": "https://a.example/"}
    return {"type": "node", "id": 1, "lat": 48.86, "lon": 2.35, "tags": tags | changed}


def test_the_query_is_one_overpass_understands() -> None:
    assert to_query(PARIS, 2) == (
        '[out:json][timeout:20];nwr[tourism~"^(hotel|hostel|guest_house|apartment|motel)$"][name](around:2000,48.85660,2.35220);'
        "out center tags 200;"
    )
    assert "around:20000," in to_query(PARIS, 1e9)


def test_the_nearest_comes_first_and_each_name_once() -> None:
    building = {"type": "way", "id": 2, "center": {"lat": 48.857, "lon": 2.352}, "tags": {"name": "Hostel B", "tourism": "hostel"}}
    far = element() | {"lat": 48.87}
    near, other = parse_lodgings({"elements": [far, element(), building]}, PARIS)

    assert (near.name, near.kind, near.stars, near.website) == ("Hostel B", "hostel", "", None)
    assert (other.name, other.km, other.stars, other.website) == ("Hotel A", 0.41, "4S", "https://a.example/")


@pytest.mark.parametrize(
    "faulty",
    [element(website="javascript:alert(1)"), element() | {"lat": None}, element(name=" "), element(tourism="museum"), {"tags": 7}, "x"],
)
def test_what_is_not_as_it_should_be_is_left_out(faulty: Any) -> None:
    found = parse_lodgings({"elements": [faulty]}, PARIS)

    assert not found or found[0].website is None


@given(
    st.dictionaries(
        st.sampled_from(["elements", "remark"]),
        st.lists(st.dictionaries(st.sampled_from(["tags", "lat", "center"]), st.none() | st.text())),
    )
)
def test_no_answer_breaks_the_reading(answer: dict[str, Any]) -> None:
    assert parse_lodgings(answer, PARIS) == []


def test_one_request_is_made() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    async def fetch(url: str, data: Mapping[str, str]) -> Mapping[str, Any]:
        asked.append((url, data))
        return {"elements": [element(name=f"Hotel {number}") for number in range(30)]}

    found = asyncio.run(find_lodgings(fetch, PARIS, limit=5))

    assert len(found) == 5
    assert asked == [(ADDRESS, {"data": to_query(PARIS, 2)})]
