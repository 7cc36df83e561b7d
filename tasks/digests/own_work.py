"""Somebody's own work as their digest tells it: overdue, due today, coming, and what came back to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select

from models import outbox, work
from models.work import DEADLINE, ON_DESK, TaskStatus
from standards.working_time.local_time import start_of_day
from standards.working_time.open_time import OpenTime

LOOKS_BACK = timedelta(days=7)
"""How long before now something may have come back, where no earlier digest told of it."""

_task, _event, _message = work.tasks.c, work.events.c, outbox.messages.c
_MINE = and_(_task.assignee_id == bindparam("employee"), _task.status.in_([status.value for status in ON_DESK]))
_DUE = (
    select(_task.id, DEADLINE.label("deadline"))
    .where(_MINE, bindparam("until") > DEADLINE)
    .order_by(DEADLINE, _task.id)
)
_COMING = (
    select(_task.id)
    .where(
        _MINE,
        _task.status != TaskStatus.WAITING.value,
        _task.reminded > 0,
        or_(bindparam("until") <= DEADLINE, DEADLINE.is_(None)),
    )
    .order_by(DEADLINE.nulls_last(), _task.id)
)
_IS_RETURN = and_(
    _event.task_id == _task.id,
    _event.kind == "task.reassigned",
    _event.data["returned"].as_boolean(),
    _event.at == _task.held_since,
)
GIVEN_BACK = or_(
    exists().where(_event.case_id == _task.case_id, _IS_RETURN),
    exists().where(_event.case_id.is_(None), _task.case_id.is_(None), _IS_RETURN),
)
"""That whoever has a task now was given it back on their return."""
_RETURNED = (
    select(_task.id)
    .where(_MINE, _task.held_since > bindparam("since"), GIVEN_BACK)
    .order_by(DEADLINE.nulls_last(), _task.id)
)
_SLOT_BEFORE = select(func.max(_message.key)).where(_message.key >= bindparam("first"), _message.key < bindparam("key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWork:
    """Numbers of tasks, each in the first part it belongs to, the most urgent first."""

    overdue: tuple[int, ...] = ()
    today: tuple[int, ...] = ()
    coming: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        """All of them, once each."""
        return (*self.overdue, *self.today, *self.coming, *self.returned)


def own_work(db: Connection, employee_id: int, clock: OpenTime, *, since: datetime, at: datetime) -> OwnWork:
    """What lies on somebody's desk at that moment and is worth a word; today ends on their own clock.

    Coming is what a reminder has spoken of already; returned is what came back after `since`.
    """
    until = start_of_day(at.astimezone(clock.zone).date() + timedelta(days=1), clock.zone)
    asked = {"employee": employee_id, "until": until, "since": since}
    due = db.execute(_DUE, asked).all()
    coming = db.execute(_COMING, asked).scalars().all()
    told = {row.id for row in due} | set(coming)
    return OwnWork(
        overdue=tuple(row.id for row in due if row.deadline < at),
        today=tuple(row.id for row in due if row.deadline >= at),
        coming=tuple(coming),
        returned=tuple(number for number in db.execute(_RETURNED, asked).scalars() if number not in told),
    )


def told_until(db: Connection, key: str, at: datetime) -> datetime:
    """The slot of the digest before the one with this key, else a week ago."""
    prefix = key.split(":", 3)
    first = ":".join(prefix[:3]) + ":"
    before = db.execute(_SLOT_BEFORE, {"first": first, "key": key}).scalar()
    return datetime.fromisoformat(before.removeprefix(first)) if before else at - LOOKS_BACK
