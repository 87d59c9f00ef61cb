"""The built-in tools, end to end against local services that speak as the real ones do."""

import asyncio
import json
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ToolCallExecutionEvent, ToolCallRequestEvent

from agents.models.demo import DemoClient
from agents.tools.built_in import built_in_tools
from agents.tools.web import WebClient
from state.errors import SettingsError
from state.settings import load_settings
from tests.agents.tools.conftest import Call, Told
from tests.services import Services, Trouble


def parts(told: Told) -> dict[str, Any]:
    """A result's parts; an error has none."""
    assert not told.is_error, told.text
    result: dict[str, Any] = json.loads(told.text)
    return result


def test_the_weather_now_and_on_the_next_days(call: Call) -> None:
    weather = parts(call("get_weather", place="Tokyo", days=2))

    assert weather == {
        "place": "Tokyo, Japan",
        "now": "2026-11-22 14:15 (Europe/Paris): 7.2 °C, feels like 4.9 °C, slight rain, wind 12.6 km/h, humidity 81 %",
        "forecast": [
            "2026-11-22: overcast, 3.4 to 9.1 °C, precipitation 1.2 mm, chance of it 55 %",
            "2026-11-23: overcast, 3.4 to 9.1 °C, precipitation 1.2 mm, chance of it 55 %",
        ],
        "source": "Open-Meteo.com",
    }


def test_the_weather_in_other_units(call: Call, services: Services) -> None:
    assert "feels like 4.9 °F" in parts(call("get_weather", place="Tokyo", unit="fahrenheit"))["now"]
    asked = services.asked[-1].query

    assert (asked["temperature_unit"], asked["wind_speed_unit"], asked["precipitation_unit"]) == ("fahrenheit", "mph", "inch")
    assert "unit: Input should be 'celsius' or 'fahrenheit'" in call("get_weather", place="Tokyo", unit="rankine").text


def test_an_ambiguous_place_is_the_most_populous_and_the_others_are_named(call: Call) -> None:
    weather = parts(call("get_weather", place="Paris"))

    assert weather["place"] == "Paris, Île-de-France, France"
    assert weather["note"] == "The most populous place of that name was taken. There is also: Paris, Texas, United States."


@pytest.mark.parametrize("place", ["Paris, Texas", "paris, texas, USA", "Paris, United States", "Paris,US"])
def test_a_country_or_state_after_a_comma_tells_which(call: Call, place: str) -> None:
    assert parts(call("get_weather", place=place))["place"] == "Paris, Texas, United States"


def test_accents_do_not_matter(call: Call) -> None:
    assert "note" not in parts(call("get_weather", place="Paris, Ile-de-France"))


@pytest.mark.parametrize("name", ["get_weather", "local_time"])
def test_an_unknown_place_is_said_and_what_there_is_instead(call: Call, name: str) -> None:
    nowhere = call(name, place="Xyzzy")
    elsewhere = call(name, place="Paris, Belgium")

    assert nowhere == Told("No place named “Xyzzy” is known. Check the spelling, or ask the user which place is meant.", True)
    assert elsewhere.is_error
    assert "There is: Paris, Île-de-France, France; Paris, Texas, United States." in elsewhere.text
    assert call(name, place=" , ").is_error


def test_a_place_of_which_little_is_known(call: Call) -> None:
    assert parts(call("get_weather", place="Bare"))["place"] == "Bare"
    assert call("local_time", place="Bare").text.startswith("The time zone of Bare is not known.")
    assert call("local_time", place="Nowhere").text.startswith("The time zone of Nowhere, Atlantis is not known.")


def test_the_time_somewhere(call: Call, services: Services) -> None:
    tokyo = parts(call("local_time", place="Tokyo"))

    assert tokyo["place"] == "Tokyo, Japan"
    assert tokyo["time"].endswith("(Asia/Tokyo, JST)")
    services.forget()
    assert parts(call("local_time", place="utc"))["time"].endswith("(UTC, UTC)")
    assert parts(call("local_time", place="Asia/Tokyo"))["time"].endswith("(Asia/Tokyo, JST)")
    assert services.asked == []


@pytest.mark.parametrize("place", ["../../etc/passwd", "/etc/passwd", "Europe/", "Europe/Nowhere", "a\x00/b"])
def test_a_time_zone_is_no_way_to_a_file(call: Call, place: str) -> None:
    assert call("local_time", place=place).text.startswith("No place named")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("UTC", "Tokyo", "Tokyo, Japan is 9 h ahead of UTC now."),
        ("Kathmandu", "Tokyo", "Tokyo, Japan is 3 h 15 min ahead of Kathmandu, Bagmati, Nepal now."),
        ("Tokyo", "UTC", "UTC is 9 h behind Tokyo, Japan now."),
        ("Asia/Tokyo", "Tokyo", "Asia/Tokyo and Tokyo, Japan have the same time now."),
    ],
)
def test_the_time_difference(call: Call, first: str, second: str, told: str) -> None:
    assert parts(call("time_difference", first=first, second=second))["difference"] == told


