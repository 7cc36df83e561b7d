"""The rows behind nudges: tasks looked for and locked in batches, and what became of them written in one go each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, insert

from core.actor import Actor
from models import outbox, work
from models.outbox import Message, MessageClass
from tasks.beat.due_rows import Due
from tasks.moments import Firing
from tasks.record.hot import Hot
from tasks.record.recording import ChangedByAnother
from tasks.record.rows import TASK_COLUMNS, TaskRow

NUDGES = (Firing.REMIND, Firing.ESCALATE, Firing.LIMIT)
"""What happens to a task without changing its case: these are dealt with many at a time."""

_task, _case, _event, _message = work.tasks.c, work.cases.c, work.events.c, outbox.messages.c
_DUE = [
    _task.next_at <= bindparam("at"),
    or_(
        _task.next_at > bindparam("moment"),
        and_(_task.next_at == bindparam("moment"), _task.id > bindparam("after")),
    ),
    or_(*(_task.next_what == firing.value for firing in NUDGES)),
]
_LOOK = Hot(
    select(*TASK_COLUMNS)
    .where(*_DUE)
    .order_by(_task.next_at, _task.id)
    .limit(bindparam("some"))
    .with_for_update(skip_locked=True)
)
_FREE_CASES = Hot(
    select(_case.id)
    .where(_case.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a task's row says afterwards."""

    task: TaskRow
    reminded: int
    escalated: int
    next_at: datetime | None
    next_what: Firing | None


