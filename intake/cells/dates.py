"""From a cell to a date or a moment, in the declared order only."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from core.clock import zone
from intake.cells.formats import DateOrder, Formats
from intake.cells.problem import CellRefused
from intake.cells.texts import Reader, text_of
from intake.reading.row_source import Cell
from standards.working_time.duration import AnchoredMoment, Direction, Unit
from standards.working_time.local_time import moment_at, shift_date

YEARS = (1900, 2199)

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_THREE_NUMBERS = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?", re.ASCII)
_CLOCK = re.compile(r"(.*?)[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?", re.ASCII)


def date_reader(formats: Formats) -> Reader:
    """A date in the declared order; `2011-02-24` and a date of Excel need no declaration."""

    def read(cell: Cell) -> str:
        return read_date(cell, formats).isoformat()

    return read


def read_date(cell: Cell, formats: Formats) -> date:
    """The date alone. Raises: CellRefused."""
    day, clock = _day_and_clock(cell, formats)
    if clock != time(0):
        raise CellRefused(f"{text_of(cell)!r} is a moment; a date is wanted here")
    return day


def moment_reader(formats: Formats, *, is_end: bool) -> Reader:
    """A moment on the wall clock of the house; a bare date is its beginning, or for an end the end of that day."""
    where = zone(formats.zone)

    def read(cell: Cell) -> str:
        day, clock = _day_and_clock(cell, formats)
        is_bare = clock == time(0)
        at = datetime.combine(day + timedelta(days=1) if is_end and is_bare else day, clock)
        return moment_at(at, where).isoformat()

    return read


def _day_and_clock(cell: Cell, formats: Formats) -> tuple[date, time]:
    if isinstance(cell, datetime):
        return _likely(cell.date()), cell.time().replace(microsecond=0)
    if isinstance(cell, date):
        return _likely(cell), time(0)
    if isinstance(cell, int | float | time | timedelta):
        raise CellRefused(f"{text_of(cell)} is not a date; format the column as a date in Excel")
    text = text_of(cell).strip()
    clocked = _CLOCK.fullmatch(text)
    day = _day(clocked[1].strip() if clocked else text, formats)
    return day, _clock(clocked) if clocked else time(0)


def _clock(match: re.Match[str]) -> time:
    try:
        return time(int(match[2]), int(match[3]), int(match[4] or 0))
    except ValueError as error:
        raise CellRefused(f"{match[0]!r} has no possible time of day") from error


def _day(text: str, formats: Formats) -> date:
    iso = _ISO.fullmatch(text)
    if iso:
        return _dated(text, int(iso[1]), int(iso[2]), int(iso[3]))
    match = _THREE_NUMBERS.fullmatch(text)
    if match is None:
        raise CellRefused(f"{text!r} is not a date")
    if formats.dates is None:
        raise CellRefused(
            f"{text!r} can be read in several ways; declare the order, for example: dates: month/day/year"
        )
    parts = (match[1], match[3], match[4])
    year, month, day = (parts[place] for place in formats.dates.places)
    if len(year) != 4:
        raise CellRefused(f"{text!r} has no year of four digits where {formats.dates} has it")
    return _dated(text, int(year), int(month), int(day), formats.dates)


def _dated(text: str, year: int, month: int, day: int, order: DateOrder | None = None) -> date:
    try:
        return _likely(date(year, month, day))
    except ValueError as error:
        if isinstance(error, CellRefused):
            raise
        said = f" when read as {order}" if order else ""
        raise CellRefused(f"{text!r} is not a day of the calendar{said}") from error


def _likely(day: date) -> date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise CellRefused(f"{day} lies outside the years {YEARS[0]} to {YEARS[1]}")
    return day


def shifted(day: date, shift: AnchoredMoment) -> date:
    """So many days, weeks, months or years before or after a day. Raises: DateOutOfReach."""
    if shift.duration is None:
        return day
    count = -shift.duration.value if shift.direction is Direction.BEFORE else shift.duration.value
    match shift.duration.unit:
        case Unit.YEAR:
            return shift_date(day, months=12 * count)
        case Unit.MONTH:
            return shift_date(day, months=count)
        case Unit.WEEK:
            return shift_date(day, days=7 * count)
        case _:
            return shift_date(day, days=count)
