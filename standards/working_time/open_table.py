"""Open time as sorted arrays of numbers: every question is a binary search, for one moment or a million."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.errors import TaktasError
from standards.working_time.local_time import moment_at
from standards.working_time.resolved_calendar import ResolvedCalendar
from standards.working_time.sorted_search import find

Micros = NDArray[np.int64]
"""UTC microseconds since 1970, or a number of microseconds; a single one is an array without dimensions."""

SECOND = 1_000_000
DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BeyondCalendar(TaktasError):
    """An answer lies outside the days a calendar was worked out for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenTable:
    """Open stretches in order, none overlapping, those of one day with its number; and where local days begin.

    `opens`, `closes`, `stretch_days`: one row a stretch. `used_before`, `used_after`: open time of the whole table
    before and after each. `work_days`, `day_opens`, `day_closes`: one row a day with open time. `edge_opens`,
    `edge_closes`: stretches that touch taken together. `midnights`: the start of each local date and of the one
    after the last. `limit`: the last moment that is known. A day's number is its date's ordinal.
    """

    name: str
    first_day: date
    last_day: date
    midnights: Micros
    opens: Micros
    closes: Micros
    stretch_days: Micros
    used_before: Micros
    used_after: Micros
    work_days: Micros
    day_opens: Micros
    day_closes: Micros
    edge_opens: Micros
    edge_closes: Micros
    limit: int
    passes_midnight: bool

    def check(self, moments: Micros) -> None:
        """Refuse moments outside the resolved days. Raises: BeyondCalendar."""
        if moments.size and int(moments.min()) < self.midnights[0]:
            raise self.too_early()
        if moments.size and int(moments.max()) > self.limit:
            raise self.too_late()

    def too_late(self) -> BeyondCalendar:
        """The error for an answer after the last day."""
        return BeyondCalendar(
            f"The calendar {self.name!r} is worked out to {self.last_day} only, and the answer lies after that. "
            "Publish it again with a later last day."
        )

    def too_early(self) -> BeyondCalendar:
        """The error for an answer before the first day."""
        return BeyondCalendar(
            f"The calendar {self.name!r} is worked out from {self.first_day} only, and the answer lies before that. "
            "Publish it again with an earlier first day."
        )

    def pick(self, column: Micros, rows: Micros) -> Micros:
        """`column` at those rows. Raises: BeyondCalendar when a row is before the first or after the last."""
        if rows.size and int(rows.min()) < 0:
            raise self.too_early()
        if rows.size and int(rows.max()) >= column.size:
            raise self.too_late()
        return np.asarray(column[rows])

    def used(self, moments: Micros) -> Micros:
        """Open time from the beginning of the table to each moment."""
        self.check(moments)
        if not self.opens.size:
            return np.zeros_like(moments)
        rows = np.maximum(find(self.opens, moments, "right") - 1, 0)
        opens = self.opens[rows]
        return np.asarray(self.used_before[rows] + np.clip(moments, opens, self.closes[rows]) - opens)

    def is_open(self, moments: Micros) -> NDArray[np.bool_]:
        """Whether a moment is in a stretch; closing time no longer is."""
        self.check(moments)
        rows = find(self.opens, moments, "right") - 1
        return np.asarray((rows >= 0) & (moments < self.closes[rows])) if self.opens.size else rows >= 0

    def add(self, moments: Micros, amounts: Micros) -> Micros:
        """The moment at which so much open time has been used up, going back where the amount is negative.

        Used up exactly at closing means closing; going back, exactly at opening means opening. Nothing to use up
        means the moment itself if open, else the next opening.
        """
        moments, amounts = np.broadcast_arrays(moments, amounts)
        goals = self.used(moments) + amounts
        if not amounts.size or int(amounts.min()) > 0:
            return self._reached(goals)
        if int(amounts.max()) < 0:
            return self._left(goals)
        result = np.empty_like(goals)
        ahead, behind, neither = amounts > 0, amounts < 0, amounts == 0
        result[ahead] = self._reached(goals[ahead])
        result[behind] = self._left(goals[behind])
        result[neither] = self.next_open(moments[neither])
        return result

    def _reached(self, goals: Micros) -> Micros:
        """The first moment at which so much of the whole table has been used."""
        rows = find(self.used_after, goals, "left")
        return np.asarray(self.pick(self.opens, rows) + goals - self.used_before[rows])

    def _left(self, goals: Micros) -> Micros:
        """The last moment at which no more of the whole table has been used."""
        rows = find(self.used_before, goals, "right") - 1
        return np.asarray(self.pick(self.opens, rows) + goals - self.used_before[rows])

    def next_open(self, moments: Micros) -> Micros:
        """The moment itself if open, else the next opening."""
        self.check(moments)
        return np.maximum(moments, self.pick(self.opens, find(self.closes, moments, "right")))

    def previous_open(self, moments: Micros) -> Micros:
        """The moment itself if open, else the last closing before it."""
        self.check(moments)
        return np.minimum(moments, self.pick(self.closes, find(self.opens, moments, "right") - 1))

    def next_edge(self, edges: Micros, moments: Micros) -> Micros:
        """The first opening or closing strictly after each moment."""
        self.check(moments)
        found = self.pick(edges, find(edges, moments, "right"))
        # What is open when the last day ends may well go on: that is no closing.
        if found.size and int(found.max()) >= self.midnights[-1]:
            raise self.too_late()
        return found

    def day_numbers(self, moments: Micros) -> Micros:
        """The day each moment counts to: its local date, or the day whose stretch reaches past midnight to it."""
        self.check(moments)
        days = np.minimum(find(self.midnights, moments, "right") - 1, self.midnights.size - 1)
        numbers = days + self.first_day.toordinal()
        if not self.passes_midnight:
            return np.asarray(numbers)
        rows = np.maximum(find(self.opens, moments, "right") - 1, 0)
        inside = (self.opens[rows] <= moments) & (moments < self.closes[rows])
        return np.where(inside, self.stretch_days[rows], numbers)

    def nth_day_after(self, day_numbers: Micros, counts: Micros) -> Micros:
        """Rows in `work_days` so many working days after each day; none: the day itself if it works, else the next."""
        first = find(self.work_days, day_numbers, "right")
        return np.where(counts > 0, first + counts - 1, find(self.work_days, day_numbers, "left"))

    def nth_day_before(self, day_numbers: Micros, counts: Micros) -> Micros:
        """Rows in `work_days` so many before: the mirror image of `nth_day_after`."""
        first = find(self.work_days, day_numbers, "left")
        return np.where(counts > 0, first - counts, find(self.work_days, day_numbers, "right") - 1)

    def close_after_days(self, moments: Micros, counts: Micros) -> Micros:
        """The end of working time on the nth working day after; none: the first end that is not over yet."""
        rows = self.nth_day_after(self.day_numbers(moments), counts)
        return self.pick(self.day_closes, np.where(counts > 0, rows, find(self.day_closes, moments, "left")))

    def open_before_days(self, moments: Micros, counts: Micros) -> Micros:
        """The opening of the nth working day before; none: the last opening that has been."""
        rows = self.nth_day_before(self.day_numbers(moments), counts)
        return self.pick(self.day_opens, np.where(counts > 0, rows, find(self.day_opens, moments, "right") - 1))


