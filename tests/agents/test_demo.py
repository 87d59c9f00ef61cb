"""The demo model."""

import asyncio
from collections.abc import Sequence

import pytest
from autogen_core.models import AssistantMessage, CreateResult, LLMMessage, SystemMessage, UserMessage

from agents.demo import DemoClient

PROMPTS = [
    "Hello",
    "What can you do?",
    "Show me what an answer can look like.",
    "Count to 30",
    "How do I connect a real model?",
    "Zebra",
    "",
]


def history(*prompts: str) -> list[LLMMessage]:
    """A conversation of these prompts, each but the last answered."""
    messages: list[LLMMessage] = [SystemMessage(content="Be brief.")]
    for prompt in prompts:
        messages += [UserMessage(content=prompt, source="user"), AssistantMessage(content="Well.", source="assistant")]
    return messages[:-1]


def create(messages: Sequence[LLMMessage]) -> CreateResult:
    return asyncio.run(DemoClient().create(messages))


def stream(messages: Sequence[LLMMessage]) -> list[str | CreateResult]:
    async def collect() -> list[str | CreateResult]:
        return [item async for item in DemoClient(word_seconds=0).create_stream(messages)]

    return asyncio.run(collect())


@pytest.mark.parametrize("prompt", PROMPTS)
def test_it_streams_what_it_creates_and_always_the_same(prompt: str) -> None:
    """Word by word, then the same result."""
    whole = create(history(prompt))
    *words, last = stream(history(prompt))

    assert last == whole == create(history(prompt))
    assert "".join(str(word) for word in words) == whole.content
    assert len(words) > 10
    assert all(len(str(word).split()) == 1 for word in words)


@pytest.mark.parametrize("prompt", ["Hello", "Zebra", "What can you do?"])
def test_it_says_what_it_is_and_how_to_connect_a_real_model(prompt: str) -> None:
    text = str(create(history(prompt)).content)

    assert "**demo model**" in text
    assert "OPENAI_API_KEY" in text


def test_it_remembers() -> None:
    text = str(create(history("My name is Ada", "I like tea", "What did I say first?")).content)

    assert "1. My name is Ada" in text
    assert "2. I like tea" in text
    assert "What did I say first?" not in text
    assert "first thing you said" in str(create(history("What did I say first?")).content)


def test_it_counts_as_far_as_it_is_told() -> None:
    """Up to a bound, so that nobody makes it write for ever."""
    assert str(create(history("Count to 12")).content).endswith(" 11, 12.")
    assert str(create(history("Count to 999999999")).content).endswith(" 1999, 2000.")
    assert str(create(history("Please count")).content).endswith(" 99, 100.")


def test_it_knows_the_prompt_s_length_and_place() -> None:
    text = str(create(history("One", "Two", "Zebras run quickly")).content)

    assert "3 words" in text
    assert "`quickly`" in text
    assert "number 3" in text


def test_usage_is_counted_and_added_up() -> None:
    client = DemoClient()
    first = asyncio.run(client.create(history("Zebra")))
    second = asyncio.run(client.create(history("Zebra")))

    assert first.usage == second.usage
    assert first.usage.prompt_tokens == 3
    assert first.usage.completion_tokens == len(str(first.content).split())
    assert client.total_usage().completion_tokens == 2 * first.usage.completion_tokens
    assert client.total_usage().prompt_tokens == 6
