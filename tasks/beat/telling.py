"""A word to somebody who works here about a task: a message in the outbox, inside their working hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models import outbox, people
from models.outbox import Message, MessageClass
from tasks.record.rows import TaskRow
from tasks.seating.desks import desk

_LANGUAGE = select(people.employees.c.language).where(people.employees.c.id == bindparam("id"))


def tell(
    db: Connection,
    task: TaskRow,
    template: str,
    employee_id: int,
    occurrence: str,
    *,
    facts: dict[str, Any],
    at: datetime,
) -> None:
    """A message to somebody who works here, inside their working hours."""
    since = task.held_since or task.opened_at or at
    known = {"due_at": task.due_at, "limit_at": task.limit_at}
    outbox.queue(
        db,
        Message(
            key=f"task:{task.id}:{since.isoformat()}:{occurrence}:email:{employee_id}",
            message_class=MessageClass.STAFF,
            template=template,
            language=db.execute(_LANGUAGE, {"id": employee_id}).scalar() or "en",
            created_at=at,
            not_before=_next_open(db, employee_id, at),
            employee_id=employee_id,
            subject_type=task.subject_type,
            subject_id=task.subject_id,
            case_id=task.case_id,
            task_id=task.id,
            facts=facts | {name: value.isoformat() for name, value in known.items() if value is not None},
        ),
    )


def _next_open(db: Connection, employee_id: int, at: datetime) -> datetime:
    found = desk(db, employee_id, at)
    if found is None:
        return at
    present = found.open_time.without((it.starts_at, it.ends_at) for it in found.absences)
    return present.next_open(at)
