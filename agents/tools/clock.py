"""Local time and time differences, by the time zone of a place and Python's own time zone data."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from autogen_core import CancellationToken
from pydantic import Field

from agents.tools.answer import Arguments, to_text
from agents.tools.geocoding import Geocoder
from agents.tools.tool import GuardedTool, ToolFailed
from state.events import now

SOURCE = "IANA time zone data; places by Open-Meteo.com"


class TimeArguments(Arguments):
    place: str = Field(min_length=1, max_length=200, description="A town or city, or a time zone such as Europe/Paris or UTC")


class DifferenceArguments(Arguments):
    first: str = Field(min_length=1, max_length=200, description="A place: a town or city, or a time zone such as UTC")
    second: str = Field(min_length=1, max_length=200, description="The other place")


class LocalTime(GuardedTool[TimeArguments]):
    """The time somewhere."""

    def __init__(self, geocoder: Geocoder, clock: Callable[[], datetime] = now) -> None:
        super().__init__(
            TimeArguments,
            "local_time",
            "The date and time at a place now.",
            title="Local time",
            summary="The date and time at any place.",
        )
        self._geocoder = geocoder
        self._clock = clock

    async def run(self, args: TimeArguments, cancellation_token: CancellationToken) -> str:
        name, zone, note = await find_zone(self._geocoder, args.place)
        return to_text({"place": name, "note": note, "time": _told(self._clock().astimezone(zone), zone), "source": SOURCE})


class TimeDifference(GuardedTool[DifferenceArguments]):
    """How far two clocks are apart."""

    def __init__(self, geocoder: Geocoder, clock: Callable[[], datetime] = now) -> None:
        super().__init__(
            DifferenceArguments,
            "time_difference",
            "How many hours the clocks of two places differ now.",
            title="Time difference",
            summary="How many hours the clocks of two places differ.",
        )
        self._geocoder = geocoder
        self._clock = clock

    async def run(self, args: DifferenceArguments, cancellation_token: CancellationToken) -> str:
        first, first_zone, first_note = await find_zone(self._geocoder, args.first)
        second, second_zone, second_note = await find_zone(self._geocoder, args.second)
        here, there = self._clock().astimezone(first_zone), self._clock().astimezone(second_zone)
        ahead = (there.utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
        return to_text(
            {
                "difference": _difference(first, second, ahead),
                first: _told(here, first_zone),
                second: _told(there, second_zone),
                "note": " ".join(filter(None, (first_note, second_note))),
                "source": SOURCE,
            }
        )


async def find_zone(geocoder: Geocoder, text: str) -> tuple[str, ZoneInfo, str]:
    """Find a place's name and time zone, with a note where others are named alike. Raises ToolFailed."""
    if ("/" in text or text.upper() in ("UTC", "GMT")) and (zone := _zone(text if "/" in text else text.upper())):
        return text, zone, ""
    place, note = await geocoder.find(text)
    if zone := _zone(place.timezone):
        return place.full_name, zone, note
    raise ToolFailed(f"The time zone of {place.full_name} is not known. Call again with a time zone such as Europe/Paris.")


def _zone(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key) if key else None
    except (KeyError, ValueError, OSError):  # unknown; not a key at all; a folder of keys
        return None


def _told(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment:%A, %Y-%m-%d %H:%M} ({zone.key}, {moment.tzname()})"


def _difference(first: str, second: str, ahead: timedelta) -> str:
    if not ahead:
        return f"{first} and {second} have the same time now."
    hours, minutes = divmod(abs(ahead) // timedelta(minutes=1), 60)
    told = " ".join(filter(None, (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")))
    return f"{second} is {told} {'ahead of' if ahead > timedelta() else 'behind'} {first} now."
