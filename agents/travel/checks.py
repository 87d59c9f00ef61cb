"""What a planner would check in a plan, and what it finds, as sentences."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from agents.travel.airports import find_airport
from agents.travel.costs import totals
from agents.travel.flights import connect
from agents.travel.plan import Activity, Day, Flight, Place, Plan
from agents.travel.zones import find_zone

SHORTEST_SHARE = 0.75
"""A flight that takes less than so much of its likely duration is doubted: a strong tail wind saves about a fifth."""


def check(plan: Plan) -> list[str]:
    """List what is wrong or missing, in the order of the plan. An empty list means nothing was found, not that all is true."""
    return [finding for look in _CHECKS for finding in look(plan)]


def _days(plan: Plan) -> Iterator[str]:
    if not plan.days:
        yield "The plan has no days."
    for day, following in pairwise(plan.days):
        if following.date != day.date + timedelta(days=1):
            yield f"{_said(following.date)} does not follow {_said(day.date)}."


def _activities(plan: Plan) -> Iterator[str]:
    for day in plan.days:
        yield from _order(day)


def _order(day: Day) -> Iterator[str]:
    for activity in day.activities:
        if activity.begins and activity.ends and activity.ends < activity.begins:
            yield f"On {_said(day.date)}, “{activity.what}” ends before it begins."
    for activity, following in pairwise(activity for activity in day.activities if activity.begins):
        if following.begins and _end(activity) > following.begins:
            yield f"On {_said(day.date)}, “{following.what}” begins before “{activity.what}” is over."


def _flights(plan: Plan) -> Iterator[str]:
    for flight in plan.flights:
        yield from _airports(flight)
        yield from _times(flight)
    for flight, following in pairwise(plan.flights):
        if _departure(following) < _arrival(flight):
            yield f"The flight {_way(following)} leaves before the flight {_way(flight)} has arrived."


def _airports(flight: Flight) -> Iterator[str]:
    for code in (flight.origin, flight.destination):
        if find_airport(code) is None:
            yield f"No airport has the code {code}."
    if flight.origin.upper() == flight.destination.upper():
        yield f"The flight {_way(flight)} goes nowhere."


def _times(flight: Flight) -> Iterator[str]:
    """Compare the times with the distance: no flight is much faster than the likely duration."""
    if flight.departure_time is None or flight.arrival_time is None:
        if flight.arrival_date < flight.departure_date - timedelta(days=1):  # eastwards over the date line a day may be won
            yield f"The flight {_way(flight)} arrives before it leaves."
        return
    takes, least = _duration(flight), _least(flight)
    if takes is not None and takes <= timedelta(0):
        yield f"The flight {_way(flight)} arrives before it leaves."
    elif takes is not None and least is not None and takes < least:
        yield f"The flight {_way(flight)} takes {_hours(takes)} by its times: too short for the distance."


def _lodgings(plan: Plan) -> Iterator[str]:
    for lodging in plan.lodgings:
        if lodging.check_out <= lodging.check_in:
            yield f"At “{lodging.name}”, check-out is not after check-in."
    for lodging, following in pairwise(sorted(plan.lodgings, key=lambda each: each.check_in)):
        if following.check_in < lodging.check_out:
            yield f"“{lodging.name}” and “{following.name}” are booked for the same night."


def _arrival_before_check_in(plan: Plan) -> Iterator[str]:
    """Compare the first flight's arrival with the first check-in, where the flight goes to the trip."""
    if not plan.flights or not plan.lodgings:
        return
    first = min(plan.lodgings, key=lambda lodging: lodging.check_in)
    outward = [flight for flight in plan.flights if flight.departure_date <= first.check_in]
    if outward and (latest := max(flight.arrival_date for flight in outward)) > first.check_in:
        yield f"Check-in at “{first.name}” is on {_said(first.check_in)}, before the arrival on {_said(latest)}."


