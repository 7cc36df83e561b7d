"""The moments of somebody's working days at which a digest may leave for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from standards.service.digests import Slot, Weekday
from standards.working_time.local_time import moment_at
from standards.working_time.open_time import OpenTime

_DAY = timedelta(days=1)
_LONGEST_STRETCH = 1
"""Days a stretch of open time that began before midnight may reach into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAt:
    """One moment: `only_news` when nothing but a new reminder makes a digest of it."""

    at: datetime
    only_news: bool


def slots_of_day(clock: OpenTime, day: date, slots: Sequence[Slot]) -> list[SlotAt]:
    """The slots of one working day, in order; a time outside its hours waits for the next opening, or is left out.

    Raises: BeyondCalendar; ValueError for a day without working time.
    """
    opens, closes = clock.opening_of(day), clock.closing_of(day)
    found: dict[datetime, bool] = {}
    for slot in slots:
        at = opens if slot.at is None else _inside(clock, datetime.combine(day, slot.at), opens, closes)
        if at is not None:
            found[at] = found.get(at, True) and slot.only_news
    return [SlotAt(at=at, only_news=found[at]) for at in sorted(found)]


def _inside(clock: OpenTime, wall: datetime, opens: datetime, closes: datetime) -> datetime | None:
    moment = max(moment_at(wall, clock.zone), opens)
    if moment >= closes:
        return None
    reached = clock.next_open(moment)
    return reached if reached < closes else None


def last_slot(clock: OpenTime, slots: Sequence[Slot], at: datetime) -> SlotAt | None:
    """The latest slot that has come, of the working day that is or of the one before. Raises: BeyondCalendar."""
    today = at.astimezone(clock.zone).date()
    days = {clock.working_day_before(today, 0), clock.working_day_before(today, _LONGEST_STRETCH)}
    passed = [slot for day in days for slot in slots_of_day(clock, day, slots) if slot.at <= at]
    return max(passed, key=lambda slot: slot.at, default=None)


def next_slot(clock: OpenTime, slots: Sequence[Slot], after: datetime) -> SlotAt | None:
    """The first slot after a moment; None where there are none. Raises: BeyondCalendar."""
    if not slots:
        return None
    day = clock.working_day_after(after.astimezone(clock.zone).date(), 0)
    while True:
        coming = next((slot for slot in slots_of_day(clock, day, slots) if slot.at > after), None)
        if coming is not None:
            return coming
        day = clock.working_day_after(day, 1)


def weekly_slot(clock: OpenTime, weekday: Weekday, at: datetime) -> tuple[date, datetime] | None:
    """Of the week `at` lies in: the declared date, and the opening of the first working day from it on.

    None while that moment has not come, or when nobody works on the rest of that week. Raises: BeyondCalendar.
    """
    today = at.astimezone(clock.zone).date()
    monday = today - _DAY * today.weekday()
    declared = monday + _DAY * int(weekday)
    day = clock.working_day_after(declared, 0)
    opens = clock.opening_of(day)
    if day > monday + _DAY * 6 or opens > at:
        return None
    return declared, opens
