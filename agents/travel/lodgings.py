"""Lodgings near a place, as OpenStreetMap knows them: that they are there is a fact, prices and free rooms are not known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.travel.distance import Point, distance_km
from agents.travel.fetch import Fetch
from agents.travel.lines import one_line
from agents.travel.websites import safe_website

ADDRESS = "https://overpass-api.de/api/interpreter"
SOURCE = "© OpenStreetMap contributors (ODbL), through the Overpass API"
KINDS = ("hotel", "hostel", "guest_house", "apartment", "motel")
"""Values of OpenStreetMap's key `tourism`."""
SECONDS = 20
"""The server gives up after so long."""
MOST_ELEMENTS = 200


@dataclass(frozen=True)
class FoundLodging:
    name: str
    kind: str
    """One of KINDS."""
    point: Point
    km: float
    """From where was asked, as the crow flies."""
    stars: str = ""
    """As OpenStreetMap has them, for example `4` or `4S`."""
    website: str | None = None


async def find_lodgings(fetch: Fetch, near: Point, *, within_km: float = 2, limit: int = 10) -> list[FoundLodging]:
    """Find lodgings with a name, the nearest first. Raises what `fetch` raises."""
    answer = await fetch(ADDRESS, {"data": to_query(near, within_km)})
    return parse_lodgings(answer, near)[:limit]


def to_query(near: Point, within_km: float) -> str:
    """Write the query in Overpass QL: `nwr` finds buildings too, `out center` gives one point for each. Holds our own numbers only."""
    metres = round(min(max(within_km, 0.1), 20) * 1000)
    kinds = "|".join(KINDS)
    around = f"around:{metres},{near[0]:.5f},{near[1]:.5f}"
    return f'[out:json][timeout:{SECONDS}];nwr[tourism~"^({kinds})$"][name]({around});out center tags {MOST_ELEMENTS};'


def parse_lodgings(answer: Mapping[str, Any], near: Point) -> list[FoundLodging]:
    """Read Overpass's answer, the nearest first. What is not as it should be is left out; each name comes once."""
    found = sorted(_found(answer, near), key=lambda lodging: lodging.km)
    return list({lodging.name: lodging for lodging in reversed(found)}.values())[::-1]


def _found(answer: Mapping[str, Any], near: Point) -> Iterator[FoundLodging]:
    elements = answer.get("elements")
    for element in elements if isinstance(elements, list) else []:
        if isinstance(element, dict) and (lodging := _lodging(element, near)):
            yield lodging


def _lodging(element: Mapping[str, Any], near: Point) -> FoundLodging | None:
    tags, point = element.get("tags"), _point(element)
    if not isinstance(tags, dict) or point is None or tags.get("tourism") not in KINDS or not str(tags.get("name") or "").strip():
        return None
    website = safe_website(tags.get("website") or tags.get("contact:website"))
    name, stars = one_line(str(tags["name"]))[:100], one_line(str(tags.get("stars") or ""))[:5]
    return FoundLodging(name, tags["tourism"], point, round(distance_km(near, point), 2), stars, website)


def _point(element: Mapping[str, Any]) -> Point | None:
    """Take a node's own coordinates, or a building's centre."""
    center = element.get("center")
    place = center if isinstance(center, dict) else element
    match place.get("lat"), place.get("lon"):
        case (int() | float() as latitude, int() | float() as longitude):
            return float(latitude), float(longitude)
        case _:
            return None
