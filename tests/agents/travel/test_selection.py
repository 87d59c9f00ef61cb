"""The next speaker is found in an answer of any shape, or by turn order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.travel.roles import ROLES
from agents.travel.selection import find_speaker, next_in_order

NAMES = [role.name for role in ROLES]


@pytest.mark.parametrize(
    ("answer", "speaker"),
    [
        ("Hotel_Agent", "Hotel_Agent"),
        ("hotel_agent", "Hotel_Agent"),
        ("**Hotel Agent**", "Hotel_Agent"),
        ("`Hotel\\_Agent`", "Hotel_Agent"),
        ("HotelAgent.", "Hotel_Agent"),
        ("hotel-agent", "Hotel_Agent"),
        ("Hotel", "Hotel_Agent"),
        ("the flight agent", "Flight_Agent"),
        ('{"role": "Hotel_Agent"}', "Hotel_Agent"),
        ("After Travel_Advisor, the next role is Hotel_Agent.", "Hotel_Agent"),
        ("Flight_Agent or Hotel_Agent could speak.\n\nFlight_Agent", "Flight_Agent"),
        ("<think>Evaluator? No, the hotel first.</think>Hotel_Agent", "Hotel_Agent"),
        pytest.param("<think>" * 20_000 + "Hotel_Agent", "Hotel_Agent", id="thinks without end"),
        ("Travel_Advisor", None),
        ("Hotel_Agent and Flight_Agent", None),
        ("Agent", None),
        ("Bob", None),
        ("", None),
        ("I would book a hotel now, and then see.", None),
        ("Hotel_Agents", "Hotel_Agent"),
    ],
)
def test_names_are_matched_tolerantly(answer: str, speaker: str | None) -> None:
    candidates = [name for name in NAMES if name != "Travel_Advisor"]

    assert find_speaker(answer, NAMES, candidates) == speaker


@given(st.text(), st.sampled_from(NAMES))
def test_whatever_is_answered_only_a_candidate_is_found(answer: str, last: str) -> None:
    candidates = [name for name in NAMES if name != last]

    assert find_speaker(answer, NAMES, candidates) in [*candidates, None]


def test_turn_order_lets_everybody_speak_and_then_goes_round() -> None:
    spoken: list[str] = []
    for _ in range(9):
        last = spoken[-1] if spoken else None
        candidates = [name for name in NAMES if name != last]
        spoken.append(next_in_order(NAMES, candidates, [name for name in NAMES if name not in spoken], last))

    assert spoken[:4] == NAMES
    assert all(first != second for first, second in pairwise(spoken))
    assert spoken == NAMES * 2 + NAMES[:1]
