"""Which moments a schedule rings at, on the house's clock and calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import zone
from core.settings import settings
from models.timetable import CatchUp
from standards.working_time.schedule import IsOpenDay, parse_schedule
from tasks.handbooks import calendars

IN_TIME = timedelta(minutes=5)
"""A schedule that skips what it missed still rings when it is no later than this."""

AT_ITS_BEGINNING = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One schedule with what its ringings depend on."""

    id: int
    code: str
    phrase: str
    does: str
    arguments: dict[str, Any]
    starts_at: datetime
    catches_up: CatchUp
    house: ZoneInfo
    is_open_day: IsOpenDay | None

    def next_after(self, moment: datetime) -> datetime:
        """The first ringing after that moment, and not before its beginning. Raises: ScheduleNotUnderstood."""
        begin = max(moment, self.starts_at - AT_ITS_BEGINNING)
        return parse_schedule(self.phrase).next_after(begin, self.house, self.is_open_day)

    def due(self, at: datetime, last: datetime | None) -> datetime | None:
        """The moment it is to ring for now, when it last rang for `last`; None when for none.

        Raises: ScheduleNotUnderstood, BeyondCalendar.
        """
        after = max(self.starts_at - AT_ITS_BEGINNING, last or self.starts_at - AT_ITS_BEGINNING)
        if after >= at:
            return None
        schedule = parse_schedule(self.phrase)
        if self.catches_up is CatchUp.EACH:
            first = schedule.next_after(after, self.house, self.is_open_day)
            return first if first <= at else None
        found = schedule.last_until(at, self.house, self.is_open_day, after=after)
        is_too_late = found is not None and self.catches_up is CatchUp.SKIP and at - found > IN_TIME
        return None if is_too_late else found


def timed(db: Connection, row: Any) -> Timed:
    """A row of the table of schedules, ready to tell its ringings. Raises: ScheduleNotUnderstood, NoHouseCalendar."""
    needs_calendar = parse_schedule(row.phrase).needs_calendar
    return Timed(
        id=row.id,
        code=row.code,
        phrase=row.phrase,
        does=row.does,
        arguments=row.arguments,
        starts_at=row.starts_at,
        catches_up=CatchUp(row.catches_up),
        house=zone(settings().zone),
        is_open_day=calendars.calendar_of(db)[1].is_working_day if needs_calendar else None,
    )
