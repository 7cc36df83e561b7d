"""The working clock of one calendar: adding and measuring open time, one moment at a time or a million."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from standards.working_time.local_time import start_of_day
from standards.working_time.open_one import add_to, close_after_days_of, next_open_of, open_before_days_of, used_by
from standards.working_time.open_table import SECOND, Micros, OpenTable, build, micros_of, moment_of, without
from standards.working_time.resolved_calendar import ResolvedCalendar
from standards.working_time.sorted_search import find

Moments = NDArray[np.datetime64]
"""An array of UTC moments, as numpy has them: datetime64 without zone."""

Period = tuple[datetime, datetime]

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkingClock:
    """Every method takes aware moments and returns UTC; seconds are whole seconds of open time.

    Every method raises BeyondCalendar when the question or the answer lies outside the resolved days.
    """

    table: OpenTable
    zone: ZoneInfo

    @classmethod
    def from_resolved(cls, calendar: ResolvedCalendar) -> Self:
        """The clock of a resolved calendar."""
        return cls(table=build(calendar), zone=calendar.zone)

    @property
    def name(self) -> str:
        """Which calendar it is."""
        return self.table.name

    def without(self, periods: Iterable[Period]) -> Self:
        """The same clock with these periods closed, as absences close it; it may have no open time left."""
        gaps = ((micros_of(start), micros_of(end)) for start, end in periods)
        return replace(self, table=without(self.table, gaps))

    def add(self, start: datetime, seconds: int) -> datetime:
        """When so many open seconds have been used up; negative goes back.

        Used up exactly at closing is at closing. Zero is the moment itself if open, else the next opening.
        """
        return self.add_micros(start, seconds * SECOND)

    def subtract(self, end: datetime, seconds: int) -> datetime:
        """The mirror image of `add`: zero is the moment itself if open, else the last closing before."""
        return self.add(end, -seconds) if seconds else self.previous_open(end)

    def between(self, start: datetime, end: datetime) -> int:
        """Open seconds from start to end, negative when end is before start.

        Exactly additive: `between(a, b) + between(b, c) == between(a, c)`, fractions of a second included.
        """
        return self.micros_used(end) // SECOND - self.micros_used(start) // SECOND

    def is_open(self, moment: datetime) -> bool:
        """Whether it is open; at closing time it no longer is."""
        return bool(self.table.is_open(_micros(moment)))

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself if open, else the next opening."""
        return moment_of(next_open_of(self.table, micros_of(moment)))

    def previous_open(self, moment: datetime) -> datetime:
        """The moment itself if open, else the last closing before it."""
        return _moment(self.table.previous_open(_micros(moment)))

    def next_open_boundary(self, moment: datetime) -> datetime:
        """The next time it opens after having been closed, strictly after the moment."""
        return _moment(self.table.next_edge(self.table.edge_opens, _micros(moment)))

    def next_close(self, moment: datetime) -> datetime:
        """The next time it closes, strictly after the moment."""
        return _moment(self.table.next_edge(self.table.edge_closes, _micros(moment)))

    def open_intervals(
        self, start: datetime, *, count: int | None = None, until: datetime | None = None
    ) -> list[Period]:
        """Open stretches day by day from `start`, cut at it and at `until`; the first `count` of them."""
        low, high = _micros(start), _micros(until) if until else np.asarray(self.table.limit, dtype=np.int64)
        self.table.check(low)
        first, last = int(find(self.table.closes, low, "right")), int(find(self.table.opens, high, "left"))
        if count is not None:
            last = min(last, first + count)
        stretches = zip(self.table.opens[first:last], self.table.closes[first:last], strict=True)
        return [(_moment(np.maximum(opens, low)), _moment(np.minimum(closes, high))) for opens, closes in stretches]

    def add_working_days(self, start: datetime, count: int) -> datetime:
        """The end of working time on the nth working day after the starting day, which is not counted.

        None means the next end of working time. Inside a stretch that reaches past midnight, the starting day is
        the day on which that stretch opened.
        """
        _check_count(count)
        return moment_of(close_after_days_of(self.table, micros_of(start), count))

    def working_days_before(self, anchor: datetime, count: int) -> datetime:
        """The opening of the nth working day before the anchor's day; none means the last opening before it."""
        _check_count(count)
        return moment_of(open_before_days_of(self.table, micros_of(anchor), count))

    def is_working_day(self, day: date) -> bool:
        """Whether a local date has any open time."""
        if day > self.table.last_day:
            raise self.table.too_late()
        if day < self.table.first_day:
            raise self.table.too_early()
        return bool((self.table.work_days == day.toordinal()).any())

    def working_day_after(self, day: date, count: int) -> date:
        """The nth working day after a date; none means the date itself if it is one, else the next."""
        if day < self.table.first_day - ONE_DAY * min(count, 1):
            raise self.table.too_early()
        rows = self.table.nth_day_after(np.asarray(day.toordinal()), _count(count))
        return date.fromordinal(int(self.table.pick(self.table.work_days, rows)))

    def working_day_before(self, day: date, count: int) -> date:
        """The nth working day before a date; none means the date itself if it is one, else the one before."""
        if day > self.table.last_day + ONE_DAY * min(count, 1):
            raise self.table.too_late()
        rows = self.table.nth_day_before(np.asarray(day.toordinal()), _count(count))
        return date.fromordinal(int(self.table.pick(self.table.work_days, rows)))

    def opening_of(self, day: date) -> datetime:
        """When working time begins on a working day."""
        return self._on(self.table.day_opens, day)

    def closing_of(self, day: date) -> datetime:
        """When working time ends on a working day; after midnight, if its hours reach so far."""
        return self._on(self.table.day_closes, day)

    def _on(self, column: Micros, day: date) -> datetime:
        if not self.is_working_day(day):
            raise ValueError(f"{day} has no working time. Ask for a working day.")
        return _moment(column[find(self.table.work_days, np.asarray(day.toordinal()), "left")])

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days after `first` the date `last` is, without `first`, with `last`; may be negative."""
        low, high = sorted((first, last))
        if low < self.table.first_day - ONE_DAY:
            raise self.table.too_early()
        if high > self.table.last_day:
            raise self.table.too_late()
        ordinals = np.array([first.toordinal(), last.toordinal()])
        start, end = find(self.table.work_days, ordinals, "right")
        return int(end - start)

    def days_as_period(self, first: date, last: date) -> Period:
        """From the beginning of the first local date to the end of the last, as an absence of whole days is."""
        return start_of_day(first, self.zone), start_of_day(last + ONE_DAY, self.zone)

    def add_seconds_many(self, starts: Moments, seconds: int | NDArray[np.int64]) -> Moments:
        """`add` for an array of moments and one or as many amounts."""
        amounts = np.asarray(seconds, dtype=np.int64) * SECOND
        return _moments(self.table.add(_micros_many(starts), amounts))

    def between_many(self, starts: Moments, ends: Moments) -> NDArray[np.int64]:
        """`between` for arrays of moments, in seconds."""
        used = (self.table.used(_micros_many(moments)) // SECOND for moments in (starts, ends))
        start, end = used
        return np.asarray(end - start)

    def add_working_days_many(self, starts: Moments, counts: int | NDArray[np.int64]) -> Moments:
        """`add_working_days` for an array of moments and one or as many counts."""
        return _moments(self.table.close_after_days(_micros_many(starts), _count(counts)))

    def working_days_before_many(self, anchors: Moments, counts: int | NDArray[np.int64]) -> Moments:
        """`working_days_before` for an array of moments and one or as many counts."""
        return _moments(self.table.open_before_days(_micros_many(anchors), _count(counts)))

    def micros_used(self, moment: datetime) -> int:
        """Open microseconds from the first resolved day to the moment."""
        return used_by(self.table, micros_of(moment))

    def add_micros(self, start: datetime, micros: int) -> datetime:
        """`add` in microseconds."""
        return moment_of(add_to(self.table, micros_of(start), micros))


def merge_periods(periods: Sequence[Period]) -> list[Period]:
    """The same time in order, each moment once. Raises: ValueError for a period that ends before it starts."""
    merged: list[Period] = []
    for start, end in sorted(periods):
        if end < start:
            raise ValueError(f"A period cannot end at {end}, before it starts at {start}.")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _micros(moment: datetime) -> Micros:
    return np.asarray(micros_of(moment), dtype=np.int64)


def _micros_many(moments: Moments) -> Micros:
    if moments.dtype.kind != "M":
        raise ValueError(f"An array of {moments.dtype} holds no moments. Pass UTC moments as datetime64.")
    return moments.astype("datetime64[us]", copy=False).view(np.int64)


def _moment(micros: Any) -> datetime:
    return moment_of(int(micros))


def _moments(micros: Micros) -> Moments:
    return micros.view("datetime64[us]")


def _count(count: int | NDArray[np.int64]) -> Micros:
    counts = np.asarray(count, dtype=np.int64)
    if counts.size:
        _check_count(int(counts.min()))
    return counts


def _check_count(count: int) -> None:
    if count < 0:
        raise ValueError(f"{count} working days cannot be counted. Count the other way instead.")
