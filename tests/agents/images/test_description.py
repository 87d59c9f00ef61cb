"""Whatever a model answers about a picture, read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.images.description import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_TAGS, Description, described_by, read_description

WHOLE = {"title": "T", "alt_text": "A", "description": "D", "tags": ["x"]}


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(WHOLE),
        f"```json\n{json.dumps(WHOLE, indent=2)}\n```",
        f"Here {{you}} are: {json.dumps(WHOLE)} Good luck!",
        json.dumps({"Title": "T", "Alt": "A", "Description": "D", "Keywords": "x"}),
        json.dumps({"title": "T", "altText": "A", "description": ["D"], "tags": "#x, x, "}),
    ],
)
def test_the_form_is_found(reply: str) -> None:
    assert read_description(reply) == Description(**WHOLE)


@pytest.mark.parametrize("reply", ["", "No.", "{", "{}", '{"title": ""}', "[1]", '{"a": ' * 5000])
def test_what_holds_none(reply: str) -> None:
    assert read_description(reply) is None


def test_what_is_missing_is_made_of_the_rest() -> None:
    found = read_description('{"description": "A red square.", "tags": null}')

    assert found == Description(title="A red square.", alt_text="A red square.", description="A red square.", tags=[])


def test_nothing_is_endless() -> None:
    found = read_description(json.dumps({"title": "t" * 9999, "description": "d" * 99999, "tags": [str(n) for n in range(999)]}))

    assert found
    assert (len(found.title), len(found.description), len(found.tags)) == (LONGEST_TITLE, LONGEST_DESCRIPTION, MOST_TAGS)


def test_prose_is_a_description() -> None:
    assert described_by("## A square\n\nIt is red.") == Description(
        title="A square", alt_text="A square", description="## A square\n\nIt is red.", tags=[]
    )
    assert described_by(" \n") is None


@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_anything_may_come(reply: str) -> None:
    read_description(reply)
    described_by(reply)
