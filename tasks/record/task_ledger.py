"""The ledger a task's own events stand in: that of its case, or of the task itself when it has no single case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.actor import Actor
from tasks.desk.finishing import place_of
from tasks.record.ledger import Entry, Ledger, open_ledger, read_case, read_lone_task
from tasks.record.rows import TaskRow


def ledger_of(db: Connection, actor: Actor, task: TaskRow, at: datetime) -> Ledger:
    """The locked task's ledger, ready for new events."""
    if task.case_id is not None:
        return open_ledger(db, actor, at, case_id=task.case_id)
    return open_ledger(db, actor, at, task_id=task.id)


def note(ledger: Ledger, kind: str, task: TaskRow, **facts: Any) -> Entry:
    """Note an event of a task, with its place in its case when it has one."""
    place = place_of(task).facts() if task.step else {}
    return ledger.note(kind, place | facts, task_id=task.id)


def events_of(db: Connection, task: TaskRow) -> list[Entry]:
    """The task's events, in order. A shared task began in its cases' ledgers and goes on in its own."""
    if task.case_id is None:
        return read_lone_task(db, task.id)
    return [entry for entry in read_case(db, task.case_id) if entry.task_id == task.id]
