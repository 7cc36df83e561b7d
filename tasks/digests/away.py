"""What befell somebody's work while they were away: done for them, still with others, back again, overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select

from models import work
from models.work import DEADLINE, LIVE, ON_DESK, TaskStatus
from tasks.digests.own_work import GIVEN_BACK

_task = work.tasks.c
_BUMPED = _task.bumped_from_id == bindparam("employee")
_MINE = and_(_task.assignee_id == bindparam("employee"), _task.status.in_([status.value for status in ON_DESK]))
_DONE = (
    select(_task.id, _task.outcome, _task.assignee_id, _task.finished_at)
    .where(_BUMPED, _task.status == TaskStatus.DONE.value, _task.finished_at >= bindparam("since"))
    .order_by(_task.finished_at, _task.id)
)
_STILL_WITH_OTHERS = (
    select(_task.id)
    .where(_BUMPED, _task.status.in_([status.value for status in LIVE]))
    .order_by(_task.due_at.nulls_last(), _task.id)
)
_CAME_BACK = select(_task.id).where(_MINE, _task.held_since >= bindparam("since"), GIVEN_BACK)
_BECAME_OVERDUE = (
    select(_task.id)
    .where(_MINE, bindparam("since") <= DEADLINE, bindparam("at") > DEADLINE)
    .order_by(DEADLINE, _task.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneFor:
    """A task somebody else finished."""

    task_id: int
    outcome: str
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhileAway:
    """One absence in four parts."""

    done: tuple[DoneFor, ...] = ()
    with_others: tuple[int, ...] = ()
    came_back: tuple[int, ...] = ()
    became_overdue: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.done or self.with_others or self.came_back or self.became_overdue)


def while_away(db: Connection, employee_id: int, *, since: datetime, at: datetime) -> WhileAway:
    """What became of somebody's work since they left, up to now."""
    asked = {"employee": employee_id, "since": since, "at": at}
    done = (DoneFor(task_id=it[0], outcome=it[1] or "", by=it[2], at=it[3]) for it in db.execute(_DONE, asked))
    return WhileAway(
        done=tuple(done),
        with_others=tuple(db.execute(_STILL_WITH_OTHERS, asked).scalars()),
        came_back=tuple(db.execute(_CAME_BACK.order_by(_task.due_at.nulls_last(), _task.id), asked).scalars()),
        became_overdue=tuple(db.execute(_BECAME_OVERDUE, asked).scalars()),
    )
