"""A plan as Markdown: day by day, with a table of costs."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from html import escape

from agents.travel.airports import find_airport
from agents.travel.costs import Row, cost_rows
from agents.travel.plan import Activity, Flight, Lodging, Plan

ESTIMATE = (
    "Prices, seats and free rooms are estimates: nobody was asked for them. Check them with the airline and the lodging before you book."
)


def to_itinerary(plan: Plan, findings: Sequence[str] = ()) -> str:
    """Make the text, with what was found wrong at its end. All that the model wrote is escaped: it cannot make headings, links or HTML."""
    return "\n\n".join(part for part in _parts(plan, findings) if part) + "\n"


def day_by_day(plan: Plan) -> Iterator[str]:
    """Give the days, flights, lodgings and open points, part by part."""
    for day in plan.days:
        yield f"## {_said(day.date)}{f': {_plain(day.title)}' if day.title else ''}"
        yield _list(_activity(activity) for activity in day.activities)
    yield from _section("Flights", [_flight(flight) for flight in plan.flights])
    yield from _section("Lodgings", [_lodging(lodging) for lodging in plan.lodgings])
    yield from _section("Open points", [_plain(point) for point in plan.open_points])


def costs_table(plan: Plan) -> str:
    """Give the costs as a table; nothing where none are known."""
    rows = cost_rows(plan)
    head = "| What | For | Amount | Currency | Basis |\n| --- | --- | ---: | --- | --- |"
    return "\n".join([head, *map(_cost, rows)]) if rows else ""


def _parts(plan: Plan, findings: Sequence[str]) -> Iterator[str]:
    yield f"# {_plain(plan.title)}"
    yield from day_by_day(plan)
    if table := costs_table(plan):
        yield "## Costs"
        yield table
    yield from _section("To check in this plan", [_plain(finding) for finding in findings])
    yield f"*{ESTIMATE}*"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"## {title}"
        yield _list(lines)


def _cost(row: Row) -> str:
    cells = (_plain(str(row["what"])), row["category"], f"{row['amount']:,.2f}", _plain(str(row["currency"])), row["certainty"])
    return f"| {' | '.join(map(str, cells))} |"


def _activity(activity: Activity) -> str:
    place = f" ({_plain(activity.place.name)})" if activity.place and activity.place.name not in activity.what else ""
    return f"{_span(activity.begins, activity.ends)}{_plain(activity.what)}{place}"


def _span(begins: time | None, ends: time | None) -> str:
    if begins is None:
        return ""
    return f"**{begins:%H:%M}–{ends:%H:%M}** " if ends else f"**{begins:%H:%M}** "


def _flight(flight: Flight) -> str:
    leaves = f"{_said(flight.departure_date)}{_clock(flight.departure_time)}"
    arrives = f"{_said(flight.arrival_date)}{_clock(flight.arrival_time)}"
    note = f". {_plain(flight.note)}" if flight.note else ""
    return f"{_airport(flight.origin)} → {_airport(flight.destination)}: leaves {leaves}, arrives {arrives}, local times{note}"


def _lodging(lodging: Lodging) -> str:
    place = f", {_plain(lodging.place.name)}" if lodging.place and lodging.place.name not in lodging.name else ""
    website = f", <{lodging.website}>" if lodging.website else ""
    return f"**{_plain(lodging.name)}**{place}: {_said(lodging.check_in)} to {_said(lodging.check_out)}{website}"


def _airport(code: str) -> str:
    airport = find_airport(code)
    return f"{_plain(airport.city)} ({airport.iata})" if airport else _plain(code)


def _list(lines: Sequence[str] | Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _said(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _clock(clock: time | None) -> str:
    return f" at {clock:%H:%M}" if clock else ""


def _plain(text: str) -> str:
    """Take the meaning from every sign that Markdown or HTML would read. The text is one line."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]|#~$" else sign for sign in escape(text, quote=False))
