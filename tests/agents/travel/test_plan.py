"""A plan is read off whatever a model writes around it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.lib._pydantic import to_strict_json_schema

from agents.travel.plan import Plan, read_plan
from tests.agents.travel.plans import plan, values

WRITTEN = json.dumps(values())


@pytest.mark.parametrize(
    "reply",
    [
        WRITTEN,
        f"```json\n{WRITTEN}\n```",
        f"Here is the plan you asked for {{as agreed}}:\n\n```json\n{WRITTEN}\n```\n\nEnjoy!",
        f"Sure. {WRITTEN} That is all, {{really}}.",
        json.dumps({"plan": values()}),
        json.dumps(values(mood="good")),
        f'{{"note": "a draft"}} and then {WRITTEN}',
    ],
)
def test_a_plan_is_found_in_prose_and_fences(reply: str) -> None:
    assert read_plan(reply).plan == plan()


def test_what_is_missing_is_empty() -> None:
    bare = read_plan('{"title": "Away", "destination": {"name": "Rome"}, "days": null, "currency": null}').plan

    assert bare is not None
    assert (bare.days, bare.costs, bare.currency, bare.destination.point) == ((), (), "", None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("09:30", "09:30"),
        ("9:30", "09:30"),
        ("09:30:00Z", "09:30"),
        ("2027-05-01T09:30+02:00", "09:30"),
        ("in the morning", None),
        (7, None),
    ],
)
def test_local_times_are_read_tolerantly(written: object, read: str | None) -> None:
    days = [{"date": "2027-05-01", "title": "", "activities": [{"what": "Walk", "begins": written}]}]
    begins = plan(days=days).days[0].activities[0].begins

    assert (f"{begins:%H:%M}" if begins else None) == read


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://",
        "www.a.example",
        "https://a.example/<b>",
        "https://u@b.example",
        "ftp://a.example/",
        "javascript://a.example/%0aalert",
        "x" * 600,
        7,
    ],
)
def test_only_addresses_of_the_web_stay(address: object) -> None:
    lodging = values()["lodgings"][0] | {"website": address}

    assert plan(lodgings=[lodging]).lodgings[0].website is None


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("We go to Paris.", "holds no plan"),
        ("", "holds no plan"),
        (json.dumps(values(days=[{"date": "soon"}])), "days → 0 → date"),
        (json.dumps(values(days=[{"date": "0001-01-01"}])), "no day of a trip"),
        (json.dumps(values(costs=[{"what": "x", "amount": 1e300, "currency": "EUR"}])), "no amount of money"),
        (WRITTEN.replace("700.1", "NaN"), "costs → 0 → amount"),
        ('{"a": ' * 5000, "holds no plan"),
    ],
)
def test_a_reply_without_a_plan_has_a_sentence(reply: str, words: str) -> None:
    reading = read_plan(reply)

    assert reading.plan is None
    assert words in reading.remark
    assert reading.remark.endswith(".")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.sampled_from(sorted(values())), inner)
    )
)
def test_no_json_breaks_the_reading(value: Any) -> None:
    read_plan(json.dumps(value))


def test_the_schema_suits_strict_mode() -> None:
    """OpenAI refuses defaults, and fields that are not required."""
    text = json.dumps(to_strict_json_schema(Plan))

    assert '"default"' not in text
    assert '"format": "time"' not in text
    for schema in [Plan.model_json_schema(), *Plan.model_json_schema()["$defs"].values()]:
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False


def test_a_plan_survives_json() -> None:
    assert read_plan(plan().model_dump_json()).plan == plan()
