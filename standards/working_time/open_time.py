"""Due times: durations counted on a calendar, forward and back, from moments, from dates and from anchors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit
from standards.working_time.local_time import moment_at, shift_date, start_of_day, wall_clock
from standards.working_time.open_table import BeyondCalendar
from standards.working_time.working_clock import Moments, Period, WorkingClock

__all__ = ["BeyondCalendar", "DateEdge", "Moments", "OpenTime", "Period", "has_room"]

ONE_DAY = timedelta(days=1)
_SECONDS = {Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.WORKING_MINUTE: 60, Unit.WORKING_HOUR: 3600}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


class DateEdge(StrEnum):
    """Which moment a bare date stands for."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenTime(WorkingClock):
    """The working clock that understands durations. Raises BeyondCalendar as every method of the clock does."""

    def add_duration(self, start: datetime, duration: Duration) -> datetime:
        """`duration` after `start`, in UTC.

        Working units count open time. Days, weeks, months and years keep the wall-clock time in the calendar's
        zone; if the day is closed, the next open day, unless the duration keeps. Minutes and hours are real time.
        """
        if duration.unit is Unit.WORKING_DAY:
            return self.add_working_days(start, duration.value)
        if duration.unit.is_working:
            return self.add(start, duration.value * _SECONDS[duration.unit])
        if duration.unit.is_plain_date:
            return self._at_same_clock(start, self._date_after(wall_clock(start, self.zone).date(), duration))
        return start.astimezone(UTC) + _real_time(duration)

    def subtract_duration(self, end: datetime, duration: Duration) -> datetime:
        """`duration` before `end`, in UTC: the mirror image of `add_duration`.

        Working days give the opening of the nth working day before; a closed day becomes the previous open day.
        """
        if duration.unit is Unit.WORKING_DAY:
            return self.working_days_before(end, duration.value)
        if duration.unit.is_working:
            return self.subtract(end, duration.value * _SECONDS[duration.unit])
        if duration.unit.is_plain_date:
            return self._at_same_clock(end, self._date_before(wall_clock(end, self.zone).date(), duration))
        return end.astimezone(UTC) - _real_time(duration)

    def from_date_forward(self, day: date, duration: Duration) -> datetime:
        """`duration` after a date, which counts from its end.

        Days, weeks, months and years give the end of the date reached; working days the end of working time.
        """
        if duration.unit is Unit.WORKING_DAY:
            return self.closing_of(self.working_day_after(day, duration.value))
        if duration.unit.is_plain_date:
            return self._end_of(self._date_after(day, duration))
        return self.add_duration(self._end_of(day), duration)

    def from_date_backward(self, day: date, duration: Duration) -> datetime:
        """`duration` before a date, which counts from its start: the mirror image of `from_date_forward`."""
        if duration.unit is Unit.WORKING_DAY:
            return self.opening_of(self.working_day_before(day, duration.value))
        if duration.unit.is_plain_date:
            return start_of_day(self._date_before(day, duration), self.zone)
        return self.subtract_duration(start_of_day(day, self.zone), duration)

    def resolve_anchor(
        self, anchored: AnchoredMoment, anchor: date | datetime, *, bare_date: DateEdge = DateEdge.END
    ) -> datetime:
        """The moment meant, given the anchor's own moment or date, in UTC.

        `bare_date` says what a date without a duration stands for: its end for a limit, its start for a beginning.
        """
        duration, before = anchored.duration, anchored.direction is Direction.BEFORE
        if isinstance(anchor, datetime):
            if duration is None:
                return anchor.astimezone(UTC)
            return self.subtract_duration(anchor, duration) if before else self.add_duration(anchor, duration)
        if duration is None:
            return self._end_of(anchor) if bare_date is DateEdge.END else start_of_day(anchor, self.zone)
        return self.from_date_backward(anchor, duration) if before else self.from_date_forward(anchor, duration)

    def _date_after(self, day: date, duration: Duration) -> date:
        reached = _shifted(day, duration, 1)
        return reached if duration.keep else self.working_day_after(reached, 0)

    def _date_before(self, day: date, duration: Duration) -> date:
        reached = _shifted(day, duration, -1)
        return reached if duration.keep else self.working_day_before(reached, 0)

    def _at_same_clock(self, moment: datetime, day: date) -> datetime:
        wall = wall_clock(moment, self.zone)
        if day == wall.date():
            return moment.astimezone(UTC)  # not by way of the wall clock, on which it may exist twice
        return moment_at(datetime.combine(day, wall.time()), self.zone)

    def _end_of(self, day: date) -> datetime:
        return start_of_day(day + ONE_DAY, self.zone)


def has_room(open_time: OpenTime, start: datetime, due: datetime, effort_seconds: int) -> bool:
    """Whether the work still fits into the open time before its due time.

    With a calendar from which somebody's absences are cut out, False means: absent for this task.
    """
    return open_time.between(start, due) >= effort_seconds


def _shifted(day: date, duration: Duration, sign: int) -> date:
    count = duration.value * sign
    return shift_date(day, months=count * _MONTHS.get(duration.unit, 0), days=count * _DAYS.get(duration.unit, 0))


def _real_time(duration: Duration) -> timedelta:
    return timedelta(seconds=duration.value * _SECONDS[duration.unit])
