"""Places found by name at Open-Meteo: https://open-meteo.com/en/docs/geocoding-api."""

import unicodedata
from collections.abc import Sequence

from agents.tools.answer import Answer
from agents.tools.tool import ToolFailed
from agents.tools.web import Service, WebClient

CACHE_SECONDS = 24 * 3600.0
CANDIDATES = 50
"""Asked for, so that a small town is among them when its country is named; the service gives 100 at most."""
NAMED = 5
"""So many of them are named when it is not clear which is meant."""

_ALIASES = {"usa": "us", "u.s.": "us", "u.s.a.": "us", "america": "us", "uk": "gb", "u.k.": "gb", "england": "gb", "britain": "gb"}
"""What people call countries, with the ISO code the service gives."""


class Place(Answer):
    """A place as the service describes it. Coordinates are degrees in WGS84."""

    name: str
    latitude: float
    longitude: float
    timezone: str = ""
    country: str = ""
    country_code: str = ""
    admin1: str = ""
    """The state, province or region."""
    population: int = 0

    @property
    def full_name(self) -> str:
        return ", ".join(dict.fromkeys(part for part in (self.name, self.admin1, self.country) if part))

    def lies_in(self, area: str) -> bool:
        wanted = _folded(area)
        return _ALIASES.get(wanted, wanted) in {_folded(self.admin1), _folded(self.country), _folded(self.country_code)}


class _Found(Answer):
    results: tuple[Place, ...] = ()
    """Left out by the service when it knows no such place."""


class Geocoder:
    """Finds places, and says which one it took."""

    def __init__(self, web: WebClient, url: str) -> None:
        self._web = web
        self._service = Service("Open-Meteo.com", url, CACHE_SECONDS)

    async def find(self, text: str) -> tuple[Place, str]:
        """Find the place meant, with a note on others of that name, if any. Raises ToolFailed."""
        name, *areas = [part.strip() for part in text.split(",") if part.strip()] or [""]
        query = {"name": name, "count": str(CANDIDATES), "language": "en", "format": "json"}
        found = (await self._web.get(self._service, "/search", query, _Found)).results
        if not found:
            raise ToolFailed(f"No place named “{name}” is known. Check the spelling, or ask the user which place is meant.")
        meant = [place for place in found if all(place.lies_in(area) for area in areas)]
        if not meant:
            raise ToolFailed(f"No “{name}” is known in {', '.join(areas)}. There is: {_listed(found)}. Call again with one of these.")
        return _chosen(meant)


def _chosen(places: Sequence[Place]) -> tuple[Place, str]:
    """Take the most populous of those that are named alike; which name comes first is the service's judgement."""
    alike = [place for place in places if _folded(place.name) == _folded(places[0].name)]
    best = max(alike, key=lambda place: place.population)
    others = [place for place in alike if place.full_name != best.full_name]
    return best, f"The most populous place of that name was taken. There is also: {_listed(others)}." if others else ""


def _listed(places: Sequence[Place]) -> str:
    return "; ".join(list(dict.fromkeys(place.full_name for place in places))[:NAMED])


def _folded(text: str) -> str:
    """Leave out case and accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter))
