"""What can be said of a flight without anybody's timetable: distance, likely duration, time zones."""

from dataclasses import dataclass
from datetime import date, timedelta

from agents.travel.airports import Airport
from agents.travel.distance import distance_km
from agents.travel.zones import find_zone, hours_ahead

CRUISE_KMH = 840
"""About Mach 0.78 at 11 km, an Airbus A320's or Boeing 737's cruise, where sound travels at 1,062 km/h (ISA)."""
GROUND_AND_CLIMB_MINUTES = 40
"""Taxiing, climb and approach beyond the time at cruise. Our own rule of thumb: 1,100 km then take 2:00 and 5,540 km 7:15, as timetables
say of Paris to Rome and London to New York."""
SOURCE = "the great circle between the airports at 840 km/h, and 40 minutes for taxiing, climb and approach; no timetable"


@dataclass(frozen=True)
class Connection:
    """Two airports on a day."""

    origin: Airport
    destination: Airport
    km: float
    duration: timedelta
    """Of a flight without a stop, wind left out."""
    hours_ahead: float | None
    """By how much clocks at the destination are ahead; None when a time zone is unknown."""


def connect(origin: Airport, destination: Airport, day: date) -> Connection:
    """Compute what is certain of a flight between two airports, and how long it likely takes. To itself an airport has no flight: 0 km."""
    km = distance_km(origin.point, destination.point)
    zone, other = find_zone(origin.timezone), find_zone(destination.timezone)
    return Connection(origin, destination, km, likely_duration(km), hours_ahead(zone, other, day) if zone and other else None)


def likely_duration(km: float) -> timedelta:
    """Estimate a direct flight's time from gate to gate, to five minutes."""
    minutes = GROUND_AND_CLIMB_MINUTES + km / CRUISE_KMH * 60
    return timedelta(minutes=5 * round(minutes / 5))
