"""Usage on the page Settings."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agents.application import application
from pages.ui.usage import NOTHING, to_days
from state.events import RunEnded, Usage, UserMessage
from state.usage import Used
from state.users import LOCAL_USER
from tests.pages.test_pages import Opening, open_page

__all__ = ["open_page"]  # a fixture


def used(moment: datetime, *, cost: float | None = None) -> Used:
    return Used(begin=moment, model="m", answers=1, usage=Usage(prompt_tokens=3, completion_tokens=4), cost=cost)


@pytest.mark.parametrize(
    ("zone", "days"),
    [("UTC", [(3, 28)]), ("Asia/Kathmandu", [(3, 28), (3, 29)]), ("America/New_York", [(3, 28)]), ("Pacific/Kiritimati", [(3, 29)])],
)
def test_a_day_is_the_person_s(zone: str, days: list[tuple[int, int]]) -> None:
    """Kathmandu's begins at a quarter past six in the evening of the day before, in UTC."""
    moments = [datetime(2027, 3, 28, 18, 0, tzinfo=UTC), datetime(2027, 3, 28, 18, 15, tzinfo=UTC)]
    gathered = to_days([used(moment) for moment in moments], lambda moment: moment.astimezone(ZoneInfo(zone)))

    assert [day for day, _ in gathered] == [date(2027, *day) for day in days]
    assert sum(taken.tokens for taken in gathered.values()) == 14


def test_costs_are_added_as_far_as_they_are_known() -> None:
    moment = datetime(2027, 3, 28, tzinfo=UTC)
    (taken,) = to_days([used(moment), used(moment, cost=0.5), used(moment, cost=0.25)], lambda moment: moment).values()

    assert (taken.answers, taken.cost) == (3, 0.75)


def test_settings_show_what_was_used(open_page: Opening) -> None:
    """Drawn with every day of the thirty, and as a table; names of models are no markup."""
    store = application().store(LOCAL_USER)
    run, _ = store.begin_run(None, "assistant", UserMessage(text="Hello"), "my *model*")
    store.end_run(run, [], RunEnded(status="finished", usage=Usage(prompt_tokens=1200, completion_tokens=34), cost=0.5))
    tab = open_page("settings.py")
    spec = json.loads(tab.get("vega_lite_chart")[0].proto.spec)

    assert not tab.exception
    assert "In the last 30 days: 1 answer · 1,234 tokens (1,200 in, 34 out) · cost 0.5000 USD" in [each.value for each in tab.markdown]
    assert len(spec["encoding"]["x"]["scale"]["domain"]) == 30
    (table,) = [table.value for table in tab.table if "Tokens in" in table.value]
    assert table.to_dict("records") == [
        {"Day": "Today", "Model": "my \\*model\\*", "Answers": "1", "Tokens in": "1,200", "Tokens out": "34", "Cost in USD": "0.5000"}
    ]


def test_nothing_used_is_said(open_page: Opening) -> None:
    tab = open_page("settings.py")

    assert NOTHING in [info.value for info in tab.info]
    assert not tab.get("vega_lite_chart")