def micros_of(moment: datetime) -> int:
    """UTC microseconds since 1970. Raises: ValueError for a moment without zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone. Pass an aware moment.")
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(micros: int) -> datetime:
    """The UTC moment of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def build(calendar: ResolvedCalendar) -> OpenTable:
    """The table of a resolved calendar."""
    first = calendar.first_day.toordinal()
    midnights = _midnights(calendar, len(calendar.days) + 2)
    rows = [(n, start, end) for n, day in enumerate(calendar.days) for start, end in day.spans]
    days, starts, ends = np.array(rows, dtype=np.int64).T
    exists = np.diff(midnights)[days] > 0  # a zone that crosses the date line leaves a whole date out
    days, starts, ends = days[exists], starts[exists], ends[exists]
    opens, closes = (_moments(calendar.zone, midnights, days, first, clock) for clock in (starts, ends))
    order = np.argsort(opens, kind="stable")
    return assemble(calendar, midnights[:-1], opens[order], closes[order], days[order] + first)


def _midnights(calendar: ResolvedCalendar, count: int) -> Micros:
    day = datetime.combine(calendar.first_day, datetime.min.time())
    return np.array(
        [micros_of(moment_at(day + timedelta(days=n), calendar.zone)) for n in range(count)], dtype=np.int64
    )


