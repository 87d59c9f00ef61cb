"""A plan is drawn without asking anybody."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.travel.distance import Point
from agents.travel.land import land
from agents.travel.map import HEIGHT, WIDTH, draw_places, draw_trip
from agents.travel.projection import fit, unrolled
from tests.agents.travel.plans import PARIS, flight, plan, values

SVG = "{http://www.w3.org/2000/svg}"
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def read(drawing: str | None) -> ElementTree.Element:
    assert drawing is not None
    return ElementTree.fromstring(drawing)  # noqa: S314  # our own


def labels(drawing: str | None) -> list[str]:
    return [text.text or "" for text in read(drawing).iter(f"{SVG}text") if text.get("class") is None]


def test_places_and_lodgings_are_marked() -> None:
    assert labels(draw_places(plan())) == ["Paris", "Eiffel Tower", "Hotel A"]


def test_flights_are_drawn_once_for_there_and_back() -> None:
    drawing = draw_trip(plan())

    assert labels(drawing) == ["JFK", "CDG", "Paris"]
    assert len([path for path in read(drawing).iter(f"{SVG}path") if path.get("class") == "way"]) == 1
    assert "land" in str(drawing)


def test_nothing_known_is_no_map() -> None:
    assert draw_places(plan(destination={"name": "Away"}, days=[], lodgings=[])) is None
    assert draw_trip(plan(flights=[flight("XQX", "CDG", "2027-05-01 10:00", "2027-05-01 12:00")])) is None
    assert draw_places(plan(destination=PARIS | {"latitude": 1e9}, days=[], lodgings=[])) is None


@pytest.mark.parametrize("name", ['<script>alert(1)</script>" onload="x', "a\x00b\x08\ud800", "]]>", "日本語 & more", "x" * 300])
def test_a_label_is_text_and_nothing_else(name: str) -> None:
    drawing = read(draw_places(plan(destination=PARIS | {"name": name})))

    assert {element.tag.removeprefix(SVG) for element in drawing.iter()} == {"svg", "style", "rect", "path", "text", "circle"}
    assert not any(attribute.startswith("on") or "href" in attribute for element in drawing.iter() for attribute in element.attrib)


def test_a_drawing_names_no_address_but_its_own_kind() -> None:
    drawing = str(draw_trip(plan())) + str(draw_places(plan(title="https://evil.example")))

    assert drawing.replace("http://www.w3.org/2000/svg", "").count("http") == 0
    assert "url(" not in drawing


def test_labels_at_one_place_stand_below_each_other() -> None:
    stays = [values()["lodgings"][0] | {"name": f"Hotel {number}"} for number in range(4)]
    drawing = read(draw_places(plan(days=[], lodgings=stays)))
    lines = [float(text.get("y", 0)) for text in drawing.iter(f"{SVG}text") if text.get("class") is None]

    assert len(set(lines)) == 5


def test_the_pacific_is_crossed_where_it_is_narrower() -> None:
    assert [round(longitude) for _, longitude in unrolled([(35.7, 139.7), (34.0, -118.2)])] == [140, 242]
    assert labels(draw_trip(plan(flights=[flight("NRT", "LAX", "2027-05-01 17:00", "2027-05-01 11:00")], destination={"name": "x"}))) == [
        "NRT",
        "LAX",
    ]


def test_a_way_around_the_world_is_cut_at_the_edge() -> None:
    flights = [
        flight("LHR", "JFK", "2027-05-01 10:00", "2027-05-01 13:00"),
        flight("JFK", "NRT", "2027-05-01 15:00", "2027-05-02 18:00"),
        flight("NRT", "LAX", "2027-05-03 17:00", "2027-05-03 11:00"),
        flight("NRT", "LHR", "2027-05-04 10:00", "2027-05-04 16:00"),
    ]
    ways = [path.get("d", "") for path in read(draw_trip(plan(flights=flights))).iter(f"{SVG}path") if path.get("class") == "way"]
    pieces = [[float(point.split()[0]) for point in piece.split("L")] for way in ways for piece in way.split("M")[1:]]

    assert sum(way.count("M") for way in ways) > len(ways)
    assert all(abs(x - following) < WIDTH / 4 for piece in pieces for x, following in pairwise(piece))


@given(st.lists(POINTS, min_size=1, max_size=6))
def test_every_point_is_inside_the_drawing(points: list[Point]) -> None:
    shown = unrolled(points)
    projection = fit(shown, WIDTH, HEIGHT)

    for point in shown:
        x, y = projection.to_pixels(point)
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@given(POINTS, POINTS)
def test_any_place_can_be_drawn(first: Point, second: Point) -> None:
    destination = {"name": "A", "latitude": first[0], "longitude": first[1]}
    lodging = values()["lodgings"][0] | {"place": {"name": "B", "latitude": second[0], "longitude": second[1]}}

    read(draw_places(plan(destination=destination, lodgings=[lodging])))


def test_the_land_is_small_and_on_the_globe() -> None:
    assert sum(map(len, land())) < 6000
    assert all(-90 <= latitude <= 90 and -540 <= longitude <= 540 for ring in land() for latitude, longitude in ring)
