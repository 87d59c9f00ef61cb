"""The plan a travel team arrives at, and how it is read off a model's reply."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from agents.travel.lines import one_line
from agents.travel.websites import safe_website

CATEGORIES = ("flights", "lodging", "transport", "activities", "food", "other")

_FENCE = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)


def _clock(value: object) -> object:
    """Take "09:30" out of what models write for a local time: "09:30:00Z", "2027-05-01T09:30", "at 9:30"; anything else is no time."""
    found = re.search(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    return time(int(found[1]), int(found[2])) if found else value if isinstance(value, time) else None


def _category(value: object) -> object:
    return value if value in CATEGORIES else "other"


def _near(day: date) -> date:
    """Refuse a day that no trip is on, as "0001-01-01": nothing could be added to it or taken from it."""
    if not 1900 <= day.year <= 2200:
        raise ValueError(f"{day} is no day of a trip")
    return day


def _payable(amount: float) -> float:
    if abs(amount) > 1e12:
        raise ValueError("it is no amount of money")
    return amount


def _strict(schema: dict[str, Any]) -> None:
    """Make a schema fit for OpenAI's strict mode: every field required, none beyond them, no defaults."""
    for field in schema["properties"].values():
        field.pop("default", None)
    schema.update(required=list(schema["properties"]), additionalProperties=False)


Text = Annotated[str, AfterValidator(one_line)]
TripDate = Annotated[date, AfterValidator(_near)]
Amount = Annotated[float, AfterValidator(_payable)]
Category = Annotated[Literal["flights", "lodging", "transport", "activities", "food", "other"], BeforeValidator(_category)]
Website = Annotated[str | None, BeforeValidator(safe_website)]
LocalTime = Annotated[
    time | None,
    BeforeValidator(_clock),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Local time there, as HH:MM; null when unknown."}),
]


class Part(BaseModel):
    """A frozen value that a model writes. It is told that every field is required; when read, what is missing is empty."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, json_schema_extra=_strict)

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, values: Any) -> Any:
        """Models write null for an empty list or text."""
        return {name: value for name, value in values.items() if value is not None} if isinstance(values, dict) else values


class Place(Part):
    name: Text
    latitude: float | None = Field(None, description="Degrees north; null when you do not know it for sure.")
    longitude: float | None = Field(None, description="Degrees east; null when you do not know it for sure.")
    timezone: Text | None = Field(None, description="IANA name such as Europe/Paris.")

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, where both are known and on the globe."""
        if self.latitude is None or self.longitude is None or abs(self.latitude) > 90 or abs(self.longitude) > 180:
            return None
        return self.latitude, self.longitude


class Activity(Part):
    what: Text
    begins: LocalTime = None
    ends: LocalTime = None
    place: Place | None = None


class Day(Part):
    date: TripDate
    title: Text = ""
    activities: tuple[Activity, ...] = ()


class Flight(Part):
    """A flight to book: what is real about it is its airports, what the model says of its times is an estimate."""

    origin: Text = Field(description="The airport's IATA code, such as CDG.")
    destination: Text = Field(description="The airport's IATA code.")
    departure_date: TripDate = Field(description="In the origin's local time.")
    departure_time: LocalTime = None
    arrival_date: TripDate = Field(description="In the destination's local time.")
    arrival_time: LocalTime = None
    note: Text = ""


class Lodging(Part):
    name: Text
    place: Place | None = None
    check_in: TripDate
    check_out: TripDate
    website: Website = None


class Cost(Part):
    what: Text
    category: Category = "other"
    amount: Amount = Field(description="For all travellers together.")
    currency: Text = Field(description="ISO 4217 code such as EUR.")
    is_estimate: bool = True


class Plan(Part):
    """A trip, day by day."""

    title: Text
    destination: Place
    days: tuple[Day, ...] = ()
    flights: tuple[Flight, ...] = ()
    lodgings: tuple[Lodging, ...] = ()
    costs: tuple[Cost, ...] = ()
    total: Amount | None = Field(None, description="The sum of costs, in currency.")
    currency: Text = Field("", description="The total's ISO 4217 code.")
    open_points: tuple[Text, ...] = Field((), description="What is not decided, not booked or not certain.")

    @property
    def places(self) -> list[Place]:
        """The destination, then every place of the days and the lodgings, in their order."""
        visited = [activity.place for day in self.days for activity in day.activities]
        return [self.destination, *(place for place in [*visited, *(lodging.place for lodging in self.lodgings)] if place)]


@dataclass(frozen=True)
class Reading:
    """What a reply held: a plan, or a sentence about why it holds none."""

    plan: Plan | None
    remark: str = ""


def read_plan(reply: str) -> Reading:
    """Read a plan off a model's reply: bare JSON, JSON in a fence, or JSON within prose. The last that is a plan counts."""
    remark = "The reply holds no plan in JSON, so it is shown as text."
    plan = None
    for values in _objects(reply):
        try:
            plan = Plan.model_validate(values)
        except ValidationError as error:
            remark = f"The reply is no plan that can be drawn, so it is shown as text: {_first(error)}."
    return Reading(plan, "" if plan else remark)


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = " → ".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg'].lower()}" if where else first["msg"].lower()


def _objects(reply: str) -> Iterator[dict[str, Any]]:
    for text in [*_FENCE.findall(reply), reply]:
        yield from _objects_within(text)


def _objects_within(text: str) -> Iterator[dict[str, Any]]:
    """Decode every outermost object of a text. Bounded: each attempt begins at an opening brace behind the last success."""
    decoder, place = json.JSONDecoder(), text.find("{")
    for _ in range(100):
        if place < 0:
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield value["plan"] if isinstance(value.get("plan"), dict) else value
        place = text.find("{", end)