def _moments(zone: ZoneInfo, midnights: Micros, days: Micros, first: int, clock: Micros) -> Micros:
    """UTC moments of wall-clock seconds counted from the midnight of each day (row of `midnights`)."""
    late = clock >= DAY
    row, rest = days + late, clock - DAY * late
    moments = midnights[row] + rest * SECOND
    # Only on a day of 24 real hours is the wall clock as far from midnight as real time is.
    odd = np.flatnonzero((np.diff(midnights)[row] != DAY * SECOND) & (rest > 0))
    for place in odd:
        wall = datetime.fromordinal(first + int(row[place])) + timedelta(seconds=int(rest[place]))
        moments[place] = micros_of(moment_at(wall, zone))
    return np.asarray(moments)


def assemble(
    calendar: ResolvedCalendar | OpenTable, midnights: Micros, opens: Micros, closes: Micros, days: Micros
) -> OpenTable:
    """A table from stretches in order of their opening; what an earlier one covers already is cut off."""
    if opens.size:
        opens = np.maximum(opens, np.concatenate((opens[:1], np.maximum.accumulate(closes)[:-1])))
    real = opens < closes
    # A gap in the clock can push the rest of a night shift behind hours of the next day: then it belongs to that day.
    opens, closes, days = opens[real], closes[real], np.maximum.accumulate(days[real])
    used_after = np.cumsum(closes - opens, dtype=np.int64)
    starts_day = np.concatenate((np.ones(min(days.size, 1), dtype=np.bool_), days[1:] != days[:-1]))
    starts_edge = np.concatenate((np.ones(min(days.size, 1), dtype=np.bool_), opens[1:] != closes[:-1]))
    return OpenTable(
        name=calendar.name,
        first_day=calendar.first_day,
        last_day=calendar.last_day,
        midnights=midnights,
        opens=opens,
        closes=closes,
        stretch_days=days,
        used_before=used_after - (closes - opens),
        used_after=used_after,
        work_days=days[starts_day],
        day_opens=opens[starts_day],
        day_closes=closes[np.roll(starts_day, -1)],
        edge_opens=opens[starts_edge],
        edge_closes=closes[np.roll(starts_edge, -1)],
        limit=max(int(midnights[-1]), int(closes[-1]) if closes.size else 0),
        passes_midnight=bool((closes > midnights[days - calendar.first_day.toordinal() + 1]).any()),
    )


def without(table: OpenTable, gaps: Iterable[tuple[int, int]]) -> OpenTable:
    """The table with stretches of time cut out; it may be left with none."""
    opens, closes, days = table.opens, table.closes, table.stretch_days
    for start, end in gaps:
        if end <= start:
            continue
        low, high = int(np.searchsorted(closes, start, "right")), int(np.searchsorted(opens, end, "left"))
        head = [(opens[low], start, days[low])] if low < high and opens[low] < start else []
        tail = [(end, closes[high - 1], days[high - 1])] if low < high and end < closes[high - 1] else []
        pieces = np.array(head + tail, dtype=np.int64).reshape(-1, 3)
        opens = np.concatenate((opens[:low], pieces[:, 0], opens[high:]))
        closes = np.concatenate((closes[:low], pieces[:, 1], closes[high:]))
        days = np.concatenate((days[:low], pieces[:, 2], days[high:]))
    return assemble(table, table.midnights, opens, closes, days)
