"""What is read off a prompt."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.models.demo import reading


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("What's the weather in Paris?", ["Paris"]),
        ("weather in oslo", ["Oslo"]),
        ("Is it raining in New York, San Francisco and São Paulo?", ["New York", "San Francisco", "São Paulo"]),
        ("What Is The Weather In Rome?", ["Rome"]),
        ("new york or lisbon", ["New York", "Lisbon"]),
        ("Convert 100 USD to EUR on Monday", []),
        ("Tell me a story", []),
    ],
)
def test_places(text: str, places: list[str]) -> None:
    assert reading.places(text) == places


def test_from_and_to() -> None:
    text = "Fly me from Berlin to Paris"

    assert reading.origin(text) == "Berlin"
    assert reading.destinations(text) == ["Paris"]


@pytest.mark.parametrize(
    ("text", "numbers"), [("3, 4 and 5.5", [3, 4, 5.5]), ("1,000 of -2", [1000, -2]), ("a 5-day trip", [5]), ("9" * 5000, []), ("x2", [])]
)
def test_numbers(text: str, numbers: list[float]) -> None:
    assert reading.numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("a 5-day trip", 5),
        ("two days trip", 2),
        ("a weekend", 2),
        ("a long weekend", 3),
        ("one week", 7),
        ("400 days", 14),
        ("a trip", None),
    ],
)
def test_days(text: str, days: int | None) -> None:
    assert reading.days(text) == days


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Convert 100 euros to dollars", ["EUR", "USD"]),
        ("$50 in yen", ["USD", "JPY"]),
        ("How many GBP is 20 USD?", ["USD", "GBP"]),
        ("I won the europe cup", ["KRW"]),
    ],
)
def test_currencies_begin_with_that_of_the_amount(text: str, codes: list[str]) -> None:
    """A word that names a currency counts as one: nothing here understands."""
    assert reading.currencies(text) == codes


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("What is 12 * (3+4)?", "12 * (3+4)"),
        ("15% of 80", "15 / 100 * 80"),
        ("the square root of 144", "sqrt(144)"),
        ("2 plus 3 times 4", "2 + 3 * 4"),
        ("2^10", "2 ** 10"),
        ("born on 1990-05-12", None),
        ("no sum", None),
        ("((((", None),
    ],
)
def test_expressions(text: str, expression: str | None) -> None:
    assert reading.expression(text) == expression


@given(st.text())
@example("1" * 2_000 + "$" * 2_000)
def test_nothing_raises(text: str) -> None:
    for read in (
        reading.places,
        reading.numbers,
        reading.days,
        reading.currencies,
        reading.expression,
        reading.date,
        reading.timezones,
        reading.quoted,
    ):
        read(text)
