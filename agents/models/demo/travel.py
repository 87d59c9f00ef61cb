"""The four roles of the travel team, played from a table of places."""

import re
from collections.abc import Callable, Mapping, Sequence

from autogen_core.models import UserMessage

from agents.models.demo import reading, roles, tools
from agents.models.demo.places import PLACES, Place, find_place
from agents.models.demo.request import Request

DAYS = 3
"""How long a trip is when the prompt does not say."""

_DEMO = "*The demo model wrote this from a small built-in table, without live prices or availability.*"
_ELSEWHERE = Place(
    name="your destination",
    country="",
    timezone="",
    airports=(),
    areas={
        "The centre": ("the main square", "the best known museum", "a walk through the old streets"),
        "Views and parks": ("a viewpoint over the town", "the largest park", "the river or the harbour"),
        "Markets and neighbourhoods": ("the market hall", "a neighbourhood off the main sights", "music or theatre"),
    },
    trips=("a town nearby", "the countryside"),
    stays={"The centre": "everything on foot", "Near the station": "short ways on arrival and departure"},
    dishes=("what the market has", "the region's best known dish", "a local dessert"),
)

_PARTS = {
    "the itinerary": r"advis|plan|guide|itinerar",
    "flights": r"flight|air",
    "a place to stay": r"hotel|lodging|accommodation|stay",
}
"""What a plan needs, and the words by which its author's name is known."""

_WISHES = (
    (r"\b(cheap|budget|low.cost|hostel|student)", "a hostel or a guesthouse with shared kitchen"),
    (r"\b(luxur|five.star|5.star|honeymoon)", "a five-star house with breakfast"),
    (r"\b(famil|kids|children|toddler)", "an apartment with two bedrooms and a kitchen"),
    (r"\b(business|work|conference)", "a business hotel with a desk and late check-in"),
)


class Trip:
    """What the prompts say of a trip."""

    def __init__(self, prompts: Sequence[str]) -> None:
        self.text = "\n".join(prompt[: reading.READ_CHARACTERS] for prompt in reversed(prompts[-6:]))
        named = next((found for prompt in reversed(prompts) if (found := reading.destinations(prompt[: reading.READ_CHARACTERS]))), [])
        places = [place for name in named if (place := find_place(name))]
        self.place = places[0] if places else _ELSEWHERE
        self.name = places[0].name if places else named[0] if named else _ELSEWHERE.name
        self.is_known = bool(places)
        self.origin = reading.origin(self.text)
        self.days = reading.days(self.text) or DAYS

    @property
    def nights(self) -> str:
        nights = max(1, self.days - 1)
        return "1 night" if nights == 1 else f"{nights} nights"


def answer(request: Request) -> str | None:
    """Speak as the role the system message gives."""
    role = roles.find_role(request.system)
    if role is None:
        return None
    trip = Trip(request.prompts)
    return "\n\n".join([*tools.report(request, request.results), _SPEAKERS[role](trip, request)])


def _advise(trip: Trip, _request: Request) -> str:
    length = "day" if trip.days == 1 else "days"
    plan = [f"## {trip.days} {length} in {trip.name}", _known(trip), *(_day(trip, day) for day in range(1, trip.days + 1)), _DEMO]
    return "\n\n".join(filter(None, plan))


def _known(trip: Trip) -> str:
    if trip.is_known:
        return _choice(trip)
    names = ", ".join(place.name for place in PLACES)
    return f"{trip.name[:1].upper()}{trip.name[1:]} is not in my table, so this is a general plan. I know {names}."


def _choice(trip: Trip) -> str:
    others = [place.name for place in PLACES if place.country == trip.place.country and place != trip.place]
    if not others or trip.name.lower() in trip.text.lower():
        return ""
    return f"For {trip.place.country} I take {trip.name}; {' and '.join(others)} is in my table too."


def _day(trip: Trip, day: int) -> str:
    areas = list(trip.place.areas.items())
    dish = trip.place.dishes[(day - 1) % len(trip.place.dishes)]
    if day <= len(areas):
        area, (morning, afternoon, evening) = areas[day - 1]
        return f"### Day {day}: {area}\n\n- **Morning**: {morning}\n- **Afternoon**: {afternoon}\n- **Evening**: {evening}; to eat: {dish}"
    if day <= len(areas) + len(trip.place.trips):
        trip_to = trip.place.trips[day - len(areas) - 1]
        return f"### Day {day}: a day trip\n\n- **All day**: {trip_to}\n- **Evening**: back in town; to eat: {dish}"
    return f"### Day {day}: at leisure\n\n- **All day**: go back to what you liked most\n- **Evening**: to eat: {dish}"


def _lodge(trip: Trip, _request: Request) -> str:
    stays = "\n".join(f"- **{area}**: {reason}" for area, reason in trip.place.stays.items())
    wish = next((kind for words, kind in _WISHES if re.search(words, trip.text, re.IGNORECASE)), "a mid-range hotel or an apartment")
    advice = f"I would look for {wish}, free to cancel, with luggage storage."
    return "\n\n".join([f"### Where to stay in {trip.name}: {trip.nights}", stays, advice, _DEMO])


def _fly(trip: Trip, _request: Request) -> str:
    airports = ", ".join(trip.place.airports) or "look up the nearest airport; it is not in my table"
    return (
        f"### Flights to {trip.name}\n\n- **Arrive at**: {airports}\n- **Leave from**: {_leaving(trip)}\n"
        f"- **When**: arrive on the morning of day 1, leave on the evening of day {trip.days}\n"
        f"- **To check**: direct or not, luggage, the way from the airport\n\n{_DEMO}"
    )


def _leaving(trip: Trip) -> str:
    if trip.origin is None:
        return "the prompt does not say; name it with “from …”"
    place = find_place(trip.origin)
    return ", ".join(place.airports) if place else trip.origin


def _evaluate(trip: Trip, request: Request) -> str:
    sources = [message.source for message in request.since_prompt if isinstance(message, UserMessage)]
    authors = {part: _author(words, sources) for part, words in _PARTS.items()}
    missing = [part for part, author in authors.items() if author is None]
    if missing:
        return f"The plan for {trip.name} is not complete yet. Still missing: {' and '.join(missing)}."
    last = "TERMINATE" if "TERMINATE" in request.system and "DONE" not in request.system else "DONE"
    return "\n\n".join([_summary(trip, authors), _DEMO, last])


def _author(words: str, sources: Sequence[str]) -> str | None:
    return next((source for source in sources if re.search(words, source, re.IGNORECASE)), None)


def _as_said(author: str | None) -> str:
    """As people would call it: `hotel agent`."""
    return (author or "").replace("_", " ").lower()


def _summary(trip: Trip, authors: Mapping[str, str | None]) -> str:
    parts = "\n".join(f"- {part}: by the {_as_said(author)}" for part, author in authors.items())
    rows = (
        f"- **{trip.days} days**, {trip.nights}; to stay: {next(iter(trip.place.stays))}",
        f"- **Arrive** at {trip.place.airports[0] if trip.place.airports else 'the nearest airport'} on the morning of day 1",
        f"- **First**: {next(iter(trip.place.areas.values()))[0]}, booked ahead",
        f"- **Leave** on the evening of day {trip.days}",
    )
    return "\n\n".join([f"### The plan for {trip.name} is complete", "\n".join(rows), "What everybody gave:", parts])


_SPEAKERS: Mapping[str, Callable[[Trip, Request], str]] = {"advisor": _advise, "hotel": _lodge, "flight": _fly, "evaluator": _evaluate}
