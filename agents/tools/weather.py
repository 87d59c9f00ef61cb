"""The weather now and on the next days, from Open-Meteo: https://open-meteo.com/en/docs."""

from typing import Literal

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Answer, Arguments, plain, to_text
from agents.tools.geocoding import Geocoder, Place
from agents.tools.tool import GuardedTool, ToolFailed
from agents.tools.web import Service, WebClient

CACHE_SECONDS = 600.0
"""The service works out the present weather anew every 15 minutes."""
FORECAST_DAYS = 16
"""As far as the service looks ahead."""

_UNITS = {
    "celsius": {"temperature_unit": "celsius", "wind_speed_unit": "kmh", "precipitation_unit": "mm"},
    "fahrenheit": {"temperature_unit": "fahrenheit", "wind_speed_unit": "mph", "precipitation_unit": "inch"},
}

_SKY = {
    0: "clear sky",
    1: "mainly clear",
    2: "partly cloudy",
    3: "overcast",
    45: "fog",
    48: "depositing rime fog",
    51: "light drizzle",
    53: "moderate drizzle",
    55: "dense drizzle",
    56: "light freezing drizzle",
    57: "dense freezing drizzle",
    61: "slight rain",
    63: "moderate rain",
    65: "heavy rain",
    66: "light freezing rain",
    67: "heavy freezing rain",
    71: "slight snowfall",
    73: "moderate snowfall",
    75: "heavy snowfall",
    77: "snow grains",
    80: "slight rain showers",
    81: "moderate rain showers",
    82: "violent rain showers",
    85: "slight snow showers",
    86: "heavy snow showers",
    95: "thunderstorm",
    96: "thunderstorm with slight hail",
    99: "thunderstorm with heavy hail",
}
"""The WMO's codes as the service's documentation words them."""


class WeatherArguments(Arguments):
    place: str = Field(min_length=1, max_length=200, description="A town or city; a country or state after a comma tells which")
    unit: Literal["celsius", "fahrenheit"] = Field("celsius", description="fahrenheit also gives miles per hour and inches")
    days: int = Field(3, ge=1, le=FORECAST_DAYS, description="How many days of forecast, today included")


class _Now(Answer):
    time: str = Field(max_length=40)
    temperature_2m: float
    apparent_temperature: float
    relative_humidity_2m: float
    weather_code: int
    wind_speed_10m: float


class _Days(Answer):
    time: tuple[str, ...]
    weather_code: tuple[int | None, ...]
    temperature_2m_max: tuple[float | None, ...]
    temperature_2m_min: tuple[float | None, ...]
    precipitation_sum: tuple[float | None, ...]
    precipitation_probability_max: tuple[float | None, ...]
    """Parts of the last days may be null."""


class _Forecast(Answer):
    timezone: str
    current: _Now
    daily: _Days


class Weather(GuardedTool[WeatherArguments]):
    """Weather for a place anywhere."""

    def __init__(self, web: WebClient, geocoder: Geocoder, url: str) -> None:
        super().__init__(
            WeatherArguments,
            "get_weather",
            "The weather at a place now, and its forecast for up to 16 days.",
            title="Weather",
            summary="The weather now and the forecast for any place, from Open-Meteo.com.",
        )
        self._web = web
        self._geocoder = geocoder
        self._service = Service("Open-Meteo.com", url, CACHE_SECONDS)

    async def run(self, args: WeatherArguments, cancellation_token: CancellationToken) -> str:
        place, note = await self._geocoder.find(args.place)
        forecast = await self._web.get(self._service, "/forecast", _query(place, args), _Forecast)
        return to_text(
            {
                "place": place.full_name,
                "note": note,
                "now": f"{forecast.current.time.replace('T', ' ')} ({forecast.timezone}): {_now(forecast.current, args.unit)}",
                "forecast": _days(forecast.daily, args.unit),
                "source": self._service.name,
            }
        )


def _query(place: Place, args: WeatherArguments) -> dict[str, str]:
    return {
        "latitude": str(place.latitude),
        "longitude": str(place.longitude),
        "current": ",".join(name for name in _Now.model_fields if name != "time"),
        "daily": ",".join(name for name in _Days.model_fields if name != "time"),
        "timezone": "auto",
        "forecast_days": str(args.days),
    } | _UNITS[args.unit]


def _now(now: _Now, unit: str) -> str:
    degrees = _degrees(unit)
    return (
        f"{plain(now.temperature_2m)} {degrees}, feels like {plain(now.apparent_temperature)} {degrees}, {_sky(now.weather_code)}, "
        f"wind {plain(now.wind_speed_10m)} {'mph' if unit == 'fahrenheit' else 'km/h'}, humidity {plain(now.relative_humidity_2m)} %"
    )


def _days(days: _Days, unit: str) -> list[str]:
    parts = (
        days.weather_code,
        days.temperature_2m_min,
        days.temperature_2m_max,
        days.precipitation_sum,
        days.precipitation_probability_max,
    )
    if {len(part) for part in parts} != {len(days.time)}:
        raise ToolFailed("Open-Meteo.com answered with a forecast that has holes. Try once more, or say so.")
    return [_day(unit, *day) for day in zip(days.time, *parts, strict=True)]


def _day(unit: str, date: str, code: int | None, low: float | None, high: float | None, amount: float | None, chance: float | None) -> str:
    told = [
        _sky(code) if code is not None else "",
        f"{plain(low)} to {plain(high)} {_degrees(unit)}" if low is not None and high is not None else "",
        f"precipitation {plain(amount)} {'in' if unit == 'fahrenheit' else 'mm'}" if amount is not None else "",
        f"chance of it {plain(chance)} %" if chance is not None else "",
    ]
    return f"{date}: {', '.join(filter(None, told)) or 'nothing is known yet'}"


def _sky(code: int) -> str:
    return _SKY.get(code, f"weather code {code}")


def _degrees(unit: str) -> str:
    return "°F" if unit == "fahrenheit" else "°C"
