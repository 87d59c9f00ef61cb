"""What a planner would check is checked."""

from typing import Any

import pytest

from agents.travel.checks import check
from tests.agents.travel.plans import PARIS, flight, plan, values

STAY = values()["lodgings"][0]
DAYS = values()["days"]


def cost(amount: float, currency: str = "EUR") -> dict[str, Any]:
    return {"what": "Taxi", "category": "transport", "amount": amount, "currency": currency, "is_estimate": True}


def activities(*spans: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return [DAYS[0] | {"activities": [{"what": what, "begins": begins, "ends": ends} for what, begins, ends in spans]}, *DAYS[1:]]


def test_a_good_plan_has_no_findings() -> None:
    assert check(plan()) == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"days": [DAYS[0], DAYS[2]]}, "3 May 2027 does not follow 1 May 2027"),
        ({"days": [DAYS[1], DAYS[0], DAYS[2]]}, "1 May 2027 does not follow 2 May 2027"),
        ({"days": []}, "has no days"),
        ({"days": activities(("Walk", "12:00", "11:00"))}, "“Walk” ends before it begins"),
        ({"days": activities(("Walk", "10:00", "12:00"), ("Swim", "11:00", None))}, "“Swim” begins before “Walk” is over"),
        ({"flights": [flight("XQX", "CDG", "2027-04-30 22:00", "2027-05-01 11:15")]}, "No airport has the code XQX"),
        ({"flights": [flight("CDG", "CDG", "2027-05-01 09:00", "2027-05-01 11:15")]}, "goes nowhere"),
        ({"flights": [flight("LHR", "CDG", "2027-05-01 10:00", "2027-05-01 10:30")]}, "arrives before it leaves"),
        ({"flights": [flight("JFK", "CDG", "2027-04-30 22:00", "2027-05-01 06:00")]}, "takes 2:00 by its times: too short"),
        (
            {
                "flights": [
                    flight("JFK", "CDG", "2027-04-30 22:00", "2027-05-01 11:15"),
                    flight("CDG", "JFK", "2027-05-01 09:00", "2027-05-01 11:20"),
                ]
            },
            "CDG–JFK leaves before the flight JFK–CDG has arrived",
        ),
        ({"lodgings": [STAY | {"check_out": "2027-05-01"}]}, "check-out is not after check-in"),
        ({"lodgings": [STAY | {"check_out": "2027-05-02"}]}, "no lodging for the night of 2 May 2027"),
        ({"lodgings": [STAY, STAY | {"name": "Hotel B"}]}, "“Hotel A” and “Hotel B” are booked for the same night"),
        ({"lodgings": [STAY | {"check_in": "2027-04-30"}]}, "before the arrival on 1 May 2027"),
        ({"lodgings": [STAY | {"check_in": "2028-05-01", "check_out": "2028-05-02"}]}, "is outside the days of the plan"),
        ({"flights": [flight("JFK", "CDG", "2027-06-30 22:00", "2027-07-01 11:15")]}, "is outside the days of the plan"),
        ({"total": 1000.31}, "given as 1,000.31, but the costs add up to 1,000.30 EUR"),
        ({"costs": [cost(5), cost(5, "USD")]}, "in several currencies (EUR, USD)"),
        ({"costs": [cost(1000.30, "USD")]}, "The total is in EUR, the costs are in USD"),
        ({"costs": [cost(-5)], "total": -5}, "costs less than nothing"),
        ({"destination": PARIS | {"timezone": "Europe/Lutetia"}}, "“Europe/Lutetia” at Paris is no time zone"),
        ({"destination": PARIS | {"timezone": "../../etc/passwd"}}, "is no time zone"),
        ({"destination": PARIS | {"timezone": None}}, "time zone of Paris is not given"),
        ({"destination": PARIS | {"latitude": 148.9}}, "coordinates of Paris are not on the globe"),
    ],
)
def test_each_fault_is_found(changed: dict[str, Any], finding: str) -> None:
    found = check(plan(**changed))

    assert any(finding in sentence for sentence in found), found
    assert all(sentence.endswith(".") for sentence in found)


def test_cents_add_up() -> None:
    assert check(plan(costs=[cost(0.1)] * 3, total=0.3)) == []


def test_a_day_won_over_the_date_line_is_no_fault() -> None:
    """Tokyo 17:00 to Los Angeles 11:00 of the same day is nine and a half hours later."""
    days = [DAYS[0] | {"activities": []}]
    flights = [flight("NRT", "LAX", "2027-05-01 17:00", "2027-05-01 11:00")]

    assert check(plan(days=days, flights=flights, lodgings=[])) == []


def test_a_night_in_the_air_needs_no_bed() -> None:
    days = [DAYS[0] | {"date": "2027-04-30", "activities": []}, *DAYS]

    assert check(plan(days=days)) == []
