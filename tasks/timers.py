"""Timers of a case: what a waiting step waits for, and the deadlines beside a step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from models import work
from standards.open_time import DateEdge, OpenTime
from standards.process import Step, Trigger
from tasks.case_facts import moment_of
from tasks.course import Course
from tasks.history import Place


class Purpose(StrEnum):
    """What a timer is for; a bare date means its beginning for a wait, its end for a deadline and a race."""

    WAIT = "wait"
    DEADLINE = "deadline"
    RACE = "race"


_timer = work.timers.c
_INSERT = insert(work.timers).on_conflict_do_nothing()
_OF_PLACE = (
    _timer.case_id == bindparam("its_case"),
    _timer.step == bindparam("its_step"),
    _timer.member == bindparam("its_member"),
    _timer.round == bindparam("its_round"),
    _timer.fired_at.is_(None),
    _timer.cancelled_at.is_(None),
)
_CANCEL = update(work.timers).where(*_OF_PLACE).values(cancelled_at=bindparam("at"))


def fires_at(course: Course, trigger: Trigger, clock: OpenTime, since: datetime, purpose: Purpose) -> datetime | None:
    """When a timed trigger fires for a place begun at `since`; None for a happening, or an anchor without a value.

    Raises: FieldOutOfReach, BeyondCalendar.
    """
    span = trigger.span or trigger.every
    if span is not None:
        return clock.add_duration(since, span)
    edge = DateEdge.START if purpose is Purpose.WAIT else DateEdge.END
    return moment_of(course, trigger.moment, clock, edge=edge)


def set_timers(
    course: Course,
    place: Place,
    triggers: Iterable[Trigger],
    clock: OpenTime,
    purpose: Purpose,
    *,
    since: datetime | None = None,
) -> datetime | None:
    """Set a timer for each timed trigger of a place. Returns the earliest moment at which one fires."""
    rows = []
    for trigger in triggers:
        moment = fires_at(course, trigger, clock, since or course.at, purpose)
        if moment is not None:
            rows.append(_row(course, place, trigger, purpose, moment))
    if rows:
        course.db.execute(_INSERT, rows)
    return min((row["fires_at"] for row in rows), default=None)  # type: ignore[type-var,return-value]  # all moments


def _row(course: Course, place: Place, trigger: Trigger, purpose: Purpose, moment: datetime) -> dict[str, object]:
    return {
        "case_id": course.case.id,
        "step": place.step,
        "member": place.member,
        "round": place.round,
        "purpose": purpose.value,
        "branch": trigger.name,
        "fires_at": moment,
        "anchor": str(trigger.moment) if trigger.moment else None,
    }


def set_deadlines(course: Course, step: Step, place: Place, clock: OpenTime, since: datetime | None = None) -> None:
    """Set the deadlines of a step that has just begun."""
    if step.deadlines:
        set_timers(course, place, step.deadlines, clock, Purpose.DEADLINE, since=since)


def cancel_timers(course: Course, place: Place) -> None:
    """Nothing fires any more for a place that has come to its end."""
    step = course.process.steps.get(place.step)
    if step is not None and not (step.deadlines or step.wait_for):
        return
    course.db.execute(
        _CANCEL,
        {
            "its_case": course.case.id,
            "its_step": place.step,
            "its_member": place.member,
            "its_round": place.round,
            "at": course.at,
        },
    )
