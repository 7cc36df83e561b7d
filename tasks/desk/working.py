"""What a person does to a task: starting, waiting, resuming, completing, cancelling, handing over, adding."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import TaktasError, did_you_mean
from models.work import TaskStatus
from standards.lists import code_of
from standards.working_time.open_time import OpenTime
from standards.working_time.stopped_clock import moved_due
from tasks.advancing.course import open_course
from tasks.advancing.opening_later import open_planned
from tasks.advancing.requirements import check_requirements
from tasks.beat.retiming import moments_of, next_of
from tasks.desk.access import check_may_change
from tasks.desk.adding import add
from tasks.desk.assigning import claim, reassign
from tasks.desk.cancelling import cancel
from tasks.desk.completing import Completion, complete
from tasks.desk.order import check_in_order
from tasks.desk.recounting import recount
from tasks.facts.titles import name_of
from tasks.handbooks.clocks import clock_of_task
from tasks.lifecycle import Move, decide
from tasks.record.holds import STOPS_THE_CLOCK, WaitingFor, stands_still, waited_until
from tasks.record.recording import write
from tasks.record.rows import Locked, TaskRow, lock_task
from tasks.record.task_ledger import events_of, ledger_of, note

__all__ = ["Completion", "add", "cancel", "complete", "reassign", "recount", "resume", "start", "wait"]


class CannotWaitFor(TaktasError):
    """Somebody or something a task cannot wait for."""


def start(db: Connection, actor: Actor, *, task_id: int, at: datetime) -> TaskRow:
    """Begin a task; one from a queue is then one's own, a planned one opens early.

    Raises: NoSuchTask, NotYours, MoveNotAllowed, RequirementMissing, ChangedByAnother.
    """
    locked = lock_task(db, task_id)
    task = locked.task
    check_may_change(db, actor, task)
    decide(Move.START, task.status, lambda: name_of(db, task, at))
    _check_papers(db, actor, locked, at)
    if task.status is TaskStatus.PLANNED:
        task = open_planned(db, actor, locked, at=at)
    task = claim(db, actor, task, at=at)
    started = write(db, task, status=decide(Move.START, task.status, str), started_at=task.started_at or at)
    _note(db, actor, started, "task.started", at)
    return started


def _check_papers(db: Connection, actor: Actor, locked: Locked, at: datetime) -> None:
    task = locked.task
    if task.step is not None and locked.cases:
        course = open_course(db, actor, locked.cases[0], at=at)
        check_requirements(course, course.step(task.step), lambda: f"start {name_of(db, task, at)}")


def wait(db: Connection, actor: Actor, *, task_id: int, reason: str, at: datetime) -> TaskRow:
    """Leave a task waiting for the client, the insurer, a colleague or something else.

    For the first two the owner's clock stands still: the task has no due time until it is resumed, only its limit.
    Raises: NoSuchTask, NotYours, MoveNotAllowed, CannotWaitFor, BeforeTheLast, ChangedByAnother.
    """
    task = lock_task(db, task_id).task
    check_may_change(db, actor, task)
    status = decide(Move.WAIT, task.status, lambda: name_of(db, task, at))
    waits_for = _waits_for(reason, task)
    check_in_order(db, task, "put aside", at)
    task = claim(db, actor, task, at=at)
    clock = clock_of_task(db, task)
    waiting = write(
        db,
        task,
        status=status,
        waiting_since=at,
        waiting_for=waits_for.value,
        **_standing_still(db, task, clock, waits_for, at),
    )
    spare = waiting.spare_seconds
    _note(db, actor, task, "task.waited", at, waiting_for=waits_for.value, was_due_at=task.due_at, spare_seconds=spare)
    return waiting


def _waits_for(reason: str, task: TaskRow) -> WaitingFor:
    code = code_of(reason)
    try:
        return WaitingFor(code)
    except ValueError as error:
        known = [one.value for one in WaitingFor]
        raise CannotWaitFor(
            f"Task {task.id} cannot wait for {reason!r}{did_you_mean(code, known) or '.'} "
            f"It can wait for: {', '.join(known)}."
        ) from error


def _standing_still(
    db: Connection, task: TaskRow, clock: OpenTime, waits_for: WaitingFor, at: datetime
) -> dict[str, Any]:
    if waits_for.value not in STOPS_THE_CLOCK:
        return {"spare_seconds": None}
    still = moments_of(task, due_at=None)
    return {
        "due_at": None,
        "spare_seconds": clock.between(at, task.due_at) if task.due_at else None,
        **next_of(db, task, clock, still, stands_still=True),
    }


def resume(db: Connection, actor: Actor, *, task_id: int, at: datetime) -> TaskRow:
    """Take up a waiting task again; if its clock stood still, it gets a new due time, later by the working time waited.

    Raises: NoSuchTask, NotYours, MoveNotAllowed, BeforeTheLast, ChangedByAnother.
    """
    task = lock_task(db, task_id).task
    check_may_change(db, actor, task)
    status = decide(Move.RESUME, task.status, lambda: name_of(db, task, at))
    check_in_order(db, task, "take up", at)
    clock = clock_of_task(db, task)
    was_due_at = due_before_wait(db, task) if stands_still(task) else task.due_at
    due_at = _due_again(task, clock, was_due_at, at)
    changed = replace(task, waiting_since=None, due_at=due_at)
    resumed = write(
        db,
        task,
        status=status,
        started_at=task.started_at or at,
        due_at=due_at,
        waiting_since=None,
        waiting_for=None,
        waited_seconds=waited_until(task, clock, at),
        spare_seconds=None,
        **next_of(db, changed, clock, moments_of(changed), stands_still=False),
    )
    _note(db, actor, task, "task.resumed", at, due_at=due_at, was_due_at=was_due_at)
    return resumed


def _due_again(task: TaskRow, clock: OpenTime, was_due_at: datetime | None, at: datetime) -> datetime | None:
    if was_due_at is None or task.waiting_since is None or not stands_still(task):
        return was_due_at
    due_at = moved_due(clock, was_due_at, [(task.waiting_since, max(at, task.waiting_since))])
    return min(due_at, task.limit_at) if task.limit_at else due_at


def due_before_wait(db: Connection, task: TaskRow) -> datetime | None:
    """The due time a waiting task had, or would have had for an owner who got it while it waited."""
    for entry in reversed(events_of(db, task)):
        if entry.kind == "task.waited":
            return _moment(entry.data.get("was_due_at"))
        if entry.kind == "task.reassigned":
            return _moment(entry.data.get("due_at"))
    return None


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _note(db: Connection, actor: Actor, task: TaskRow, kind: str, at: datetime, **facts: Any) -> None:
    ledger = ledger_of(db, actor, task, at)
    note(ledger, kind, task, **facts)
    ledger.flush(db)
