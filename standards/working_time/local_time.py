"""Turning wall-clock time into moments and back: the rules for nights on which the clocks change."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import TaktasError

_ISO_SPAN = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<years>[+-]?\d+)Y)?(?:(?P<months>[+-]?\d+)M)?(?:(?P<weeks>[+-]?\d+)W)?(?:(?P<days>[+-]?\d+)D)?"
    r"(?P<clock>T(?:(?P<hours>[+-]?\d+)H)?(?:(?P<minutes>[+-]?\d+)M)?(?:(?P<seconds>[+-]?\d+(?:[.,]\d{1,6})?)S)?)?",
)


class SpanNotUnderstood(TaktasError, ValueError):
    """A span of wall-clock time is not written as ISO 8601 has it."""


class DateOutOfReach(TaktasError, ValueError):
    """Counting left the years a date can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSpan:
    """Months and days move the date and leave the clock time; `elapsed` is real time, added after them."""

    months: int = 0
    days: int = 0
    elapsed: timedelta = timedelta(0)


def moment_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall-clock time without zone.

    A time that does not exist moves forward by the gap; one that exists twice means the first.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local date, in UTC."""
    return moment_at(datetime.combine(day, time(0)), zone)


def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at that moment, as a datetime without zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def shift_date(day: date, *, months: int = 0, days: int = 0) -> date:
    """So many months, then days later; a day the month does not have becomes its last (31 January + 1 month).

    Raises: DateOutOfReach beyond the years 1 to 9999.
    """
    try:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        message = f"Counting {months} months and {days} days from {day} leaves the years 1 to 9999. Use a shorter span."
        raise DateOutOfReach(message) from error


def parse_wall_span(text: str) -> WallSpan:
    """An ISO 8601 duration such as `P1M`, `P10D`, `PT36H` or `-P1DT2H`. Raises: SpanNotUnderstood."""
    match = _ISO_SPAN.fullmatch(text.strip().upper())
    if match is None or text.strip().upper()[-1] in "PT":
        raise SpanNotUnderstood(f"{text!r} is not an ISO 8601 duration. Write it as P1M, P10D or PT36H.")
    sign = -1 if match["sign"] == "-" else 1
    whole = {part: sign * int(match[part] or 0) for part in ("years", "months", "weeks", "days", "hours", "minutes")}
    seconds, _, fraction = (match["seconds"] or "0").replace(",", ".").partition(".")
    micros = int(fraction.ljust(6, "0")) * (-1 if seconds.startswith("-") else 1)
    return WallSpan(
        months=whole["years"] * 12 + whole["months"],
        days=whole["weeks"] * 7 + whole["days"],
        elapsed=timedelta(hours=whole["hours"], minutes=whole["minutes"])
        + sign * timedelta(seconds=int(seconds), microseconds=micros),
    )


def add_wall(start: datetime, span: WallSpan, zone: ZoneInfo) -> datetime:
    """`start` moved on the wall clock of the zone, open or closed: dates first, then real time. In UTC."""
    moved = start
    if span.months or span.days:
        wall = wall_clock(start, zone)
        day = shift_date(wall.date(), months=span.months, days=span.days)
        moved = moment_at(datetime.combine(day, wall.time()), zone)
    return moved.astimezone(UTC) + span.elapsed
