"""Who is there for a task: absences weighed against its working time, and the substitute who stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from standards.working_time.open_time import OpenTime, has_room
from tasks.moments import TaskMoments

LEAST_EFFORT_MINUTES = 1
"""What a task without a standard for its effort is taken to need: somebody who is not there at all is absent for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A stretch of time somebody is away, and who stands in for just this one."""

    starts_at: datetime
    ends_at: datetime
    substitute_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One employee as work sees them: their calendar, when they are away and who stands in.

    `is_gone`: they left the house, or have not joined it yet.
    """

    employee_id: int
    open_time: OpenTime
    calendar_version_id: int | None = None
    absences: tuple[Absence, ...] = ()
    substitute_id: int | None = None
    team_id: int | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a task ends up: on whose desk, and its moments on that desk's calendar."""

    desk: Desk
    moments: TaskMoments


def absences_in_the_way(desk: Desk, moments: TaskMoments, effort_minutes: int) -> tuple[Absence, ...]:
    """Their absences that leave less open time before due than the task's effort; none when they are there for it.

    Where the effort does not fit before due anyway, they are asked for the first so much open time after opening.
    Raises: BeyondCalendar.
    """
    effort_seconds = max(effort_minutes, LEAST_EFFORT_MINUTES) * 60
    start = moments.opens_at
    until = desk.open_time.add(start, effort_seconds)
    end = max(moments.due_at or until, until)
    touching = tuple(it for it in desk.absences if it.starts_at < end and it.ends_at > start)
    if not touching:
        return ()
    present = desk.open_time.without((it.starts_at, it.ends_at) for it in touching)
    return () if has_room(present, start, end, effort_seconds) else touching


def seat(
    first: int,
    desk_of: Callable[[int], Desk | None],
    moments_on: Callable[[Desk], TaskMoments],
    effort_minutes: int,
) -> Seat | None:
    """The first who is there: the person meant, else their substitute, else the substitute's …; None when nobody is.

    `moments_on` gives the task's moments on somebody's calendar. Raises: BeyondCalendar.
    """
    asked: set[int] = set()
    wanted: int | None = first
    while wanted is not None and wanted not in asked:
        asked.add(wanted)
        desk = desk_of(wanted)
        if desk is None:
            return None
        moments = moments_on(desk)
        absences = absences_in_the_way(desk, moments, effort_minutes)
        if not desk.is_gone and not absences:
            return Seat(desk=desk, moments=moments)
        wanted = substitute(desk, absences)
    return None


def substitute(desk: Desk, absences: tuple[Absence, ...]) -> int | None:
    """Who stands in during the first of these absences that names somebody, else whoever always stands in for them."""
    return next((it.substitute_id for it in absences if it.substitute_id is not None), desk.substitute_id)
