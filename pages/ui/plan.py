"""A plan drawn: day by day, its costs, a map, and files to take along."""

from collections.abc import Callable, Sequence

import streamlit as st
from pydantic import ValidationError

from agents.travel.calendar import to_calendar
from agents.travel.itinerary import costs_table, day_by_day, to_itinerary
from agents.travel.map import draw_places, draw_trip
from agents.travel.plan import Plan
from pages.ui.markdown import escaped, to_markdown
from pages.ui.taken import to_count
from state.events import PlanMade
from state.turns import Turn

NO_PLAN = "No plan could be drawn. {remark}"
UNREADABLE = "What was saved of this plan cannot be read by this Roundtable."
NO_MAP = "No coordinates are known of the places in this plan, so there is no map."
NO_COSTS = "This plan has no costs."


def render_plan(event: PlanMade, *, key: str) -> None:
    """Draw a plan, or say why there is none and show what was written instead. The last one's widgets have the plain keys."""
    plan = _plan(event)
    if plan is None:
        st.warning(NO_PLAN.format(remark=escaped(event.remark) or UNREADABLE), icon=":material/event_busy:")
        if event.text:
            with st.expander("What was written instead", icon=":material/article:"):
                st.markdown(to_markdown(event.text))
        return
    with st.container(border=True, key=f"plan{key}"):
        st.subheader(f":material/luggage: {escaped(plan.title)}", anchor=False)
        _render_findings(event)
        days, costs, places = st.tabs(["Day by day", "Costs", "Map"])
        with days:
            st.markdown(to_markdown("\n\n".join(day_by_day(plan))))
        with costs:
            st.markdown(to_markdown(costs_table(plan)) or NO_COSTS)
        with places:
            _render_maps(plan)
        _render_downloads(plan, event, key)


def last_plan(turns: Sequence[Turn]) -> PlanMade | None:
    """The newest plan that is shown."""
    plans = [event for turn in turns for event in turn.said if isinstance(event, PlanMade) and event.plan is not None]
    return plans[-1] if plans else None


def _plan(event: PlanMade) -> Plan | None:
    """Read the plan as strictly as when it was made: it may come from a file."""
    try:
        return None if event.plan is None else Plan.model_validate(event.plan)
    except ValidationError:
        return None


def _render_findings(event: PlanMade) -> None:
    if event.findings:
        with st.expander(f"{to_count(len(event.findings), 'thing')} to check", icon=":material/rule:", expanded=True):
            for finding in event.findings:
                st.markdown(f"- {escaped(finding)}")


def _render_maps(plan: Plan) -> None:
    drawn = {"Map of the places": draw_places(plan), "Map of the flights": draw_trip(plan)}
    for name, drawing in drawn.items():
        if drawing:
            st.image(drawing, width="stretch", alt=name)
    if not any(drawn.values()):
        st.caption(NO_MAP)


def _render_downloads(plan: Plan, event: PlanMade, key: str) -> None:
    files: tuple[tuple[str, str, str, str, Callable[[], str | bytes]], ...] = (
        ("Calendar", "ics", "text/calendar", "event", lambda: to_calendar(plan, event.time)),
        ("Markdown", "markdown", "text/markdown", "article", lambda: to_itinerary(plan, event.findings)),
        ("JSON", "json", "application/json", "data_object", lambda: plan.model_dump_json(indent=2)),
    )
    with st.container(horizontal=True, key=f"plan_files{key}"):
        for label, kind, mime, icon, make in files:
            name = f"plan.{'md' if kind == 'markdown' else kind}"
            st.download_button(label, make, name, mime, key=f"plan_{kind}{key}", on_click="ignore", icon=f":material/{icon}:")
