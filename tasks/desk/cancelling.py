"""Cancelling a task by hand: it needs a reason, and what can still go on without it goes on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import TaktasError
from models.work import TaskStatus
from tasks.advancing.advance import advance
from tasks.advancing.closing import close_task
from tasks.advancing.course import Effects, open_course
from tasks.advancing.timers import cancel_timers
from tasks.desk.access import check_may_change
from tasks.desk.completing import Completion
from tasks.desk.ending_by_hand import end_stranded, need_an_end
from tasks.desk.finishing import finish, settle_shared
from tasks.desk.items import open_items, settle_item
from tasks.desk.noting import reason_code
from tasks.facts.titles import name_of
from tasks.lifecycle import Move, decide
from tasks.record.rows import Locked, TaskRow, lock_task
from tasks.record.task_ledger import ledger_of, note


class EndNotAsked(TaktasError):
    """An end was named for a case that goes on."""


def cancel(
    db: Connection, actor: Actor, *, task_id: int, reason: str, end: str | None = None, at: datetime
) -> Completion:
    """Cancel a task with a reason: its branch stops there, and joins no longer wait for it.

    A case that has nothing left to do then ends as `end` says; without it, it is named in `stranded`, and one for whose
    end another case waits is not left so. Raises: NoSuchTask, NotYours, MoveNotAllowed, ReasonMissing, EndNeeded,
    EndNotAsked, CannotEndCase, ChangedByAnother.
    """
    locked = lock_task(db, task_id)
    task = locked.task
    check_may_change(db, actor, task)
    decide(Move.CANCEL, task.status, lambda: name_of(db, task, at))
    code = reason_code(
        db,
        actor,
        reason,
        listed="cancel_reasons",
        what=f"Cancelling task {task.id}",
        on_type="task",
        on_id=task.id,
        client_id=task.client_id,
        at=at,
    )
    with db.begin_nested():  # a refusal leaves everything as it was, also for a caller who goes on
        done = drop(db, actor, locked, Move.CANCEL, code, at=at)
        stranded = list(done.stranded)
        if end is None:
            need_an_end(db, actor, f"Task {task_id}", stranded, at=at)
            return done
        if not stranded:
            raise EndNotAsked(
                f"Task {task_id} is not the last thing to do in its case, which goes on. Cancel it without --end."
            )
        ended = Completion.of(end_stranded(db, actor, stranded, end, at=at))
    return done.and_then(ended)


def drop(db: Connection, actor: Actor, locked: Locked, move: Move, reason: str, *, at: datetime) -> Completion:
    """Cancel a locked task or let it expire, and let its cases go on without it."""
    effects = Effects()
    if locked.task.case_id is not None:
        course = open_course(db, actor, locked.cases[0], at=at, effects=effects)
        close_task(course, locked.task, reason, move)
        advance(course)
    elif locked.cases:
        _drop_items(db, actor, locked, move, effects, reason=reason, at=at)
    else:
        _drop_lone(db, actor, locked.task, move, reason=reason, at=at)
    return Completion.of(effects)


_ITEM = {Move.CANCEL: (TaskStatus.CANCELLED, "item.cancelled"), Move.EXPIRE: (TaskStatus.EXPIRED, "item.expired")}


def _drop_items(
    db: Connection, actor: Actor, locked: Locked, move: Move, effects: Effects, *, reason: str, at: datetime
) -> None:
    status, kind = _ITEM[move]
    by_id = {case.id: case for case in locked.cases}
    for item in open_items(db, locked.task.id):
        course = open_course(db, actor, by_id[item.case_id], at=at, effects=effects)
        settle_item(db, item, status, outcome=None, at=at)
        course.note(kind, item.place, task_id=locked.task.id, item_id=item.id, reason=reason)
        cancel_timers(course, item.place)
        advance(course)
    settle_shared(db, actor, locked.task, at=at, otherwise=move, reason=reason)


def _drop_lone(db: Connection, actor: Actor, task: TaskRow, move: Move, *, reason: str, at: datetime) -> None:
    finish(db, task, move, at=at)
    ledger = ledger_of(db, actor, task, at)
    note(ledger, "task.expired" if move is Move.EXPIRE else "task.cancelled", task, reason=reason)
    ledger.flush(db)
