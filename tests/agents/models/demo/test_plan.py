"""The demo model writes a travel plan down."""

import json
from datetime import date

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


def test_a_trip_is_in_the_month_that_the_prompt_names() -> None:
    """On its first Saturday that is still to come. Without one, a month from today."""
    assert write("A weekend in Lisbon in May").days[0].date == date(2027, 5, 1)
    assert write("In January to Rome, for two days").days[0].date == date(2027, 1, 2)
    assert write("I may go to Rome for two days").days[0].date == date(2027, 1, 31)
    assert write("A weekend in May, from 2027-07-03, in Rome").days[0].date == date(2027, 7, 3)


def test_one_day_needs_no_bed() -> None:
    assert write("One day in Rome").lodgings == ()


def test_another_form_is_filled_in_as_before() -> None:
    assert set(json.loads(said(history("Four days in Rome"), json_output=Another))) == {"days", "title"}
