"""Time zones, by IANA name."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def find_zone(name: str | None) -> ZoneInfo | None:
    """Find a time zone, or nothing for a name that is none. The data is that of this machine, else of the tzdata package."""
    try:
        return ZoneInfo(name) if name and not name.endswith("/") else None
    except (ValueError, OSError, LookupError):  # a path, a folder of the database, or no such zone
        return None


def hours_ahead(zone: ZoneInfo, other: ZoneInfo, day: date) -> float:
    """Say by how many hours clocks in `other` are ahead of those in `zone` at noon of a day: summer time may begin on different days."""
    noon = datetime.combine(day, time(12))
    return (_offset(noon, other) - _offset(noon, zone)) / 3600


def _offset(moment: datetime, zone: ZoneInfo) -> float:
    offset = moment.replace(tzinfo=zone).utcoffset()
    return offset.total_seconds() if offset else 0.0
