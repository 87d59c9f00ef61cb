"""A plan as a map: an SVG drawn from our own numbers, which asks no server for anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

from agents.travel.airports import Airport, find_airport
from agents.travel.distance import Point, great_circle
from agents.travel.land import land
from agents.travel.plan import Place, Plan
from agents.travel.projection import Projection, fit, unrolled

WIDTH, HEIGHT = 800, 460
LABEL_LETTERS = 32
LETTER_WIDTH = 6.5
LINE_HEIGHT = 15
MOST_MARKS = 60
COAST_KM = 300
"""A drawing less high than this has no coasts: the outlines are so coarse that a town by the sea might lie in it."""

_STYLE = (
    ".sea{fill:#dbe9f4}.land{fill:#f4f1e6;stroke:#b7b09a;stroke-width:.7}.grid{stroke:#9db4c6;stroke-width:.5;stroke-dasharray:3 4}"
    ".way{fill:none;stroke:#b5442e;stroke-width:1.6;stroke-dasharray:6 4}.dot{fill:#b5442e;stroke:#fff;stroke-width:1.2}"
    ".stay{fill:#1f5d8f}.port{fill:#55606b}text{font:12px sans-serif;fill:#1d2733;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".small{font-size:10px;fill:#4d5a66}"
)


@dataclass(frozen=True)
class Mark:
    """A point with its label."""

    point: Point
    label: str
    kind: str
    """dot, stay or port: a style of the drawing."""


def draw_places(plan: Plan) -> str | None:
    """Draw the destination, the places of the days and the lodgings. None when no coordinates are known."""
    return _draw(_place_marks(plan), [])


def draw_trip(plan: Plan) -> str | None:
    """Draw the flights along their great circles, with the destination. None when the plan has no flight between known airports."""
    ways = {frozenset((start.iata, end.iata)): (start.point, end.point) for start, end in _airports(plan)}  # there and back is one line
    ports = {airport.iata: Mark(airport.point, airport.iata, "port") for pair in _airports(plan) for airport in pair}
    return _draw([*ports.values(), *_marks([plan.destination], "dot")], list(ways.values())) if ways else None


def _place_marks(plan: Plan) -> list[Mark]:
    visited = [activity.place for day in plan.days for activity in day.activities if activity.place]
    slept_at = [Place(**{**lodging.place.model_dump(), "name": lodging.name}) for lodging in plan.lodgings if lodging.place]
    return [*_marks([plan.destination, *visited], "dot"), *_marks(slept_at, "stay")]


def _marks(places: Sequence[Place], kind: str) -> list[Mark]:
    found = {place.name: Mark(place.point, place.name, kind) for place in places if place.point}
    return list(found.values())[:MOST_MARKS]


def _airports(plan: Plan) -> list[tuple[Airport, Airport]]:
    found = [(find_airport(flight.origin), find_airport(flight.destination)) for flight in plan.flights[:MOST_MARKS]]
    return [(start, end) for start, end in found if start and end]


def _draw(marks: Sequence[Mark], ways: Sequence[tuple[Point, Point]]) -> str | None:
    """Put land, grid, ways, points and a scale bar on top of each other."""
    if not marks:
        return None
    curves = [great_circle(start, end) for start, end in ways]
    points = unrolled([mark.point for mark in marks] + [point for curve in curves for point in curve])
    projection = fit(points, WIDTH, HEIGHT)
    placed = [Mark(point, mark.label, mark.kind) for mark, point in zip(marks, points, strict=False)]
    drawn = _taken(points[len(marks) :], [len(curve) for curve in curves])
    body = [*_land(projection), *_grid(projection), *_curves(projection, drawn), *_labels(projection, placed), *_scale_bar(projection)]
    title = f"Map of {escape(', '.join(mark.label for mark in marks[:5]))}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f'<style>{_STYLE}</style><rect class="sea" width="{WIDTH}" height="{HEIGHT}"/>{"".join(body)}</svg>'
    )


def _taken(points: Sequence[Point], lengths: Sequence[int]) -> Iterator[Sequence[Point]]:
    place = 0
    for length in lengths:
        yield points[place : place + length]
        place += length


def _land(projection: Projection) -> Iterator[str]:
    """Draw the continents, also once around the globe to either side, as far as they are in sight."""
    south, west, north, east = projection.bounds
    if projection.km_per_pixel * HEIGHT < COAST_KM:
        yield f'<rect class="land" width="{WIDTH}" height="{HEIGHT}"/>'
        return
    pieces: list[str] = []
    for turn in (-360, 0, 360):
        for ring in land():
            longitudes, latitudes = [point[1] + turn for point in ring], [point[0] for point in ring]
            if max(longitudes) >= west and min(longitudes) <= east and max(latitudes) >= south and min(latitudes) <= north:
                pieces.append(_path(projection, list(zip(latitudes, longitudes, strict=True))) + "Z")
    if pieces:
        yield f'<path class="land" fill-rule="evenodd" d="{"".join(pieces)}"/>'


def _grid(projection: Projection) -> Iterator[str]:
    south, west, north, east = projection.bounds
    step = _round_step((north - south) / 3)
    wide = _round_step((east - west) / 6)
    for latitude in _multiples(step, max(south, -90), min(north, 90)):
        y = projection.to_pixels((latitude, west))[1]
        yield f'<path class="grid" d="M0 {y:.1f}H{WIDTH}"/><text class="small" x="4" y="{y - 3:.1f}">{_degrees(latitude, "NS")}</text>'
    for longitude in _multiples(wide, west, east):
        x = projection.to_pixels((south, longitude))[0]
        shown = (longitude + 180) % 360 - 180
        yield f'<path class="grid" d="M{x:.1f} 0V{HEIGHT}"/><text class="small" x="{x + 3:.1f}" y="12">{_degrees(shown, "EW")}</text>'


def _curves(projection: Projection, curves: Iterator[Sequence[Point]]) -> Iterator[str]:
    for curve in curves:
        yield f'<path class="way" d="{"".join(_path(projection, piece) for piece in _unbroken(curve))}"/>'


def _unbroken(curve: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """Cut a way where it leaves the drawing on one side and comes back on the other, as one around the world does."""
    begin = 0
    for place, (point, following) in enumerate(pairwise(curve), start=1):
        if abs(following[1] - point[1]) > 180:
            yield curve[begin:place]
            begin = place
    yield curve[begin:]


def _labels(projection: Projection, marks: Sequence[Mark]) -> Iterator[str]:
    """Put each label beside its point, further down where another one is already."""
    taken: list[tuple[float, float, float]] = []
    for mark in marks:
        x, y = projection.to_pixels(mark.point)
        label = mark.label if len(mark.label) <= LABEL_LETTERS else mark.label[: LABEL_LETTERS - 1] + "…"
        width = LETTER_WIDTH * len(label)
        left = x + 8 if x + 8 + width < WIDTH else x - 8 - width
        line = _free_line(taken, left, width, y + 4)
        taken.append((left, width, line))
        yield f'<circle class="dot {mark.kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        yield f'<text x="{left:.1f}" y="{line:.1f}">{escape(label)}</text>'


def _free_line(taken: Sequence[tuple[float, float, float]], left: float, width: float, wanted: float) -> float:
    line = wanted
    while any(abs(line - other) < LINE_HEIGHT and left < start + wide and start < left + width for start, wide, other in taken):
        line += LINE_HEIGHT
    return line if line < HEIGHT else wanted


def _scale_bar(projection: Projection) -> Iterator[str]:
    km = _round_step(projection.km_per_pixel * WIDTH / 5)
    length = km / projection.km_per_pixel
    x, y = WIDTH - 16 - length, HEIGHT - 14
    yield f'<path d="M{x:.1f} {y - 5}V{y}H{x + length:.1f}V{y - 5}" fill="none" stroke="#1d2733" stroke-width="1.4"/>'
    yield f'<text class="small" x="{x:.1f}" y="{y - 9}">{km:g} km</text>'


def _path(projection: Projection, points: Sequence[Point]) -> str:
    pixels = [projection.to_pixels(point) for point in points]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels)


def _round_step(wanted: float) -> float:
    """Give the largest 1, 2 or 5 times a power of ten that is not above."""
    power = float(10 ** floor(log10(wanted)))
    return next(power * times for times in (5, 2, 1) if power * times <= wanted * 1.0001)


def _multiples(step: float, low: float, high: float) -> list[float]:
    return [round(number * step, 6) for number in range(ceil(low / step), floor(high / step) + 1)]


def _degrees(value: float, names: str) -> str:
    return f"{abs(value):g}° {names[value < 0]}"
