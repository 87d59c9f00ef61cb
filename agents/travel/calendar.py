"""A plan as a calendar file (RFC 5545) that any calendar takes in."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from agents.travel.airports import Airport, find_airport
from agents.travel.plan import Activity, Flight, Lodging, Place, Plan
from agents.travel.zones import find_zone

Moment = date | datetime

CHECK = "From a plan written with Roundtable. Times and prices are estimates until you have booked."


def to_calendar(plan: Plan, stamp: datetime) -> bytes:
    """Make the file. `stamp` is when it was made, in UTC.

    An event without a time takes its whole day. One in a place without a known zone has a time without one ("floating"). The same plan
    gives the same ids, so that a second import replaces the first.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Roundtable//Travel plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", plan.title)
    for number, event in enumerate(_events(plan)):
        event.add("uid", _uid(plan, number))
        event.add("dtstamp", stamp)
        calendar.add_component(event)
    calendar.add_missing_timezones(*_years(plan, stamp))
    return bytes(calendar.to_ical())


def _events(plan: Plan) -> Iterator[Event]:
    yield from map(_flight, plan.flights)
    yield from (_lodging(lodging) for lodging in plan.lodgings if lodging.check_out > lodging.check_in)
    for day in plan.days:
        for activity in day.activities:
            yield _activity(activity, day.date, plan.destination)


def _years(plan: Plan, stamp: datetime) -> tuple[date, date]:
    """Give the time for which the file explains its time zones: the trip with a year around it, where icalendar would take 68."""
    dates = [day.date for day in plan.days] + [flight.departure_date for flight in plan.flights] or [stamp.date()]
    return min(dates) - timedelta(days=366), max(dates) + timedelta(days=366)


def _flight(flight: Flight) -> Event:
    origin, destination = find_airport(flight.origin), find_airport(flight.destination)
    begin = _moment(flight.departure_date, flight.departure_time, origin.timezone if origin else None)
    end = _moment(flight.arrival_date, flight.arrival_time, destination.timezone if destination else None)
    if flight.departure_time is None or flight.arrival_time is None:
        begin, end = flight.departure_date, flight.arrival_date + timedelta(days=1)
    event = _event(f"Flight {flight.origin} – {flight.destination}", begin, end, _airport(flight.origin, origin))
    event.add("description", "\n".join(filter(None, [_airport(flight.destination, destination), flight.note, CHECK])))
    return event


def _lodging(lodging: Lodging) -> Event:
    event = _event(f"Stay: {lodging.name}", lodging.check_in, lodging.check_out, lodging.place.name if lodging.place else "")
    _locate(event, lodging.place)
    event.add("description", CHECK)
    if lodging.website:
        event.add("url", lodging.website)
    return event


def _activity(activity: Activity, day: date, destination: Place) -> Event:
    place = activity.place or destination
    zone = place.timezone or destination.timezone
    begin = _moment(day, activity.begins, zone)
    end = _moment(day, activity.ends, zone) if activity.begins and activity.ends and activity.ends > activity.begins else None
    event = _event(activity.what, begin, end, activity.place.name if activity.place else "")
    _locate(event, activity.place)
    return event


def _event(summary: str, begin: Moment, end: Moment | None, location: str) -> Event:
    """Make an event. One that ends before it begins would be no valid file: it then has no end."""
    event = Event()
    event.add("summary", summary)
    event.add("dtstart", begin)
    if end is not None and _is_later(end, begin):
        event.add("dtend", end)
    if location:
        event.add("location", location)
    return event


def _is_later(end: Moment, begin: Moment) -> bool:
    """Compare as instants; where only one has a zone, as the clocks read."""
    if isinstance(end, datetime) and isinstance(begin, datetime):
        both_known = end.tzinfo is not None and begin.tzinfo is not None
        return end.timestamp() > begin.timestamp() if both_known else end.replace(tzinfo=None) > begin.replace(tzinfo=None)
    return end > begin


def _moment(day: date, clock: time | None, zone: str | None) -> Moment:
    return day if clock is None else datetime.combine(day, clock, find_zone(zone))


def _locate(event: Event, place: Place | None) -> None:
    if place and place.point:
        event.add("geo", place.point)


def _airport(code: str, airport: Airport | None) -> str:
    return f"{airport.name} ({airport.iata}), {airport.city}" if airport else code


def _uid(plan: Plan, number: int) -> str:
    return f"{sha256(plan.model_dump_json().encode()).hexdigest()[:24]}-{number}@roundtable"
