"""Timers of a case: what a waiting step waits for, and the deadlines beside a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from models import work
from standards.process import Step, Trigger
from standards.working_time.open_time import DateEdge, OpenTime
from tasks.advancing.course import Course
from tasks.advancing.history import Place
from tasks.facts.case_facts import moment_of


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
)
_IS_OPEN = (_timer.fired_at.is_(None), _timer.cancelled_at.is_(None))
_READ = select(
    *(_timer[name] for name in ("id", "purpose", "branch", "fires_at", "anchor", "fired_at", "cancelled_at"))
).where(*_OF_PLACE)
_CANCEL = update(work.timers).where(*_OF_PLACE, *_IS_OPEN).values(cancelled_at=bindparam("moment"))
_CANCEL_ONE = update(work.timers).where(_timer.id == bindparam("timer_id")).values(cancelled_at=bindparam("moment"))
_MOVE = update(work.timers).where(_timer.id == bindparam("timer_id")).values(fires_at=bindparam("moment"))


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


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A timer of a place as it was read; `is_open`: it has neither fired nor been cancelled."""

    id: int
    fires_at: datetime
    is_anchored: bool
    is_open: bool


TimerKey = tuple[Purpose, str]
"""What a timer of a place is for, and the name of its trigger."""


def timers_of(course: Course, place: Place) -> dict[TimerKey, TimerRow]:
    """Every timer a place has, or has had."""
    rows = course.db.execute(_READ, _key(course, place))
    return {
        (Purpose(row.purpose), row.branch): TimerRow(
            row.id, row.fires_at, row.anchor is not None, row.fired_at is None and row.cancelled_at is None
        )
        for row in rows
    }


def move_timer(course: Course, timer: TimerRow, moment: datetime) -> None:
    """Let a timer fire at another moment."""
    course.db.execute(_MOVE, {"timer_id": timer.id, "moment": moment})


def cancel_timer(course: Course, timer: TimerRow) -> None:
    """Let one timer not fire at all."""
    course.db.execute(_CANCEL_ONE, {"timer_id": timer.id, "moment": course.at})


def cancel_timers(course: Course, place: Place) -> None:
    """Nothing fires any more for a place that has come to its end."""
    step = course.process.steps.get(place.step)
    if step is not None and not (step.deadlines or step.wait_for):
        return
    course.db.execute(_CANCEL, _key(course, place) | {"moment": course.at})


def _key(course: Course, place: Place) -> dict[str, Any]:
    return {
        "its_case": course.case.id,
        "its_step": place.step,
        "its_member": place.member,
        "its_round": place.round,
    }
