"""The only place that reads the clock; every other function is told the moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import UsageError


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises: UsageError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"There is no time zone {name!r}. Use an IANA name such as Europe/Vilnius.") from error


def parse_date(text: str) -> date:
    """`2026-03-02` as a date. Raises: UsageError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date. Write it as 2026-03-02.") from error


def parse_moment(text: str, zone_name: str) -> datetime:
    """`2026-03-02`, `2026-03-02T14:00` (wall clock of the zone) or with an offset, as a UTC moment.

    A bare date means its first moment. Raises: UsageError.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a moment. Write it as 2026-03-02T14:00 or 2026-03-02.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(zone_name))
    return moment.astimezone(UTC)


def start_of(day: date, zone_name: str) -> datetime:
    """The first moment of a local date, in UTC."""
    return datetime.combine(day, time(0), zone(zone_name)).astimezone(UTC)
