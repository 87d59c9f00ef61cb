"""Places on the map, from OpenStreetMap's Nominatim: https://nominatim.org/release-docs/latest/api/Search."""

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Answer, Arguments, to_text
from agents.tools.tool import GuardedTool, ToolFailed
from agents.tools.web import Service, WebClient

CACHE_SECONDS = 24 * 3600.0
INTERVAL = 1.0
"""One request a second for all users together: https://operations.osmfoundation.org/policies/nominatim."""
RESULTS = 5
SOURCE = "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright"


class PlaceArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="A place, an address or a sight; add town or country to tell which")


class _Place(Answer):
    display_name: str
    category: str = ""
    type: str = ""
    lat: float
    lon: float
    osm_type: str = Field("", max_length=20)
    osm_id: int = 0

    @property
    def link(self) -> str:
        return f"https://www.openstreetmap.org/{self.osm_type}/{self.osm_id}" if self.osm_id else ""


class Places(GuardedTool[PlaceArguments]):
    """Where something is."""

    def __init__(self, web: WebClient, url: str) -> None:
        super().__init__(
            PlaceArguments,
            "find_place",
            "Look up where a place, an address or a sight is: its full name, kind and coordinates.",
            title="Places",
            summary="Where a place, an address or a sight is, from OpenStreetMap.",
        )
        self._web = web
        self._service = Service("OpenStreetMap's Nominatim", url, CACHE_SECONDS, INTERVAL)

    async def run(self, args: PlaceArguments, cancellation_token: CancellationToken) -> str:
        query = {"q": args.name, "format": "jsonv2", "limit": str(RESULTS), "accept-language": "en"}
        found = await self._web.get(self._service, "/search", query, tuple[_Place, ...])
        if not found:
            raise ToolFailed(f"OpenStreetMap knows no place “{args.name}”. Check the spelling, or try a name with less in it.")
        first, *others = found[:RESULTS]
        return to_text(
            {
                "place": first.display_name,
                "kind": " / ".join(filter(None, (first.category, first.type))),
                "coordinates": f"{first.lat}, {first.lon} (latitude, longitude)",
                "map": first.link,
                "also": [f"{other.display_name} ({other.lat}, {other.lon})" for other in others],
                "source": SOURCE,
            }
        )
