"""When a task is due, by when it must be begun, and when something next happens to it: the one home of these rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from standards.service.standard import Base, Fields, Level, Offset, Reminder
from standards.working_time.duration import Direction, Duration
from standards.working_time.open_time import OpenTime, has_room


class Firing(StrEnum):
    """What is to happen to a task at its `next_at`; of several at one moment the first listed comes first."""

    OPEN = "open"
    REMIND = "remind"
    ESCALATE = "escalate"
    LIMIT = "limit"
    EXPIRE = "expire"


_RANK = {firing: rank for rank, firing in enumerate(Firing)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMoments:
    """The moments one task is measured by, in UTC.

    `is_tight`: the standard asks for more working time than there is before the hard limit.
    """

    opens_at: datetime
    start_by: datetime | None = None
    due_at: datetime | None = None
    limit_at: datetime | None = None
    is_tight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudges:
    """Everything that will happen to a task by itself, in order: reminders, levels of escalation, limit, expiry."""

    reminders: tuple[tuple[datetime, Reminder], ...] = ()
    levels: tuple[tuple[datetime, Level], ...] = ()
    limit_at: datetime | None = None
    expires_at: datetime | None = None


def task_moments(
    fields: Fields, open_time: OpenTime, *, opens_at: datetime, limit_at: datetime | None = None
) -> TaskMoments:
    """The moments of a task that opens at `opens_at` under a standard, on its holder's working time.

    Due is never later than the hard limit; without a standard for it, the limit itself is when it is due.
    Raises: BeyondCalendar.
    """
    asked = open_time.add_duration(opens_at, fields.due) if fields.due is not None else limit_at
    due_at = _earlier(asked, limit_at)
    start_by = open_time.add_duration(opens_at, fields.start_within) if fields.start_within is not None else None
    is_cut = asked is not None and limit_at is not None and asked > limit_at
    return TaskMoments(
        opens_at=opens_at,
        start_by=_earlier(start_by, due_at) if start_by is not None else None,
        due_at=due_at,
        limit_at=limit_at,
        is_tight=is_cut or (limit_at is not None and not _fits(fields, open_time, opens_at, limit_at)),
    )


def _fits(fields: Fields, open_time: OpenTime, opens_at: datetime, limit_at: datetime) -> bool:
    return limit_at > opens_at and has_room(open_time, opens_at, limit_at, fields.effort_minutes * 60)


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    known = [moment for moment in (first, second) if moment is not None]
    return min(known, default=None)


class Counts(Protocol):
    """What counting the moments of nudges needs of a clock."""

    def next_open(self, moment: datetime) -> datetime: ...

    def add_duration(self, start: datetime, duration: Duration) -> datetime: ...

    def subtract_duration(self, end: datetime, duration: Duration) -> datetime: ...


class RemembersCounts:
    """A clock that counts nothing twice: most tasks are due at the end of some working day, as many others are."""

    def __init__(self, clock: OpenTime) -> None:
        """It remembers as long as it lives: one batch."""
        self._clock = clock
        self._opens: dict[datetime, datetime] = {}
        self._added: dict[tuple[datetime, Duration], datetime] = {}
        self._subtracted: dict[tuple[datetime, Duration], datetime] = {}

    def next_open(self, moment: datetime) -> datetime:
        """As OpenTime has it."""
        found = self._opens.get(moment)
        if found is None:
            found = self._opens[moment] = self._clock.next_open(moment)
        return found

    def add_duration(self, start: datetime, duration: Duration) -> datetime:
        """As OpenTime has it."""
        found = self._added.get(key := (start, duration))
        if found is None:
            found = self._added[key] = self._clock.add_duration(start, duration)
        return found

    def subtract_duration(self, end: datetime, duration: Duration) -> datetime:
        """As OpenTime has it."""
        found = self._subtracted.get(key := (end, duration))
        if found is None:
            found = self._subtracted[key] = self._clock.subtract_duration(end, duration)
        return found


def nudges(fields: Fields, open_time: Counts, moments: TaskMoments) -> Nudges:
    """What a task with these moments will be nudged by.

    A reminder reaches people in their working hours, so one that falls outside waits for the next opening, unless it
    is for any hour; one that would have come before the task opened is left out, as is all that hangs on a moment the
    task does not have. Raises: BeyondCalendar.
    """
    reminders = ((_moment_of(it.when, open_time, moments), it) for it in fields.remind or ())
    kept = [
        (at if it.any_hour else open_time.next_open(at), it)
        for at, it in reminders
        if at is not None and at >= moments.opens_at
    ]
    due_at = moments.due_at
    levels = [(open_time.add_duration(due_at, it.after), it) for it in fields.escalate or ()] if due_at else []
    return Nudges(
        reminders=tuple(sorted(kept, key=lambda pair: pair[0])),
        levels=tuple(sorted(levels, key=lambda pair: pair[0])),
        limit_at=moments.limit_at,
        expires_at=_moment_of(fields.expires, open_time, moments) if fields.expires else None,
    )


def _moment_of(offset: Offset, open_time: Counts, moments: TaskMoments) -> datetime | None:
    base = {Base.OPENED: moments.opens_at, Base.START_BY: moments.start_by, Base.DUE: moments.due_at}[offset.base]
    if base is None or offset.span is None:
        return base
    if offset.direction is Direction.BEFORE:
        return open_time.subtract_duration(base, offset.span)
    return open_time.add_duration(base, offset.span)


def next_firing(
    coming: Nudges,
    *,
    reminded: int = 0,
    escalated: int = 0,
    is_limit_passed: bool = False,
) -> tuple[datetime, Firing] | None:
    """The next thing to happen to an open task, after so many reminders and levels; None when nothing is left."""
    ahead: list[tuple[datetime, Firing]] = []
    ahead += [(at, Firing.REMIND) for at, _ in coming.reminders[reminded : reminded + 1]]
    ahead += [(at, Firing.ESCALATE) for at, _ in coming.levels[escalated : escalated + 1]]
    if coming.limit_at is not None and not is_limit_passed:
        ahead.append((coming.limit_at, Firing.LIMIT))
    if coming.expires_at is not None:
        ahead.append((coming.expires_at, Firing.EXPIRE))
    return min(ahead, key=lambda pair: (pair[0], _RANK[pair[1]]), default=None)
