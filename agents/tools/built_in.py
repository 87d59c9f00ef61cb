"""The tools that come with Roundtable: they only read, and need no key."""

from typing import Any

from agents.tools.calculator import Calculator
from agents.tools.clock import LocalTime, TimeDifference
from agents.tools.currency import Currency
from agents.tools.geocoding import Geocoder
from agents.tools.places import Places
from agents.tools.tool import GuardedTool
from agents.tools.weather import Weather
from agents.tools.web import WebClient
from state.settings import Settings


def built_in_tools(settings: Settings, web: WebClient) -> tuple[GuardedTool[Any], ...]:
    """Make them all. They hold nothing of a conversation, so one set serves everybody."""
    geocoder = Geocoder(web, settings.geocoding_url)
    return (
        Weather(web, geocoder, settings.weather_url),
        LocalTime(geocoder),
        TimeDifference(geocoder),
        Currency(web, settings.currency_url),
        Calculator(),
        Places(web, settings.places_url),
    )