@dataclass(slots=True, kw_only=True)
class Rows:
    """Everything one batch writes."""

    changed: list[Changed] = field(default_factory=list)
    events: list[tuple[TaskRow, str, dict[str, Any]]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def write(self, db: Connection, actor: Actor, at: datetime) -> None:
        """All of it, a statement for each table. Raises: ChangedByAnother."""
        _write_tasks(db, self.changed)
        _write_events(db, actor, at, self.events)
        queue_staff(db, self.messages)


def lock_due(db: Connection, at: datetime, last: Due, some: int) -> tuple[list[TaskRow], Due | None]:
    """Tasks that are to be nudged, locked with their cases, and how far was looked; None: nothing was left.

    Nobody is waited for: what is in other hands now is left for the next beat. Tasks are locked before their cases,
    against the usual order; as neither is waited for, no circle can arise.
    """
    found = _LOOK.rows(db, {"at": at, "moment": last.moment, "after": last.id, "some": some})
    rows = [TaskRow(*row) for row in found]
    if not rows or rows[-1].next_at is None:
        return [], None
    return with_free_cases(db, rows), Due(id=rows[-1].id, moment=rows[-1].next_at)


def with_free_cases(db: Connection, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Those whose case, if they have one, could be locked: its ledger is written to."""
    cases = sorted({row.case_id for row in rows if row.case_id is not None})
    free = {number for (number,) in _FREE_CASES.rows(db, {"ids": cases})} if cases else set()
    return [row for row in rows if row.case_id is None or row.case_id in free]


def _given(**columns: Any) -> Any:
    """Rows sent as one text of JSON: PostgreSQL reads it many times faster than as many parameters."""
    named = [column(name, kind) for name, kind in columns.items()]
    rows = func.json_to_recordset(cast(bindparam("rows"), JSON))
    return rows.table_valued(*named, name="given").render_derived(with_types=True)


def _sent(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


_MOMENT = DateTime(timezone=True)
_ROWS = _given(
    id=BigInteger(), status=Text(), reminded=Integer(), escalated=Integer(), next_at=_MOMENT, next_what=Text()
)
_UPDATE = Hot(
    update(work.tasks)
    .where(_task.id == _ROWS.c.id, _task.status == _ROWS.c.status)
    .values(
        reminded=_ROWS.c.reminded,
        escalated=_ROWS.c.escalated,
        next_at=_ROWS.c.next_at,
        next_what=_ROWS.c.next_what,
    )
)


def _write_tasks(db: Connection, changed: Sequence[Changed]) -> None:
    if not changed:
        return
    rows = [
        {
            "id": it.task.id,
            "status": it.task.status.value,
            "reminded": it.reminded,
            "escalated": it.escalated,
            "next_at": it.next_at,
            "next_what": it.next_what.value if it.next_what else None,
        }
        for it in changed
    ]
    count = _UPDATE.change(db, {"rows": _sent(rows)})
    if count != len(changed):
        raise ChangedByAnother(
            f"Somebody else changed {len(changed) - count} of {len(changed)} tasks while they were nudged. "
            "Nothing was kept; the next beat looks again."
        )


_NOTED = _given(place=Integer(), case_id=BigInteger(), task_id=BigInteger(), kind=Text(), data=JSONB())
_IN_CASE = select(func.max(_event.number)).where(_event.case_id == _NOTED.c.case_id).correlate(_NOTED).scalar_subquery()
_BY_ITSELF = (
    select(func.max(_event.number))
    .where(_event.task_id == _NOTED.c.task_id, _event.case_id.is_(None))
    .correlate(_NOTED)
    .scalar_subquery()
)
_OWN = case((_NOTED.c.case_id.is_(None), _NOTED.c.task_id))
_COUNTED = func.row_number().over(partition_by=[_NOTED.c.case_id, _OWN], order_by=_NOTED.c.place)
_LAST = case((_NOTED.c.case_id.is_not(None), _IN_CASE), else_=_BY_ITSELF)
_EVENTS = Hot(
    insert(work.events).from_select(
        ["case_id", "task_id", "number", "kind", "at", "employee_id", "on_behalf_of", "door", "data"],
        select(
            _NOTED.c.case_id,
            _NOTED.c.task_id,
            func.coalesce(_LAST, 0) + _COUNTED,
            _NOTED.c.kind,
            cast(bindparam("at"), _MOMENT),
            cast(bindparam("employee_id"), BigInteger()),
            cast(bindparam("on_behalf_of"), BigInteger()),
            cast(bindparam("door"), Text()),
            _NOTED.c.data,
        ).order_by(_NOTED.c.place),
        include_defaults=False,
    )
)


def _write_events(
    db: Connection, actor: Actor, at: datetime, events: Sequence[tuple[TaskRow, str, dict[str, Any]]]
) -> None:
    """Into the ledgers of their cases, or of tasks without one, whose locks we have; numbered as they come."""
    if not events:
        return
    rows = [
        {"place": place, "case_id": task.case_id, "task_id": task.id, "kind": kind, "data": _known(data)}
        for place, (task, kind, data) in enumerate(events)
    ]
    who = {"employee_id": actor.employee_id, "on_behalf_of": actor.on_behalf_of, "door": actor.door.value}
    _EVENTS.change(db, {"rows": _sent(rows), "at": at} | who)


def _known(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


_WRITTEN: dict[str, Any] = {
    "key": Text(),
    "template": Text(),
    "language": Text(),
    "employee_id": BigInteger(),
    "subject_type": Text(),
    "subject_id": BigInteger(),
    "case_id": BigInteger(),
    "task_id": BigInteger(),
    "created_at": _MOMENT,
    "not_before": _MOMENT,
}
_QUEUED = _given(**_WRITTEN, facts=JSONB())
_MESSAGES = Hot(
    insert(outbox.messages)
    .from_select(
        [*_WRITTEN, "facts", "message_class"],
        select(*(_QUEUED.c[name] for name in _WRITTEN), _QUEUED.c.facts, literal(MessageClass.STAFF.value)).order_by(
            _QUEUED.c.key
        ),
        include_defaults=False,
    )
    .on_conflict_do_nothing(index_elements=["key"])
)


def queue_staff(db: Connection, messages: Sequence[Message]) -> int:
    """Queue messages to staff, each once by its key; in order of their keys, so that two beats meet in one order.

    Returns how many are new.
    """
    once = {message.key: message for message in messages}
    if not once:
        return 0
    rows = [
        {name: getattr(message, name) for name in _WRITTEN} | {"facts": _known(message.facts)}
        for message in once.values()
    ]
    return _MESSAGES.change(db, {"rows": _sent(rows)})
