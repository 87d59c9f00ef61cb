"""From degrees to the points of a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from agents.travel.distance import Point

KM_PER_DEGREE = 111.2
"""Of latitude: 2π × 6,371 km / 360."""
LEAST_KM = 8
"""A drawing never shows less, so that a single place has surroundings."""
MARGIN = 0.14
"""Of the drawing's size, on each side."""


@dataclass(frozen=True)
class Projection:
    """Equirectangular, true to scale at the middle latitude: x = (λ − λ₀) cos φ₀, y = φ₀ − φ."""

    middle: Point
    pixels_per_degree: float
    """Of latitude."""
    width: float
    height: float

    @property
    def stretch(self) -> float:
        """How wide a degree of longitude is beside one of latitude."""
        return max(cos(radians(self.middle[0])), 0.1)

    @property
    def km_per_pixel(self) -> float:
        return KM_PER_DEGREE / self.pixels_per_degree

    def to_pixels(self, point: Point) -> tuple[float, float]:
        """Give x and y, counted from the upper left. Longitudes must be those of `unrolled`."""
        x = self.width / 2 + (point[1] - self.middle[1]) * self.stretch * self.pixels_per_degree
        return x, self.height / 2 - (point[0] - self.middle[0]) * self.pixels_per_degree

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """South, west, north and east of the drawing, in degrees."""
        half_height = self.height / 2 / self.pixels_per_degree
        half_width = self.width / 2 / self.pixels_per_degree / self.stretch
        return self.middle[0] - half_height, self.middle[1] - half_width, self.middle[0] + half_height, self.middle[1] + half_width


def fit(points: Sequence[Point], width: float, height: float) -> Projection:
    """Choose the scale at which all points fit with a margin. Needs one point at least."""
    latitudes, longitudes = [point[0] for point in points], [point[1] for point in points]
    middle = (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
    least = LEAST_KM / KM_PER_DEGREE
    tall = max(max(latitudes) - min(latitudes), least)
    wide = max((max(longitudes) - min(longitudes)) * max(cos(radians(middle[0])), 0.1), least)
    room = 1 - 2 * MARGIN
    return Projection(middle, min(height * room / tall, width * room / wide), width, height)


def unrolled(points: Sequence[Point]) -> list[Point]:
    """Count longitudes on beyond ±180° where that makes the points lie closer together: Tokyo and Los Angeles face each other there."""
    beyond = [(latitude, longitude + 360 if longitude < 0 else longitude) for latitude, longitude in points]
    return min(list(points), beyond, key=_spread)


def _spread(points: Sequence[Point]) -> float:
    longitudes = [longitude for _, longitude in points]
    return max(longitudes, default=0) - min(longitudes, default=0)
