"""Patches between states."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from state.snapshots import apply, diff

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4))
keys = st.sampled_from(["set", "drop", "keep", "add", "value", "a"])
alike = st.recursive(st.integers(0, 2), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
"""Values that have much in common, and the patches' own words as keys."""


@given(values | alike, values | alike)
def test_a_patch_turns_the_old_into_the_new(old: Any, new: Any) -> None:
    """It survives being stored as JSON, and the old value is left as it was."""
    before = copy.deepcopy(old)
    patch = json.loads(json.dumps(diff(old, new)))

    assert apply(old, patch) == new
    assert old == before


@given(st.lists(alike, max_size=8), st.lists(st.lists(values, max_size=3), max_size=5))
def test_a_growing_list_comes_back(first: list[Any], turns: list[list[Any]]) -> None:
    """Each patch of a list that only grows holds nothing but what was added."""
    state: Any = {"type": "S", "llm_context": {"messages": first}}
    for added in turns:
        new = {"type": "S", "llm_context": {"messages": [*state["llm_context"]["messages"], *added]}}
        patch = diff(state, new)

        assert apply(state, patch) == new
        if added:
            assert patch["set"]["llm_context"]["set"]["messages"] == {"keep": len(state["llm_context"]["messages"]), "add": added}
        state = new


def patches_size(turns: int) -> tuple[int, int]:
    """Bytes of all patches of a conversation of so many turns, and of its last state."""
    state: Any = None
    total = 0
    for turn in range(turns):
        said = [{"type": kind, "content": f"Turn {turn:04d}. " + "x" * 400} for kind in ("UserMessage", "AssistantMessage")]
        messages = [*(state["llm_context"]["messages"] if state else []), *said]
        new = {"type": "AssistantAgentState", "version": "1.0.0", "llm_context": {"messages": messages}}
        total += len(json.dumps(diff(state, new)))
        state = new
    return total, len(json.dumps(state))


def test_patches_of_a_growing_conversation_stay_linear() -> None:
    """Twice the turns take twice the bytes, and all patches together little more than the last state."""
    short, _ = patches_size(100)
    long, whole = patches_size(200)

    assert long < 2.1 * short
    assert long < 1.2 * whole
