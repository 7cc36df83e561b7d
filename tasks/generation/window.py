"""Which anchors a run looks at: the dates or moments whose start has come, found without asking the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from standards.working_time.duration import AnchoredMoment
from standards.working_time.open_table import micros_of, moment_of
from standards.working_time.open_time import BeyondCalendar, DateEdge, OpenTime

Anchor = date | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The first and the last anchor, both included; None where nothing bounds it."""

    first: Anchor | None
    last: Anchor | None

    @property
    def is_empty(self) -> bool:
        """Whether no anchor can lie in it."""
        return self.first is not None and self.last is not None and self.first > self.last


EVERYTHING = Window(first=None, last=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRule:
    """When cases start, counted from an anchor that is a date or a moment, on the calendar of the house.

    A start never comes earlier for a later anchor: that is what lets the window be found by halving.
    """

    when: AnchoredMoment
    clock: OpenTime
    is_date: bool

    def start_of(self, anchor: Anchor) -> datetime:
        """When the case about a subject with that anchor starts. Raises: BeyondCalendar."""
        return self.clock.resolve_anchor(self.when, anchor, bare_date=DateEdge.START)

    def last_started(self, at: datetime) -> Anchor:
        """The latest anchor whose start is at or before `at`. Raises: BeyondCalendar."""
        return self._latest(lambda start: start <= at, at)

    def first_not_before(self, at: datetime) -> Anchor:
        """The earliest anchor whose start is at or after `at`. Raises: BeyondCalendar."""
        return self._anchor(self._number_of(self._latest(lambda start: start < at, at)) + 1)

    def _latest(self, holds: Callable[[datetime], bool], near: datetime) -> Anchor:
        """The latest anchor for whose start it holds; it holds for every earlier one and for no later one."""
        low = high = self._number_of(near if not self.is_date else near.astimezone(self.clock.zone).date())
        step = 1
        while not self._ask(holds, low, near):
            low, step = low - step, step * 2
        step = 1
        while self._ask(holds, high, near):
            high, step = high + step, step * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._ask(holds, middle, near) else (low, middle)
        self.start_of(self._anchor(high))  # where the calendar ends, nothing is known: that is an error, not a bound
        return self._anchor(low)

    def _ask(self, holds: Callable[[datetime], bool], number: int, near: datetime) -> bool:
        try:
            return holds(self.start_of(self._anchor(number)))
        except (BeyondCalendar, OverflowError, ValueError):
            return number < self._number_of(near if not self.is_date else near.date())

    def _number_of(self, anchor: Anchor) -> int:
        return micros_of(anchor) if isinstance(anchor, datetime) else anchor.toordinal()

    def _anchor(self, number: int) -> Anchor:
        return date.fromordinal(number) if self.is_date else moment_of(number)
