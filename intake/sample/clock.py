"""A light clock for the sample's own throws of the dice: the open time of somebody who is there, in whole seconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from standards.working_time.open_time import OpenTime


class LightClock:
    """Counts like the clock it is made from, between `first` and `last`, a few moments at a time."""

    def __init__(self, clock: OpenTime, first: datetime, last: datetime) -> None:
        stretches = clock.open_intervals(first, until=last)
        self._opens = [int(begun.timestamp()) for begun, _ in stretches]
        self._closes = [int(ended.timestamp()) for _, ended in stretches]
        lengths = [close - start for start, close in zip(self._opens, self._closes, strict=True)]
        self._used = [0, *accumulate(lengths)]

    def _used_until(self, moment: datetime) -> int:
        at = int(moment.timestamp())
        place = bisect_right(self._opens, at) - 1
        return self._used[place] + min(at, self._closes[place]) - self._opens[place] if place >= 0 else 0

    def between(self, start: datetime, end: datetime) -> int:
        """Open seconds from start to end."""
        return self._used_until(end) - self._used_until(start)

    def add(self, start: datetime, seconds: int) -> datetime:
        """When so many open seconds (negative: back) have been used up; at the latest the last closing."""
        goal = max(0, min(self._used_until(start) + seconds, self._used[-1]))
        place = max(0, bisect_left(self._used, goal) - 1)
        return datetime.fromtimestamp(self._opens[place], UTC) + timedelta(seconds=goal - self._used[place])
