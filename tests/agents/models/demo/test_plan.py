"""The demo model writes a travel plan down."""

import json

from pydantic import BaseModel

from agents.models.demo.places import PLACES
from agents.travel.checks import check
from agents.travel.plan import Plan, read_plan
from tests.agents.models.demo.conversation import history, said


class Another(BaseModel):
    days: list[int]
    title: str


def write(prompt: str) -> Plan:
    plan = read_plan(said(history(prompt), json_output=Plan)).plan
    assert plan is not None
    return plan


def test_every_place_has_a_plan_that_holds() -> None:
    for place in PLACES:
        trip = write(f"Four days in {place.name} from {'Rome' if place.name != 'Rome' else 'Paris'}, 2027-05-01")

        assert check(trip) == []
        assert trip.destination.name == place.name
        assert trip.destination.point is not None
        assert len(trip.flights) == 2


def test_one_day_needs_no_bed() -> None:
    assert write("One day in Rome").lodgings == ()


def test_another_form_is_filled_in_as_before() -> None:
    assert set(json.loads(said(history("Four days in Rome"), json_output=Another))) == {"days", "title"}
