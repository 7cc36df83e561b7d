"""What was given to a substitute comes back when its owner does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, and_, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.actor import Actor
from models import people, work
from models.work import TaskStatus
from standards.working_time.open_time import BeyondCalendar
from tasks.desk.assigning import move_to, search_anew
from tasks.record.rows import Locked
from tasks.seating.desks import desks
from tasks.seating.presence import Desk
from tasks.seating.routing import find_seat

_task, _absence = work.tasks.c, people.absences.c
_UNTOUCHED = (TaskStatus.PLANNED.value, TaskStatus.OPEN.value)
_LENT = and_(_task.bumped_from_id.is_not(None), _task.status.in_(_UNTOUCHED))
_OWNERS = select(_task.bumped_from_id).where(_LENT).distinct()
_IS_AWAY_THEN = exists().where(
    _absence.employee_id == _task.bumped_from_id,
    _absence.starts_at <= _task.opens_at,
    _absence.ends_at > _task.opens_at,
)
_TO_GIVE_BACK = (
    select(_task.id)
    .where(
        _LENT,
        _task.bumped_from_id == func.any(bindparam("back", type_=ARRAY(BigInteger))),
        _task.id > bindparam("after"),
        ~and_(_task.status == TaskStatus.PLANNED.value, _IS_AWAY_THEN),
    )
    .order_by(_task.id)
    .limit(bindparam("some"))
)


def to_give_back(db: Connection, *, at: datetime, after: int, some: int) -> list[int]:
    """The next untouched tasks behind that number whose owner may be there for them, in order of their numbers.

    Whoever is off from their next opening on is not back, and nobody is there for what opens while they are away:
    a whole team's tasks before a holiday are passed by here, not weighed one by one at every beat.
    """
    owners = db.execute(_OWNERS).scalars().all()
    if not owners:
        return []
    back = [number for number, desk in desks(db, owners, at).items() if _is_back(desk, at)]
    if not back:
        return []
    return list(db.execute(_TO_GIVE_BACK, {"back": back, "after": after, "some": some}).scalars())


def _is_back(desk: Desk, at: datetime) -> bool:
    """Neither now nor at their next opening away."""
    try:
        opening = desk.open_time.next_open(at)
    except BeyondCalendar:
        opening = at  # that the calendar ends is told when their tasks are weighed
    away = (it for it in desk.absences if it.starts_at <= at < it.ends_at or it.starts_at <= opening < it.ends_at)
    return not desk.is_gone and next(away, None) is None


def give_back(db: Connection, actor: Actor, locked: Locked, *, at: datetime) -> bool:
    """Give an untouched task back to its owner, if they are there for it now. Returns whether it went back."""
    task = locked.task
    if task.bumped_from_id is None or task.status.value not in _UNTOUCHED:
        return False
    seated = find_seat(search_anew(db, task, at), (), first=task.bumped_from_id)
    if seated.employee_id != task.bumped_from_id:
        return False
    move_to(db, actor, task, seated, at=at, returned=True)
    return True
