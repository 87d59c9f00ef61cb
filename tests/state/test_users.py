"""Users' folder names."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from state.users import User

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)


@given(any_text)
def test_a_key_is_a_safe_folder_name(name: str) -> None:
    """Also for names with lone surrogates, which some sign-ins let through."""
    assert re.fullmatch(r"[a-z0-9-]{1,60}", User(name).key)
    assert User(name).key == User(name).key


@given(st.lists(any_text | st.text("aA .-/", max_size=4), unique=True, max_size=20))
@example(["\ud800", "\ud801", "?", "\ufffd"])
def test_distinct_names_have_distinct_keys(names: list[str]) -> None:
    assert len({User(name).key for name in names}) == len(names)


@pytest.mark.parametrize("name", ["..", "../alice", "/etc/passwd", "C:\\Windows", "alice\0", "", ".", "~", "-rf", "a" * 1000])
def test_names_that_look_like_paths_stay_inside(name: str) -> None:
    key = User(name).key

    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", key)
    assert key != User("alice").key


def test_a_key_says_whose_it_is() -> None:
    assert User("Ada.Lovelace@example.org").key.startswith("ada-lovelace-example-org-")
