"""When an event of a log happened: its own offset counts, else the zone that the mapping names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from core.clock import zone
from intake.cells.dates import YEARS, moment_reader
from intake.cells.formats import Formats
from intake.cells.problem import CellRefused
from standards.working_time.local_time import moment_at

ReadMoment = Callable[[str], datetime]


def reader_of_moments(formats: Formats) -> ReadMoment:
    """Reads ISO 8601, and dates in the declared order. The result keeps its offset; it raises CellRefused."""
    where, by_order = zone(formats.zone), moment_reader(formats, is_end=False)

    def read(written: str) -> datetime:
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            return datetime.fromisoformat(by_order(written)).astimezone(where)
        if at.tzinfo is None:
            at = moment_at(at, where).astimezone(where)
        if not YEARS[0] <= at.year <= YEARS[1]:
            raise CellRefused(f"{at.date()} lies outside the years {YEARS[0]} to {YEARS[1]}")
        return at

    return read


def in_utc(at: datetime) -> datetime:
    """The same moment as the ledger keeps it."""
    return at.astimezone(UTC)
