"""What answers took in the last days, drawn and as a table."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import altair as alt
import streamlit as st

from pages.ui.markdown import escaped
from pages.ui.moments import here, to_day
from pages.ui.palette import PALETTE
from pages.ui.taken import to_count, to_taken
from state.events import Usage, now
from state.store import Store
from state.usage import Used

DAYS = 30
HEIGHT = 300
NOTHING = (
    "Nothing in the last 30 days. From your next answer on, each day's tokens stand here by model, and their cost where `models.yaml` "
    "has a price."
)
COUNTED = "Counts the conversations you have; deleted ones are left out. Answers from the cache take nothing."


@dataclass(frozen=True)
class Taken:
    """Of one model on one day, or of all of them."""

    answers: int = 0
    usage: Usage = Usage()
    cost: float | None = None

    @property
    def tokens(self) -> int:
        return self.usage.prompt_tokens + self.usage.completion_tokens

    def plus(self, used: "Used | Taken") -> "Taken":
        cost = self.cost if used.cost is None else (self.cost or 0.0) + used.cost
        return Taken(self.answers + used.answers, self.usage.plus(used.usage), cost)


def render_usage(store: Store) -> None:
    st.header("Usage", anchor=False)
    today = here(now())
    first = datetime.combine(today.date() - timedelta(DAYS - 1), time(), today.tzinfo)
    days = to_days(store.used_since(first), here)
    if not days:
        st.info(NOTHING, icon=":material/bar_chart:")
        return
    total = _total(days.values())
    st.markdown(f"In the last {DAYS} days: {to_count(total.answers, 'answer')} · {to_taken(total.usage, total.cost)}")
    st.altair_chart(_chart(days, [first.date() + timedelta(number) for number in range(DAYS)]), key="usage_chart")
    with st.expander("The same as a table", icon=":material/table:"):
        st.table(_rows(days, today), border="horizontal")
    st.caption(COUNTED)


def to_days(used: Iterable[Used], here: Callable[[datetime], datetime]) -> Mapping[tuple[date, str], Taken]:
    """Gather what was used by the day, as the person counts days, and the model."""
    days = defaultdict[tuple[date, str], Taken](Taken)
    for each in used:
        place = here(each.begin).date(), each.model
        days[place] = days[place].plus(each)
    return days


def _total(days: Iterable[Taken]) -> Taken:
    total = Taken()
    for each in days:
        total = total.plus(each)
    return total


def _chart(days: Mapping[tuple[date, str], Taken], shown: Sequence[date]) -> alt.Chart:
    names = [_name(day) for day in shown]
    rows = [{"Day": _name(day), "Model": model, "Tokens": taken.tokens, "Answers": taken.answers} for (day, model), taken in days.items()]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows), height=HEIGHT, description=f"Tokens a day in the last {DAYS} days, by model")
        .mark_bar()
        .encode(
            x=alt.X("Day:O", title=None, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("Tokens:Q", title="Tokens", axis=alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4)),
            color=alt.Color(
                "Model:N", title=None, scale=alt.Scale(range=list(PALETTE)), legend=alt.Legend(orient="bottom", labelLimit=400)
            ),
            tooltip=["Day:O", "Model:N", alt.Tooltip("Tokens:Q", format=","), alt.Tooltip("Answers:Q", format=",")],
        )
    )
    return chart


def _name(day: date) -> str:
    return f"{day.day} {day:%b}"


def _rows(days: Mapping[tuple[date, str], Taken], today: datetime) -> list[dict[str, str]]:
    """The latest day first."""
    has_costs = any(taken.cost is not None for taken in days.values())
    return [
        {
            "Day": to_day(datetime.combine(day, time(), today.tzinfo), today),
            "Model": escaped(model),
            "Answers": f"{taken.answers:,}",
            "Tokens in": f"{taken.usage.prompt_tokens:,}",
            "Tokens out": f"{taken.usage.completion_tokens:,}",
        }
        | ({"Cost in USD": "–" if taken.cost is None else f"{taken.cost:.4f}"} if has_costs else {})
        for (day, model), taken in sorted(days.items(), key=lambda each: (-each[0][0].toordinal(), each[0][1]))
    ]
