"""The end of a task: its row, the hold of whoever had it, and the nudges that have lost their point."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from core.actor import Actor
from models import outbox, work
from models.outbox import MessageClass, MessageState
from models.work import TaskStatus
from tasks.advancing.history import Place
from tasks.handbooks.clocks import clock_of_task
from tasks.lifecycle import FINISHED, MOVES, Move, decide
from tasks.record.holds import EndedBy, end_hold
from tasks.record.ledger import open_ledger
from tasks.record.recording import write
from tasks.record.rows import TaskRow

_message, _item = outbox.messages.c, work.task_items.c
_DROP = (
    update(outbox.messages)
    .where(
        _message.task_id == bindparam("its_task"),
        _message.message_class == MessageClass.STAFF.value,
        _message.state.in_([MessageState.PENDING.value, MessageState.RETRY.value]),
    )
    .values(state=MessageState.DROPPED.value)
)
_ITEMS_LEFT = select(
    func.count().filter(_item.status == TaskStatus.OPEN.value),
    func.count().filter(_item.status == TaskStatus.DONE.value),
).where(_item.task_id == bindparam("task_id"))
KIND = {Move.COMPLETE: "task.completed", Move.CANCEL: "task.cancelled", Move.EXPIRE: "task.expired"}
"""What the ledger calls each way of finishing."""
_ENDED_BY = {Move.COMPLETE: EndedBy.DONE, Move.CANCEL: EndedBy.CANCELLED, Move.EXPIRE: EndedBy.EXPIRED}
_ROW_FACTS = frozenset({"outcome", "late_reason", "spent_minutes"})


def place_of(task: TaskRow) -> Place:
    """Where in its case a task belongs."""
    return Place(task.step or "", task.member, task.round)


def finish(db: Connection, task: TaskRow, move: Move, *, at: datetime, **more: Any) -> TaskRow:
    """Write that a task is done, cancelled or expired, and whose time it was.

    Raises: MoveNotAllowed, ChangedByAnother.
    """
    status = decide(move, task.status, lambda: f"task {task.id}")
    end_hold(db, task, clock_of_task(db, task), at=at, by=_ENDED_BY[move])
    if task.reminded or task.escalated:
        db.execute(_DROP, {"its_task": task.id})
    return write(
        db,
        task,
        status=status,
        finished_at=at,
        next_at=None,
        next_what=None,
        waiting_since=None,
        waiting_for=None,
        held_since=None,
        **more,
    )


def settle_shared(
    db: Connection, actor: Actor, task: TaskRow, *, at: datetime, otherwise: Move = Move.CANCEL, **facts: Any
) -> TaskRow:
    """Finish a shared task when its last item was settled: done when any item was, else cancelled or expired."""
    left, done = db.execute(_ITEMS_LEFT, {"task_id": task.id}).one()
    if left or task.status in FINISHED:
        return task
    move = Move.COMPLETE if done and (task.status, Move.COMPLETE) in MOVES else otherwise
    finished = finish(db, task, move, at=at, **{name: facts[name] for name in _ROW_FACTS & facts.keys()})
    ledger = open_ledger(db, actor, at, task_id=task.id)
    ledger.note(KIND[move], facts | {"assignee_id": task.assignee_id})
    ledger.flush(db)
    return finished
