"""What the weather usually is at a place in a month, from the last years' measurements and models (ERA5)."""

import asyncio
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from agents.travel.distance import Point
from agents.travel.fetch import Fetch

ADDRESS = "https://archive-api.open-meteo.com/v1/archive"
SOURCE = "Open-Meteo.com historical weather (CC BY 4.0), from ERA5 of the Copernicus Climate Change Service"
YEARS = 5
"""So many years are averaged: enough to see what is usual, few enough to ask politely (a request a year)."""
WET_DAY_MM = 1.0
"""From so much rain or melted snow a day counts as wet, as the WMO does."""
_DAILY = ("temperature_2m_max", "temperature_2m_min", "precipitation_sum")


@dataclass(frozen=True)
class Climate:
    """Means over all days of a month in several years."""

    month: int
    years: tuple[int, ...]
    """The years that had data."""
    high_celsius: float
    """Of the daily maxima, 2 m above the ground."""
    low_celsius: float
    rain_mm: float
    """In the whole month, snow melted."""
    wet_days: float
    """In the whole month, with 1 mm or more."""


async def find_climate(fetch: Fetch, point: Point, month: int, *, before_year: int) -> Climate | None:
    """Average a month over the five years before `before_year`. None when there was no data. Raises what `fetch` raises."""
    years = range(before_year - YEARS, before_year)
    answers = await asyncio.gather(*(fetch(ADDRESS, to_parameters(point, year, month)) for year in years))
    return parse_climate(dict(zip(years, answers, strict=True)), month)


def to_parameters(point: Point, year: int, month: int) -> dict[str, str]:
    """Give the parameters for one month of one year."""
    return {
        "latitude": f"{point[0]:.3f}",
        "longitude": f"{point[1]:.3f}",
        "start_date": f"{year}-{month:02}-01",
        "end_date": f"{year}-{month:02}-{monthrange(year, month)[1]}",
        "daily": ",".join(_DAILY),
        "timezone": "auto",
    }


def parse_climate(answers: Mapping[int, Mapping[str, Any]], month: int) -> Climate | None:
    """Average what Open-Meteo answered for each year. Missing days are left out; a year with none does not count."""
    years = {year: series for year, answer in answers.items() if all(series := [_numbers(answer, name) for name in _DAILY])}
    if not years:
        return None
    highs, lows, rain = ([day for series in years.values() for day in series[place]] for place in range(3))
    days = monthrange(max(years), month)[1]
    wet = sum(amount >= WET_DAY_MM for amount in rain) / len(rain) * days
    return Climate(month, tuple(years), round(fmean(highs), 1), round(fmean(lows), 1), round(fmean(rain) * days, 1), round(wet, 1))


def _numbers(answer: Mapping[str, Any], name: str) -> Sequence[float]:
    daily = answer.get("daily")
    values = daily.get(name) if isinstance(daily, dict) else None
    return [float(value) for value in values if isinstance(value, int | float)] if isinstance(values, list) else []
