"""The climate of a month is the mean of its days in several years."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agents.travel.climate import ADDRESS, find_climate, parse_climate, to_parameters

PARIS = (48.8566, 2.3522)


def answer(high: float | None, rain: list[float | None]) -> dict[str, Any]:
    """One year's answer, in Open-Meteo's shape."""
    days = len(rain)
    return {
        "latitude": 48.86,
        "daily_units": {"temperature_2m_max": "°C"},
        "daily": {
            "time": [f"2026-05-{day + 1:02}" for day in range(days)],
            "temperature_2m_max": [high] * days,
            "temperature_2m_min": [10.0] * days,
            "precipitation_sum": rain,
        },
    }


def test_days_of_several_years_are_averaged() -> None:
    found = parse_climate({2025: answer(20, [0.0, 2.0]), 2026: answer(22, [1.0, 0.9])}, 5)

    assert found is not None
    assert (found.years, found.high_celsius, found.low_celsius) == ((2025, 2026), 21, 10)
    assert (found.rain_mm, found.wet_days) == (30.2, 15.5)


def test_gaps_are_left_out() -> None:
    found = parse_climate({2024: {}, 2025: {"daily": None}, 2026: answer(20, [None, 4.0])}, 5)

    assert found is not None
    assert found.years == (2026,)
    assert found.wet_days == 31
    assert parse_climate({2026: {"error": True}}, 5) is None
    assert parse_climate({2026: answer(None, [1.0])}, 5) is None


def test_each_year_is_asked_for_the_whole_month() -> None:
    asked: list[Mapping[str, str]] = []

    async def fetch(url: str, data: Mapping[str, str]) -> Mapping[str, Any]:
        assert url == ADDRESS
        asked.append(data)
        return answer(20, [0.0])

    asyncio.run(find_climate(fetch, PARIS, 2, before_year=2026))

    assert [(data["start_date"], data["end_date"]) for data in asked][-2:] == [("2024-02-01", "2024-02-29"), ("2025-02-01", "2025-02-28")]
    assert len(asked) == 5
    assert to_parameters(PARIS, 2025, 12)["latitude"] == "48.857"
