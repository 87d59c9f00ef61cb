"""What answers took, in words."""

from pages.ui.taken import to_footnote, to_taken
from state.events import RunEnded, Usage
from state.turns import Turn

USAGE = Usage(prompt_tokens=1000, completion_tokens=234)
ENDED = RunEnded(status="finished", seconds=1.26, usage=USAGE)


def test_a_footnote_names_model_tokens_and_seconds() -> None:
    assert to_footnote(Turn(["a"], None, "demo · built-in", [], [ENDED])) == "demo · built-in · 1,234 tokens (1,000 in, 234 out) · 1.3 s"


def test_a_footnote_leaves_out_what_is_not_known() -> None:
    assert to_footnote(Turn(["a"], None, "demo", [], [RunEnded(status="interrupted")])) == "demo"
    assert to_footnote(Turn(["a"], None, "", [], [RunEnded(status="finished", seconds=1.26)])) == "1.3 s"
    assert to_footnote(Turn(["a"], None, "demo", [], [])) == ""


def test_a_footnote_says_where_tokens_are_guessed_or_came_for_nothing() -> None:
    guessed, cached = ENDED.model_copy(update={"is_estimated": True}), ENDED.model_copy(update={"is_from_cache": True})

    assert "about 1,234 tokens" in to_footnote(Turn(["a"], None, "demo", [], [guessed]))
    assert to_footnote(Turn(["a"], None, "demo", [], [cached])) == "demo · from cache · 1.3 s"


def test_cost_is_said_where_a_price_is_known() -> None:
    assert to_taken(USAGE, 0.5).endswith(" · cost 0.5000 USD")
    assert to_taken(Usage(), None) == ""
