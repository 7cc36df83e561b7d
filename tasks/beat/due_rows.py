"""What is due: happenings, timers, task moments and returns, looked for in order, and put off when they trouble."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, or_, select, update
from sqlalchemy.exc import DBAPIError

from core.actor import Actor
from models import work
from tasks.advancing.history import Place
from tasks.moments import Firing
from tasks.record.ledger import open_ledger
from tasks.record.rows import lock_case, lock_task
from tasks.record.task_ledger import ledger_of, note
from tasks.seating.returning import to_give_back

PUT_OFF = timedelta(days=1)
"""How long a row that could not be dealt with is left alone."""
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One row that is due, by the moment it has been; the next batch begins after it."""

    id: int = 0
    moment: datetime = _BEFORE_ALL


_happening, _timer, _task = work.happenings.c, work.timers.c, work.tasks.c
_HAPPENINGS = (
    select(_happening.id)
    .where(_happening.handled_at.is_(None), _happening.at <= bindparam("at"), _happening.id > bindparam("after"))
    .order_by(_happening.id)
    .limit(bindparam("some"))
    .with_for_update(skip_locked=True)
)
_TIMERS = (
    select(_timer.id, _timer.fires_at)
    .where(
        _timer.fires_at <= bindparam("at"),
        _timer.fired_at.is_(None),
        _timer.cancelled_at.is_(None),
        or_(
            _timer.fires_at > bindparam("moment"),
            and_(_timer.fires_at == bindparam("moment"), _timer.id > bindparam("after")),
        ),
    )
    .order_by(_timer.fires_at, _timer.id)
    .limit(bindparam("some"))
)
_MOMENTS = (
    select(_task.id, _task.next_at)
    .where(
        _task.next_at <= bindparam("at"),
        or_(_task.next_what == Firing.OPEN.value, _task.next_what == Firing.EXPIRE.value),
        or_(
            _task.next_at > bindparam("moment"),
            and_(_task.next_at == bindparam("moment"), _task.id > bindparam("after")),
        ),
    )
    .order_by(_task.next_at, _task.id)
    .limit(bindparam("some"))
)
_SET_ASIDE = (
    update(work.happenings)
    .where(_happening.id == bindparam("row_id"))
    .values(handled_at=bindparam("moment"), problem=bindparam("why"))
)
_PUT_OFF_TIMER = (
    update(work.timers)
    .where(_timer.id == bindparam("row_id"))
    .values(fires_at=bindparam("moment"))
    .returning(_timer.case_id, _timer.step, _timer.member, _timer.round, _timer.branch)
)
_PUT_OFF_TASK = (
    update(work.tasks)
    .where(_task.id == bindparam("row_id"), _task.next_at.is_not(None))
    .values(next_at=bindparam("moment"))
)


def due_happenings(db: Connection, at: datetime, last: Due, some: int) -> list[Due]:
    """Happenings nobody has heard yet, in the order in which they were reported; those in other hands are passed by."""
    rows = db.execute(_HAPPENINGS, {"at": at, "after": last.id, "some": some})
    return [Due(id=row.id) for row in rows]


def due_timers(db: Connection, at: datetime, last: Due, some: int) -> list[Due]:
    """Timers whose moment has come, the oldest first; they are locked one by one, through their case."""
    rows = db.execute(_TIMERS, {"at": at, "moment": last.moment, "after": last.id, "some": some})
    return [Due(id=row.id, moment=row.fires_at) for row in rows]


def due_moments(db: Connection, at: datetime, last: Due, some: int) -> list[Due]:
    """Tasks that are to open or expire, the oldest first; they are locked one by one, through their case."""
    rows = db.execute(_MOMENTS, {"at": at, "moment": last.moment, "after": last.id, "some": some})
    return [Due(id=row.id, moment=row.next_at) for row in rows]


def due_returns(db: Connection, at: datetime, last: Due, some: int) -> list[Due]:
    """Tasks that lie with a substitute while their owner is back."""
    return [Due(id=number) for number in to_give_back(db, at=at, after=last.id, some=some)]


def set_aside_happening(db: Connection, _actor: Actor, due: Due, at: datetime, error: Exception) -> None:
    """Keep a happening that could not be heard for a person, with the reason."""
    db.execute(_SET_ASIDE, {"row_id": due.id, "moment": at, "why": reason_of(error)})


def reason_of(error: Exception) -> str:
    """What went wrong, in one line; of the database its first line, without the values of the row."""
    if isinstance(error, DBAPIError):
        return str(error.orig).partition("\n")[0]
    return " ".join(str(error).split())


def put_off_timer(db: Connection, actor: Actor, due: Due, at: datetime, error: Exception) -> None:
    """Try a timer again tomorrow; the case's ledger says what kept it from firing."""
    row = db.execute(_PUT_OFF_TIMER, {"row_id": due.id, "moment": at + PUT_OFF}).one()
    case = lock_case(db, row.case_id)
    ledger = open_ledger(db, actor, at, case_id=case.id)
    place = Place(row.step, row.member, row.round)
    ledger.note("timer.troubled", place.facts() | {"branch": row.branch, "problem": type(error).__name__})
    ledger.flush(db)


def put_off_task(db: Connection, actor: Actor, due: Due, at: datetime, error: Exception) -> None:
    """Try a task's moment again tomorrow; its ledger says what kept it from happening."""
    task = lock_task(db, due.id).task
    db.execute(_PUT_OFF_TASK, {"row_id": due.id, "moment": at + PUT_OFF})
    ledger = ledger_of(db, actor, task, at)
    note(ledger, "task.troubled", task, what=task.next_what, problem=type(error).__name__)
    ledger.flush(db)
