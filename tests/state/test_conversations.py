"""Titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.conversations import TITLE_LENGTH, title_of


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Hello", "Hello"),
        ("  Hello,\n\n\tyou  there ", "Hello, you there"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        ("word " * 12 + "end", "word " * 11 + "word…"),
        ("a" * 50 + " " + "b" * 50, "a" * 50 + "…"),
    ],
)
def test_a_title_is_the_prompt_s_beginning(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


@given(st.text(max_size=200))
def test_a_title_is_one_short_line(prompt: str) -> None:
    title = title_of(prompt)

    assert len(title) <= TITLE_LENGTH + 1
    assert len(title.splitlines()) <= 1
    assert title == title.strip()
