"""Days and times as the person at the page counts them."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st


def here(moment: datetime) -> datetime:
    """The moment in the browser's time zone, or in UTC where that is unknown."""
    return moment.astimezone(_zone(st.context.timezone or ""))


def to_day(moment: datetime, now: datetime) -> str:
    """Name a day as people do on the day of `now`. Both are in the same time zone."""
    if moment.date() == now.date():
        return "Today"
    if moment.date() == now.date() - timedelta(days=1):
        return "Yesterday"
    return f"{moment:%A}, {moment.day} {moment:%B}" + (f" {moment.year}" if moment.year != now.year else "")


def to_short(moment: datetime, now: datetime) -> str:
    """A day's time today, and the date of any other day."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b}" + (f" {moment.year}" if moment.year != now.year else "")


def to_moment(moment: datetime, now: datetime) -> str:
    """The time, and before it the date of any day but today."""
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{to_short(moment, now)}, {moment:%H:%M}"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # a browser may send any name, and a machine may lack the list of zones
        return UTC
