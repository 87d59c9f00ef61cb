"""The demo model calls tools."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any, Literal

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ToolCallExecutionEvent, ToolCallRequestEvent
from autogen_core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage, LLMMessage
from autogen_core.tools import FunctionTool, ToolSchema

from agents.application import Application
from agents.assistant import ASSISTANT
from agents.models.demo import DemoClient
from state.events import AgentMessage, InputAnswered, InputRequested, UserMessage
from state.settings import load_settings
from tests.agents.models.demo.conversation import called, history, said
from tests.conftest import ALICE, wait_until


def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
    """The weather in a city."""
    return f"The weather in {city} is 22 degrees {unit} and sunny."


def local_time(place: str) -> str:
    """The time of day at a place."""
    return f"{place}: 12:00"


def time_difference(first: str, second: str) -> str:
    """Hours between two places."""
    return f"{first}, {second}: 6"


def convert_currency(amount: float, source: str, target: str) -> dict[str, Any]:
    """Convert an amount of money."""
    return {"amount": amount * 2, "currency": target, "from": source}


def calculate(expression: str) -> str:
    """Work out an arithmetic expression."""
    if expression != "12 * (3+4)":
        raise ValueError(expression)
    return "84"


def find_place(name: str) -> str:
    """Look up where a place is."""
    return name


FUNCTIONS: tuple[Callable[..., Any], ...] = (get_weather, local_time, time_difference, convert_currency, calculate, find_place)
TOOLS = [FunctionTool(function, description=function.__doc__ or "") for function in FUNCTIONS]

CASES: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
    ("What's the weather in Paris?", [("get_weather", {"city": "Paris"})]),
    ("weather in oslo, in Fahrenheit", [("get_weather", {"city": "Oslo", "unit": "fahrenheit"})]),
    ("How warm is it in Paris and Rome today?", [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Rome"})]),
    ("What time is it in Tokyo?", [("local_time", {"place": "Tokyo"})]),
    ("What is the time difference between Berlin and New York?", [("time_difference", {"first": "Berlin", "second": "New York"})]),
    ("What's the weather in Rome and what time is it there?", [("get_weather", {"city": "Rome"}), ("local_time", {"place": "Rome"})]),
    ("Convert 100 euros to dollars", [("convert_currency", {"amount": 100, "source": "EUR", "target": "USD"})]),
    ("How many GBP is 20 USD?", [("convert_currency", {"amount": 20, "source": "USD", "target": "GBP"})]),
    ("CHF to EUR", [("convert_currency", {"amount": 1, "source": "CHF", "target": "EUR"})]),
    ("What is 12 * (3+4)?", [("calculate", {"expression": "12 * (3+4)"})]),
    ("Where is Lisbon?", [("find_place", {"name": "Lisbon"})]),
    ("Use find_place for Oslo", [("find_place", {"name": "Oslo"})]),
]


@pytest.mark.parametrize(("prompt", "calls"), CASES)
def test_the_prompt_s_words_choose_the_tool_and_give_its_arguments(prompt: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    made = called(history(prompt), tools=TOOLS)

    assert [(call.name, json.loads(call.arguments)) for call in made] == calls
    assert len({call.id for call in made}) == len(made)


def test_a_query_for_places_is_the_place_and_any_other_the_prompt() -> None:
    parameters: Any = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"], "additionalProperties": False}
    find: ToolSchema = {"name": "find_place", "description": "Find a place on the map.", "parameters": parameters}
    search: ToolSchema = {"name": "search_recipes", "description": "Search a cookery book.", "parameters": parameters}

    assert [call.arguments for call in called(history("Where is Oslo?"), tools=[find])] == ['{"query": "Oslo"}']
    assert [call.arguments for call in called(history("Recipes with leek?"), tools=[search])] == ['{"query": "Recipes with leek?"}']


@pytest.mark.parametrize(
    "prompt",
    [
        "Hello",
        "What can you do?",
        "Write me a poem about the sea",
        "Explain asynchronous programming with an everyday example.",
        "Show me what an answer can look like.",
        "I was born in 1990-05-12 and have 3-4 friends",
    ],
)
def test_no_tool_fits_plain_talk(prompt: str) -> None:
    assert said(history(prompt), tools=TOOLS)


def test_a_missing_value_is_asked_for() -> None:
    text = said(history("What's the weather?"), tools=TOOLS)

    assert "`get_weather`" in text
    assert "`city`" in text


def test_places_and_tools_go_on_from_earlier_prompts() -> None:
    (there,) = called(history("I live in Oslo", "What's the weather there?"), tools=TOOLS)
    (follows,) = called(history("What's the weather in Paris?", "And in Rome?"), tools=TOOLS)

    assert (there.name, there.arguments) == ("get_weather", '{"city": "Oslo"}')
    assert (follows.name, follows.arguments) == ("get_weather", '{"city": "Rome"}')


def test_tool_choice_is_kept_to() -> None:
    prompt = history("What's the weather in Rome?")

    assert said(prompt, tools=TOOLS, tool_choice="none")
    assert [call.name for call in called(prompt, tools=TOOLS, tool_choice=TOOLS[1])] == ["local_time"]
    (forced,) = called(history("hm"), tools=TOOLS, tool_choice="required")
    assert json.loads(forced.arguments) == {"city": "Paris"}
    assert said(prompt, tools=[], tool_choice="required")


def test_arguments_of_every_type() -> None:
    schema: ToolSchema = {
        "name": "book_table",
        "description": "Book a table at a restaurant.",
        "parameters": {
            "type": "object",
            "properties": {
                "guests": {"type": "integer", "minimum": 1, "maximum": 12},
                "towns": {"type": "array", "items": {"type": "string"}, "description": "Towns to look in"},
                "place": {"type": "string", "enum": ["inside", "outside"]},
                "date": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "vegetarian": {"type": "boolean"},
                "title": {"type": "string"},
                "smoking": {"type": "boolean"},
                "note": {"type": "string"},
            },
            "required": ["guests", "place", "vegetarian", "smoking", "title"],
            "additionalProperties": False,
        },
    }
    (call,) = called(history('Book a table for 40, outside, tomorrow, vegetarian, titled "feast" in Rome or Oslo'), tools=[schema])

    assert json.loads(call.arguments) == {
        "guests": 12,
        "towns": ["Rome", "Oslo"],
        "place": "outside",
        "date": "tomorrow",
        "vegetarian": True,
        "title": "feast",
        "smoking": False,
    }


def after_tool(content: str, *, is_error: bool = False) -> list[LLMMessage]:
    messages = history("What's the weather in Paris?")
    calls = called(messages, tools=TOOLS)
    result = FunctionExecutionResult(content=content, name=calls[0].name, call_id=calls[0].id, is_error=is_error)
    return [*messages, AssistantMessage(content=calls, source="assistant"), FunctionExecutionResultMessage(content=[result])]


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_results_are_told_and_no_tool_is_called_again(choice: str) -> None:
    text = said(after_tool("Sunny."), tools=TOOLS, tool_choice=choice)

    assert "> Sunny." in text
    assert "city *Paris*" in text
    assert "**demo model**" in text


def test_no_other_tool_is_called_after_a_result_unless_one_must_be() -> None:
    forecast = FunctionTool(find_place, name="weather_forecast", description="The forecast for a place.")

    assert said(after_tool("Sunny."), tools=[*TOOLS, forecast])
    assert [call.name for call in called(after_tool("Sunny."), tools=[*TOOLS, forecast], tool_choice="required")] == ["weather_forecast"]
    assert said(after_tool("Sunny."), tools=TOOLS[:1], tool_choice="required")


def test_results_in_json_are_made_readable_and_errors_named() -> None:
    assert "- **sky**: clear" in said(after_tool('{"sky": "clear", "degrees": [1, 2]}'))
    assert "- a" in said(after_tool('["a", "b"]'))
    assert "{broken" in said(after_tool("{broken"))
    assert len(said(after_tool("x" * 100_000))) < 5000
    assert "failed" in said(after_tool("No such city.", is_error=True))


@pytest.mark.parametrize("reflect", [True, False])
def test_an_agent_calls_tools_at_once_and_speaks_of_their_results(reflect: bool) -> None:
    agent = AssistantAgent("assistant", DemoClient(0), tools=[*TOOLS], reflect_on_tool_use=reflect, model_client_stream=True)
    messages = asyncio.run(agent.run(task="What's the weather in Paris and Rome?")).messages

    (request,) = [message for message in messages if isinstance(message, ToolCallRequestEvent)]
    assert len(request.content) == 2
    assert "The weather in Paris" in messages[-1].to_text()
    assert "The weather in Rome" in messages[-1].to_text()


def test_an_agent_tells_a_tool_s_error() -> None:
    agent = AssistantAgent("assistant", DemoClient(0), tools=[*TOOLS], reflect_on_tool_use=True, max_tool_iterations=5)
    messages = asyncio.run(agent.run(task="What is 1 / 0?")).messages

    assert [message.content[0].is_error for message in messages if isinstance(message, ToolCallExecutionEvent)] == [True]
    assert "failed" in messages[-1].to_text()


def test_the_assistant_s_example_has_it_ask_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """And wait: the answer is what it goes on with."""
    monkeypatch.setenv("ROUNDTABLE_MODEL", "demo")
    with closing(Application(load_settings(env_file=None))) as app:
        store = app.store(ALICE)
        (example,) = [example for example in ASSISTANT.examples if example.startswith("Ask me")]
        run = app.runner.start(store, ASSISTANT, UserMessage(text=example))
        wait_until(lambda: store.waiting_run(run.record.conversation))
        (asked,) = [entry.event for entry in run.events_since(0) if isinstance(entry.event, InputRequested)]
        assert (asked.kind, asked.text, asked.choices) == ("question", "Where to next?", ("Sea", "Mountains"))
        app.runner.answer(store, ASSISTANT, run.record.conversation, InputAnswered(request_id=asked.request_id, text="The desert"))
        wait_until(lambda: run.is_over, timeout=30)
        said = [entry.event.text for entry in run.events_since(0) if isinstance(entry.event, AgentMessage)]

    assert "> The desert" in said[-1]