def _nights(plan: Plan) -> Iterator[str]:
    """Name the nights without a bed. The last day needs none, nor does one in which a flight is under way."""
    slept = {
        lodging.check_in + timedelta(days=night)
        for lodging in plan.lodgings
        for night in range((lodging.check_out - lodging.check_in).days)
    }
    flown = {flight.departure_date for flight in plan.flights if flight.arrival_date > flight.departure_date}
    missing = [day.date for day in plan.days[:-1] if day.date not in slept | flown]
    if missing:
        yield f"There is no lodging for the night of {', '.join(map(_said, missing))}."


def _within(plan: Plan) -> Iterator[str]:
    """Flights and lodgings belong to the days, with one day's grace for the way there and back."""
    if not plan.days:
        return
    begin, end = min(day.date for day in plan.days) - timedelta(days=1), max(day.date for day in plan.days) + timedelta(days=1)
    for flight in plan.flights:
        if not begin <= flight.departure_date <= end:
            yield f"The flight {_way(flight)} on {_said(flight.departure_date)} is outside the days of the plan."
    for lodging in plan.lodgings:
        if not begin <= lodging.check_in <= end:
            yield f"The stay at “{lodging.name}” from {_said(lodging.check_in)} is outside the days of the plan."


def _costs(plan: Plan) -> Iterator[str]:
    sums = totals(plan)
    for cost in plan.costs:
        if cost.amount < 0:
            yield f"“{cost.what}” costs less than nothing."
    if len(sums) > 1:
        yield f"The costs are in several currencies ({', '.join(sums)}), so they have no single sum."
    elif plan.total is not None and sums and round(plan.total * 100) != round(next(iter(sums.values())) * 100):
        yield f"The total is given as {plan.total:,.2f}, but the costs add up to {next(iter(sums.values())):,.2f} {next(iter(sums))}."
    if len(sums) == 1 and plan.currency and plan.currency.upper() not in sums:
        yield f"The total is in {plan.currency}, the costs are in {next(iter(sums))}."


def _places(plan: Plan) -> Iterator[str]:
    if plan.destination.timezone is None:
        yield f"The time zone of {plan.destination.name} is not given: the calendar's times have none."
    for place in plan.places:
        yield from _place(place)


def _place(place: Place) -> Iterator[str]:
    if place.timezone and find_zone(place.timezone) is None:
        yield f"“{place.timezone}” at {place.name} is no time zone."
    if place.point is None and (place.latitude is not None or place.longitude is not None):
        yield f"The coordinates of {place.name} are not on the globe."


def _end(activity: Activity) -> time:
    return activity.ends or activity.begins or time()


def _departure(flight: Flight) -> datetime:
    return _moment(flight.departure_date, flight.departure_time or time.min, flight.origin)


def _arrival(flight: Flight) -> datetime:
    return _moment(flight.arrival_date, flight.arrival_time or time.min, flight.destination)


def _moment(day: date, clock: time, iata: str) -> datetime:
    """Give a moment that can be compared. Where the airport is unknown it is taken to be in UTC."""
    airport = find_airport(iata)
    return datetime.combine(day, clock, find_zone(airport.timezone if airport else None) or find_zone("UTC"))


def _duration(flight: Flight) -> timedelta | None:
    if find_airport(flight.origin) is None or find_airport(flight.destination) is None:
        return None
    return timedelta(seconds=_arrival(flight).timestamp() - _departure(flight).timestamp())


def _least(flight: Flight) -> timedelta | None:
    origin, destination = find_airport(flight.origin), find_airport(flight.destination)
    return connect(origin, destination, flight.departure_date).duration * SHORTEST_SHARE if origin and destination else None


def _way(flight: Flight) -> str:
    return f"{flight.origin}–{flight.destination}"


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _hours(duration: timedelta) -> str:
    minutes = round(duration.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


_CHECKS: tuple[Callable[[Plan], Iterator[str]], ...] = (
    _days,
    _activities,
    _flights,
    _lodgings,
    _arrival_before_check_in,
    _nights,
    _within,
    _costs,
    _places,
)
