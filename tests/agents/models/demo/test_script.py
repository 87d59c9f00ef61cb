"""Plain talk of the demo model."""

import pytest

from tests.agents.models.demo.conversation import history, said
from tests.agents.models.demo.test_client import WEATHER


@pytest.mark.parametrize("prompt", ["Hello", "Zebra", "What can you do?"])
def test_it_says_what_it_is_and_how_to_connect_a_real_model(prompt: str) -> None:
    text = said(history(prompt))

    assert "**demo model**" in text
    assert "OPENAI_API_KEY" in text


def test_it_remembers() -> None:
    text = said(history("My name is Ada", "I like tea", "What did I say first?"))

    assert "1. My name is Ada" in text
    assert "2. I like tea" in text
    assert "What did I say first?" not in text
    assert "first thing you said" in said(history("What did I say first?"))


def test_it_counts_as_far_as_it_is_told() -> None:
    """Up to a bound, so that nobody makes it write for ever."""
    assert said(history("Count to 12")).endswith(" 11, 12.")
    assert said(history("Count to 999999999")).endswith(" 1999, 2000.")
    assert said(history("Count to " + "9" * 5000)).endswith(" 1999, 2000.")
    assert said(history("Please count")).endswith(" 99, 100.")


def test_it_knows_the_prompt_s_length_and_place() -> None:
    text = said(history("One", "Two", "Zebras run quickly"))

    assert "3 words" in text
    assert "`quickly`" in text
    assert "number 3" in text


def test_it_knows_the_capitals_of_its_table() -> None:
    assert "**Paris**" in said(history("What is the capital of France?"))
    assert "**Madrid**" in said(history("Name the capital of Spain"))
    for country in ("Atlantis", "Turkey", "the United States"):
        assert "The capital of" not in said(history(f"What is the capital of {country}?"))


def test_it_greets_with_the_tools_it_has() -> None:
    assert "`get_weather`" in said(history("Hello"), tools=[WEATHER])
    assert "`get_weather`" not in said(history("Hello"))
