"""What was given to a substitute comes back when its owner does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, select

from core.actor import Actor
from models import people, work
from models.work import TaskStatus
from tasks.desk.assigning import move_to, search_anew
from tasks.record.rows import Locked
from tasks.seating.routing import find_seat

_task, _absence = work.tasks.c, people.absences.c
_UNTOUCHED = (TaskStatus.PLANNED.value, TaskStatus.OPEN.value)
BUMPED = (
    select(_task.id)
    .where(
        _task.bumped_from_id.is_not(None),
        _task.status.in_(_UNTOUCHED),
        _task.id > bindparam("after"),
        ~exists().where(
            and_(
                _absence.employee_id == _task.bumped_from_id,
                _absence.starts_at <= bindparam("at"),
                _absence.ends_at > bindparam("at"),
            )
        ),
    )
    .order_by(_task.id)
    .limit(bindparam("some"))
)
"""Untouched tasks whose owner is not away now."""


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
