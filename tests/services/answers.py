"""What each service answers, in the shapes of its public documentation."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

Query = Mapping[str, str]
Reply = tuple[int, Any]
"""A status, and what is sent as JSON."""

NOT_FOUND: Reply = (404, {"message": "not found"})


def _place(number: int, name: str, admin1: str, country: str, code: str, zone: str, latitude: float, longitude: float, people: int) -> Any:
    return {
        "id": number,
        "name": name,
        "latitude": latitude,
        "longitude": longitude,
        "elevation": 42.0,
        "feature_code": "PPL",
        "country_code": code,
        "admin1_id": number + 1,
        "timezone": zone,
        "population": people,
        "country_id": number + 2,
        "country": country,
        "admin1": admin1,
    }


PLACES: tuple[dict[str, Any], ...] = (
    _place(2988507, "Paris", "Île-de-France", "France", "FR", "Europe/Paris", 48.85341, 2.3488, 2138551),
    _place(4717560, "Paris", "Texas", "United States", "US", "America/Chicago", 33.66094, -95.55551, 24782),
    _place(1850144, "Tokyo", "Tokyo", "Japan", "JP", "Asia/Tokyo", 35.6895, 139.69171, 8336599),
    _place(1283240, "Kathmandu", "Bagmati", "Nepal", "NP", "Asia/Kathmandu", 27.70169, 85.3206, 1442271),
    _place(4409896, "Springfield", "Missouri", "United States", "US", "America/Chicago", 37.21533, -93.29824, 166810),
    _place(4951788, "Springfield", "Massachusetts", "United States", "US", "America/New_York", 42.10148, -72.58981, 154341),
    _place(99, "Nowhere", "", "Atlantis", "AT", "Atlantis/Nowhere", 0.0, 0.0, 0),
    {"id": 100, "name": "Bare", "latitude": 1.5, "longitude": 2.5},
)
CURRENCIES = {"EUR": "Euro", "JPY": "Japanese Yen", "USD": "United States Dollar"}
RATES = {"EUR": 1.0, "JPY": 181.42, "USD": 1.1545}
CURRENT = {
    "temperature_2m": 7.2,
    "apparent_temperature": 4.9,
    "relative_humidity_2m": 81,
    "weather_code": 61,
    "wind_speed_10m": 12.6,
}
DAILY = {
    "weather_code": 3,
    "temperature_2m_max": 9.1,
    "temperature_2m_min": 3.4,
    "precipitation_sum": 1.2,
    "precipitation_probability_max": 55,
}
FIRST_DAY = date(2026, 11, 22)
MAP: tuple[dict[str, Any], ...] = (
    {
        "place_id": 88066702,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "osm_type": "relation",
        "osm_id": 5400890,
        "lat": "38.7077507",
        "lon": "-9.1365919",
        "category": "boundary",
        "type": "administrative",
        "place_rank": 14,
        "importance": 0.72,
        "addresstype": "city",
        "name": "Lisbon",
        "display_name": "Lisbon, Portugal",
        "boundingbox": ["38.6913994", "38.7967584", "-9.2298356", "-9.0863328"],
    },
    {
        "place_id": 11,
        "osm_type": "node",
        "osm_id": 151529677,
        "lat": "42.0311",
        "lon": "-71.3",
        "category": "place",
        "type": "town",
        "name": "Lisbon",
        "display_name": "Lisbon, Androscoggin County, Maine, United States",
    },
)


def answer(path: str, query: Query, headers: Mapping[str, str]) -> Reply:
    """Answer as the service would whose path it is."""
    if path == "/places/search":
        return _map(query, headers)
    reply = _REPLIES.get(path)
    return reply(query) if reply else NOT_FOUND


def _geocoding(query: Query) -> Reply:
    found = [place for place in PLACES if len(query["name"]) > 1 and place["name"].lower().startswith(query["name"].lower())]
    timing = {"generationtime_ms": 0.6}
    return 200, {"results": found[: int(query["count"])]} | timing if found else timing


def _forecast(query: Query) -> Reply:
    current, daily, days = query["current"].split(","), query["daily"].split(","), int(query["forecast_days"])
    if unknown := [name for name in current if name not in CURRENT] + [name for name in daily if name not in DAILY]:
        reason = f"Data corrupted at path ''. Cannot initialize SurfacePressureAndHeightVariable from invalid String value {unknown[0]}."
        return 400, {"error": True, "reason": reason}
    dates = [str(FIRST_DAY + timedelta(days=day)) for day in range(days)]
    return 200, {
        "latitude": float(query["latitude"]),
        "longitude": float(query["longitude"]),
        "generationtime_ms": 0.1,
        "utc_offset_seconds": 3600,
        "timezone": "Europe/Paris",
        "timezone_abbreviation": "CET",
        "elevation": 38.0,
        "current_units": {"time": "iso8601", "temperature_2m": "°F" if query["temperature_unit"] == "fahrenheit" else "°C"},
        "current": {"time": "2026-11-22T14:15", "interval": 900} | {name: CURRENT[name] for name in current},
        "daily": {"time": dates} | {name: [DAILY[name]] * days for name in daily},
    }


def _past(query: Query) -> Reply:
    begin, end = date.fromisoformat(query["start_date"]), date.fromisoformat(query["end_date"])
    days = (end - begin).days + 1
    values = {"temperature_2m_max": 20.5, "temperature_2m_min": 10.5, "precipitation_sum": 2.0}
    dates = [str(begin + timedelta(days=day)) for day in range(days)]
    return 200, {"timezone": "Europe/Paris", "daily": {"time": dates} | {name: [values[name]] * days for name in query["daily"].split(",")}}


def _lodgings(query: Query) -> Reply:
    if not query["data"].startswith("[out:json]"):
        return 400, {"remark": "parse error"}
    tags = {"tourism": "hotel", "name": "Hôtel du Nord", "stars": "3", "website": "https://hotel.example/"}
    return 200, {"version": 0.6, "elements": [{"type": "node", "id": 1, "lat": 48.86, "lon": 2.35, "tags": tags}]}


def _rates(query: Query) -> Reply:
    base, symbol = query.get("base", "EUR"), query["symbols"]
    if base not in RATES or symbol not in RATES:
        return NOT_FOUND
    return 200, {"amount": 1.0, "base": base, "date": "2026-11-20", "rates": {symbol: round(RATES[symbol] / RATES[base], 5)}}


def _map(query: Query, headers: Mapping[str, str]) -> Reply:
    """Refuse who does not say what application asks, as the usage policy has it."""
    if headers.get("user-agent", "").startswith(("python-", "Python")) or query["format"] != "jsonv2":
        return 403, {"error": "Access blocked"}
    return 200, [place for place in MAP if query["q"].casefold() in str(place["display_name"]).casefold()][: int(query["limit"])]


_REPLIES: Mapping[str, Callable[[Query], Reply]] = {
    "/geocoding/search": _geocoding,
    "/weather/forecast": _forecast,
    "/currency/latest": _rates,
    "/currency/currencies": lambda _query: (200, CURRENCIES),
    "/climate": _past,
    "/overpass": _lodgings,
}