def test_money_at_the_reference_rate(call: Call) -> None:
    assert parts(call("convert_currency", amount=20, source="eur", target="JPY")) == {
        "result": "20 EUR = 3,628.40 JPY",
        "rate": "1 EUR = 181.42 JPY, of 2026-11-20",
        "note": "A reference rate: banks and shops add their own margin.",
        "source": "European Central Bank reference rates, by Frankfurter.dev",
    }


def test_currencies_without_a_rate(call: Call) -> None:
    unknown = "The European Central Bank publishes no rate for XYZ. It has: EUR, JPY, USD."

    assert call("convert_currency", amount=1, source="XYZ", target="EUR") == Told(unknown, True)
    assert call("convert_currency", amount=1, source="EUR", target="XYZ") == Told(unknown, True)
    assert call("convert_currency", amount=1, source="EUR", target="eur").text.startswith("Both currencies are EUR")
    assert "The call was not made" in call("convert_currency", amount=1, source="../x", target="EUR").text
    assert "The call was not made" in call("convert_currency", amount=float("nan"), source="USD", target="EUR").text


def test_a_place_on_the_map(call: Call, services: Services) -> None:
    assert parts(call("find_place", name="Lisbon")) == {
        "place": "Lisbon, Portugal",
        "kind": "boundary / administrative",
        "coordinates": "38.7077507, -9.1365919 (latitude, longitude)",
        "map": "https://www.openstreetmap.org/relation/5400890",
        "also": ["Lisbon, Androscoggin County, Maine, United States (42.0311, -71.3)"],
        "source": "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright",
    }
    assert call("find_place", name="Xyzzy").text.startswith("OpenStreetMap knows no place “Xyzzy”.")


SERVICES = [
    ("/geocoding/search", "get_weather", {"place": "Paris"}, "Open-Meteo.com"),
    ("/weather/forecast", "get_weather", {"place": "Paris"}, "Open-Meteo.com"),
    ("/geocoding/search", "local_time", {"place": "Paris"}, "Open-Meteo.com"),
    ("/geocoding/search", "time_difference", {"first": "Paris", "second": "UTC"}, "Open-Meteo.com"),
    ("/currency/latest", "convert_currency", {"amount": 1, "source": "EUR", "target": "USD"}, "Frankfurter.dev"),
    ("/places/search", "find_place", {"name": "Lisbon"}, "OpenStreetMap's Nominatim"),
]
TROUBLES: list[Trouble] = ["down", "silent", "huge", "malformed", "another shape"]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("path", "name", "arguments", "service"), SERVICES)
def test_a_service_in_trouble_is_named(
    call: Call, services: Services, path: str, name: str, arguments: dict[str, Any], service: str, trouble: Trouble
) -> None:
    services.trouble[path] = trouble
    told = call(name, **arguments)

    assert told.is_error
    assert told.text.startswith(f"{service} ")
    assert services.address not in told.text


PROMPTS = [
    ("What is the weather in Paris?", "get_weather", "slight rain"),
    ("What is the weather in Tokyo and in Paris?", "get_weather", "Tokyo, Japan"),
    ("What time is it in Tokyo?", "local_time", "JST"),
    ("What is the time difference between Tokyo and Paris?", "time_difference", "behind Tokyo"),
    ("How much is 20 EUR in JPY?", "convert_currency", "3,628.40 JPY"),
    ("What is 17 * 23?", "calculate", "391"),
    ("Where is Lisbon?", "find_place", "Lisbon, Portugal"),
]


@pytest.mark.parametrize(("prompt", "name", "said"), PROMPTS)
@pytest.mark.usefixtures("services")
def test_an_agent_with_the_demo_model_calls_each_tool_and_speaks_of_its_result(prompt: str, name: str, said: str) -> None:
    async def asking() -> tuple[set[str], list[bool], str]:
        web = WebClient("Roundtable/test", seconds=2)
        tools = built_in_tools(load_settings(env_file=None), web)
        agent = AssistantAgent("assistant", DemoClient(0), tools=[*tools], reflect_on_tool_use=True, max_tool_iterations=5)
        messages = (await agent.run(task=prompt)).messages
        await web.close()
        called = {call.name for message in messages if isinstance(message, ToolCallRequestEvent) for call in message.content}
        errors = [bool(each.is_error) for message in messages if isinstance(message, ToolCallExecutionEvent) for each in message.content]
        return called, errors, messages[-1].to_text()

    called, errors, text = asyncio.run(asking())
    assert called == {name}
    assert not any(errors)
    assert said in text


@pytest.mark.parametrize("name", ["ROUNDTABLE_WEATHER_URL", "ROUNDTABLE_CONTACT", "ROUNDTABLE_TOOL_TIMEOUT"])
def test_settings_that_cannot_be_used_stop_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "here (and\nthere)")

    with pytest.raises(SettingsError, match=name):
        load_settings(env_file=None)


def test_every_tool_says_what_it_is_and_only_reads(services: Services) -> None:
    tools = built_in_tools(load_settings(env_file=None), WebClient("Roundtable/test", seconds=2))

    assert len({tool.name for tool in tools}) == len(tools) == 6
    assert all(tool.title and tool.summary and tool.permission == "always" for tool in tools)
    assert all(tool.schema["parameters"]["additionalProperties"] is False for tool in tools)
