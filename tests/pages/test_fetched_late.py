"""What Streamlit is made to fetch while a message is being written."""

import pytest

from agents.feed import Draft
from pages.ui.live import fetched_late

FORMULA, CODE, NAME = "$x$", "```\nx\n```", ":x:"


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("Note: it costs $5, or $6 - `code` (not ``` here).", []),
        ("See https://a.example:80/?$a=b&$c=d or so: yes", []),
        ("so \\(x\\)", [FORMULA]),
        ("$$\nx\n$$", [FORMULA]),
        ("1. > ~~~\n", [CODE]),
        ("a\n\n    ```py", [CODE]),
        ("at 12:30:45", [NAME]),
        (":+1: and $x$\n```\n", [FORMULA, CODE, NAME]),
    ],
)
def test_nothing_is_fetched_that_the_text_does_not_need(text: str, needed: list[str]) -> None:
    """A price and a colon had a megabyte fetched for nothing."""
    assert fetched_late(Draft(after=1, source="assistant", lead=text)) == needed
