"""The demo model's client."""

import asyncio
import time

import pytest
from autogen_core.models import UserMessage
from autogen_core.tools import ToolSchema
from hypothesis import given
from hypothesis import strategies as st

from agents.models.demo import DemoClient
from tests.agents.models.demo.conversation import create, history, said, stream

PROMPTS = [
    "Hello",
    "What can you do?",
    "Show me what an answer can look like.",
    "Count to 30",
    "How do I connect a real model?",
    "Zebra",
    "",
]
SYSTEMS = [
    "You are a helpful assistant.",
    "You are a travel advisor.",
    "You are a hotel expert for travel.",
    "You are a flight specialist.",
    "You are an evaluator of travel plans. End with 'DONE'.",
    "Write all code in python. Reply only 'TERMINATE' if the task is done.",
]
WEATHER: ToolSchema = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False},
}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_it_streams_what_it_creates_and_always_the_same(prompt: str) -> None:
    """Word by word, then the same result."""
    whole = create(history(prompt))
    *words, last = stream(history(prompt))

    assert last == whole == create(history(prompt))
    assert "".join(str(word) for word in words) == whole.content
    assert len(words) > 10
    assert all(len(str(word).split()) == 1 for word in words)


def test_tool_calls_are_not_streamed_as_text() -> None:
    items = stream(history("What is the weather in Paris?"), tools=[WEATHER])

    assert items == [create(history("What is the weather in Paris?"), tools=[WEATHER])]


def test_usage_is_counted_and_added_up() -> None:
    client = DemoClient()
    first = asyncio.run(client.create(history("Zebra")))
    second = asyncio.run(client.create(history("Zebra")))

    assert first.usage == second.usage
    assert first.usage.prompt_tokens == 3
    assert first.usage.completion_tokens == len(str(first.content).split())
    assert client.total_usage().completion_tokens == 2 * first.usage.completion_tokens
    assert client.total_usage().prompt_tokens == 6


def test_it_says_what_it_can() -> None:
    info = DemoClient().model_info

    assert info["vision"]
    assert info["function_calling"]
    assert info["json_output"]
    assert info["structured_output"]


def test_no_messages_at_all_are_answered() -> None:
    assert said([])
    assert create([], tools=[WEATHER], tool_choice="required", json_output=True).content


@given(prompt=st.text(), before=st.text(), system=st.sampled_from(SYSTEMS))
def test_any_prompt_is_answered_with_words(prompt: str, before: str, system: str) -> None:
    assert said(history(before, prompt, system=system)).strip()
    assert said(history(prompt, system=system), json_output=True).strip()


@given(prompt=st.text(), choice=st.sampled_from(["auto", "required", "none"]))
def test_any_prompt_goes_with_tools(prompt: str, choice: str) -> None:
    assert create(history(prompt), tools=[WEATHER], tool_choice=choice).content


@pytest.mark.parametrize("piece", ["(", "1+", "a ", "\n", '"', "“", "Paris and ", "select ", "['a', "])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_book_for_a_prompt_is_answered_at_once(piece: str, system: str) -> None:
    book = piece * (300_000 // len(piece))
    start = time.thread_time()

    assert said(history(book, system=system), tool_choice="none", tools=[WEATHER])
    assert said([UserMessage(content=book, source="user")])
    assert time.thread_time() - start < 2
