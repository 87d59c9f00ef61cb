"""The outlines of the continents, to draw beneath a map.

`land.json` holds Natural Earth's land at 1:110,000,000 (public domain, https://www.naturalearthdata.com), taken from the npm package
world-atlas 2.0.2 and rounded: rings of [longitude, latitude] in tenths of a degree, 11 km, which at this scale nobody sees.
"""

import json
from functools import cache
from pathlib import Path

from agents.travel.distance import Point

_FILE = Path(__file__).with_name("land.json")


@cache
def land() -> tuple[tuple[Point, ...], ...]:
    """Give the rings as latitudes and longitudes in degrees. Holes, such as the Caspian Sea, are rings too: fill by the even-odd rule."""
    rings = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(tuple((latitude / 10, longitude / 10) for longitude, latitude in ring) for ring in rings)
