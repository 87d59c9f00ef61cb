"""How far apart two points of the globe are."""

from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the Earth, (2a + b) / 3 of WGS 84."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def distance_km(start: Point, end: Point) -> float:
    """Give the length of the great circle between two points, by the haversine formula. The Earth is no sphere: up to 0.5% off."""
    return 2 * EARTH_RADIUS_KM * asin(sqrt(_haversine(start, end)))


def great_circle(start: Point, end: Point, pieces: int = 32) -> list[Point]:
    """Give points along the shortest way between two points, both among them."""
    angle = 2 * asin(sqrt(_haversine(start, end)))
    if angle == 0:
        return [start, end]
    return [_between(start, end, angle, piece / pieces) for piece in range(pieces + 1)]


def _haversine(start: Point, end: Point) -> float:
    south, west, north, east = map(radians, (*start, *end))
    share = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return min(1.0, share)


def _between(start: Point, end: Point, angle: float, share: float) -> Point:
    """Interpolate on the sphere: https://en.wikipedia.org/wiki/Slerp."""
    first, second = _vector(start), _vector(end)
    begin, finish = sin((1 - share) * angle), sin(share * angle)
    x, y, z = ((begin * one + finish * other) / (sin(angle) or 1) for one, other in zip(first, second, strict=True))
    return degrees(atan2(z, sqrt(x * x + y * y))), degrees(atan2(y, x))


def _vector(point: Point) -> tuple[float, float, float]:
    latitude, longitude = map(radians, point)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)
