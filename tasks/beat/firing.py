"""Dealing with one due row under its lock: what it asked for is looked at again before it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from core.actor import Actor
from models import work
from standards.process import Trigger
from tasks.advancing.advance import advance
from tasks.advancing.course import Course, Effects, open_course
from tasks.advancing.history import Place
from tasks.advancing.timers import Purpose
from tasks.advancing.waiting import alive_at, end_race, ring
from tasks.beat.due_rows import Due
from tasks.beat.hearing import Happening, hear
from tasks.beat.nudging import fire
from tasks.handbooks import calendars
from tasks.record.rows import lock_cases_now, lock_task_now
from tasks.seating.returning import give_back

_timer, _happening = work.timers.c, work.happenings.c
_CASE_OF = select(_timer.case_id).where(_timer.id == bindparam("timer_id"))
_TIMER = select(work.timers).where(
    _timer.id == bindparam("timer_id"), _timer.fired_at.is_(None), _timer.cancelled_at.is_(None)
)
_FIRED = update(work.timers).where(_timer.id == bindparam("timer_id")).values(fired_at=bindparam("at"))
_AGAIN = update(work.timers).where(_timer.id == bindparam("timer_id")).values(fires_at=bindparam("at"))
_HAPPENED = select(work.happenings).where(_happening.id == bindparam("row_id"), _happening.handled_at.is_(None))
_HANDLED = (
    update(work.happenings)
    .where(_happening.id == bindparam("row_id"))
    .values(handled_at=bindparam("moment"), brought=bindparam("what"))
)


def hear_happening(db: Connection, actor: Actor, due: Due, at: datetime, effects: Effects) -> str | None:
    """Every case that listens hears of it, once."""
    row = db.execute(_HAPPENED, {"row_id": due.id}).first()
    if row is None:
        return None
    happening = Happening(
        id=row.id,
        kind=row.kind,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        at=row.at,
        data=row.data or {},
    )
    brought = hear(db, actor, happening, at=at, effects=effects)
    db.execute(_HANDLED, {"row_id": due.id, "moment": at, "what": brought.numbers()})
    return "happenings"


def fire_timer(db: Connection, actor: Actor, due: Due, at: datetime, effects: Effects) -> str | None:
    """Fire a timer under its case's lock; one whose step has gone, or whose condition no longer holds, just ends."""
    cases = lock_cases_now(db, list(db.execute(_CASE_OF, {"timer_id": due.id}).scalars()))
    row = db.execute(_TIMER, {"timer_id": due.id}).first()
    if not cases or row is None or row.fires_at > at:
        return None
    course = open_course(db, actor, cases[0], at=at, effects=effects)
    db.execute(_FIRED, {"timer_id": due.id, "at": at})
    if not course.is_over:
        _ring(course, row)
        advance(course)
    return "timers"


def _ring(course: Course, row: Row[Any]) -> None:
    place = Place(row.step, row.member, row.round)
    one, step = alive_at(course, place), course.process.steps.get(row.step)
    if one is None or step is None:
        return
    triggers = step.deadlines if row.purpose == Purpose.DEADLINE.value else step.wait_for
    trigger = next((it for it in triggers if it.name == row.branch), None)
    if trigger is None:
        return
    facts = {"fires_at": row.fires_at}
    if row.purpose == Purpose.DEADLINE.value:
        ring(course, one, trigger, "timer.fired", "deadline", **facts)
        _ring_again(course, row, trigger)
    else:
        end_race(course, one, trigger, "timer.fired", **facts)


def _ring_again(course: Course, row: Row[Any], trigger: Trigger) -> None:
    """A deadline that rings every so often rings again, so many times over the whole case."""
    rung = course.history.was_taken(row.step, row.member, trigger.name)
    is_spent = trigger.at_most is not None and rung >= trigger.at_most
    if trigger.every is None or is_spent or not trigger.keeps:
        return
    clock = calendars.calendar_of(course.db)[1]
    again = clock.add_duration(row.fires_at, trigger.every)
    course.db.execute(_AGAIN, {"timer_id": row.id, "at": again})
    course.db.execute(_UNFIRED, {"timer_id": row.id})


_UNFIRED = update(work.timers).where(_timer.id == bindparam("timer_id")).values(fired_at=None)


def fire_moment(db: Connection, actor: Actor, due: Due, at: datetime, _effects: Effects) -> str | None:
    """Open, remind, escalate, meet the limit or expire: whatever is next for a task."""
    locked = lock_task_now(db, due.id)
    what = fire(db, actor, locked, at=at) if locked is not None else None
    return _COUNTED[what.value] if what is not None else None


_COUNTED = {
    "open": "tasks opened",
    "remind": "reminders",
    "escalate": "escalations",
    "limit": "limits met",
    "expire": "tasks expired",
}


def fire_return(db: Connection, actor: Actor, due: Due, at: datetime, _effects: Effects) -> str | None:
    """Give a task back to an owner who has returned."""
    locked = lock_task_now(db, due.id)
    return "tasks given back" if locked is not None and give_back(db, actor, locked, at=at) else None
