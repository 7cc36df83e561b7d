"""Anchors that move: when a subject's date is corrected, open work is counted again; nothing is started."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from models import work
from models.work import TaskStatus
from standards.process import Step, WhenAnchorMoves
from standards.working_time.open_time import OpenTime
from tasks.advancing.course import FAN, ITEM, TASK, Alive, Course, open_course
from tasks.advancing.history import Place
from tasks.advancing.timers import Purpose, fires_at, move_timer, set_timers, timers_of
from tasks.beat.retiming import moments_of, next_of
from tasks.beat.telling import tell
from tasks.desk.finishing import place_of
from tasks.desk.items import open_items
from tasks.facts.case_facts import forget, moment_of
from tasks.handbooks import calendars
from tasks.handbooks.clocks import clock_of_task
from tasks.handbooks.resolving import fields_of
from tasks.moments import Firing, TaskMoments, task_moments
from tasks.record.holds import stands_still
from tasks.record.recording import write
from tasks.record.rows import TaskRow, lock_task_alone, read_case
from tasks.record.task_ledger import ledger_of, note


def recount_case(course: Course, *, agreed: Place | None = None) -> None:
    """Count the deadlines of all that is alive in a case again; each step says whether they move, stay or ask.

    `agreed`: only this place, for which somebody was asked and has agreed. The ledger keeps both moments.
    """
    forget(course)
    for one in course.alive():
        step = course.step(one.place.step)
        wish = WhenAnchorMoves.MOVE if agreed == one.place else step.when_anchor_moves
        if one.kind == FAN or wish is WhenAnchorMoves.STAY or agreed not in {None, one.place}:
            continue
        moves = wish is WhenAnchorMoves.MOVE
        if one.kind in {TASK, ITEM}:
            _recount_task(course, step, one, moves=moves)
        if moves:
            _recount_timers(course, step, one)


def _recount_task(course: Course, step: Step, one: Alive, *, moves: bool) -> None:
    if step.limit is None:
        return
    if one.kind == TASK:
        task = lock_task_alone(course.db, one.id)
        limit_at = moment_of(course, step.limit, clock_of_task(course.db, task))
    else:
        task = lock_task_alone(course.db, _task_of_item(course, one))
        limit_at = _limit_of_shared(course, task)
    if limit_at == task.limit_at:
        return
    changed = limited(course, task, limit_at)
    facts = {
        "was_due_at": task.due_at,
        "due_at": changed.due_at,
        "was_limit_at": task.limit_at,
        "limit_at": limit_at,
    }
    if moves:
        move_due(course, task, changed)
    elif task.assignee_id is not None:
        wished = {"at_once": True, "wish_limit_at": limit_at.isoformat() if limit_at else None}
        tell(course.db, task, "task_asks", task.assignee_id, f"ask:{limit_at}", facts=wished, at=course.at)
    _note(course, task, "task.due_moved" if moves else "task.due_asked", facts)


def _note(course: Course, task: TaskRow, kind: str, facts: dict[str, Any]) -> None:
    if task.case_id is not None:
        course.note(kind, place_of(task), task_id=task.id, **facts)
        return
    ledger = ledger_of(course.db, course.actor, task, course.at)
    note(ledger, kind, task, **facts)
    ledger.flush(course.db)


def _task_of_item(course: Course, one: Alive) -> int:
    number: int = course.db.execute(_TASK_OF_ITEM, {"item_id": one.id}).scalar_one()
    return number


def _limit_of_shared(course: Course, task: TaskRow) -> datetime | None:
    """The earliest limit of all the cases that still have a share in it."""
    found = []
    for item in open_items(course.db, task.id):
        other = course
        if item.case_id != course.case.id:
            other = open_course(course.db, course.actor, read_case(course.db, item.case_id), at=course.at)
        step = other.process.steps.get(item.place.step)
        limit = moment_of(other, step.limit, clock_of_task(course.db, task)) if step else None
        found += [limit] if limit is not None else []
    return min(found, default=None)


def limited(course: Course, task: TaskRow, limit_at: datetime | None) -> TaskMoments:
    """A task's moments under another hard limit: what the old limit had cut off from its due time comes back."""
    clock = clock_of_task(course.db, task)
    due_at = _due_without_limit(course, task, clock) if task.due_at == task.limit_at else task.due_at
    if stands_still(task):
        return moments_of(task, due_at=None, limit_at=limit_at)
    if limit_at is not None:
        due_at = min(due_at, limit_at) if due_at is not None else limit_at
    return moments_of(task, due_at=due_at, limit_at=limit_at, start_by=_not_after(task.start_by, due_at))


def _not_after(moment: datetime | None, latest: datetime | None) -> datetime | None:
    return min(moment, latest) if moment is not None and latest is not None else moment


def _due_without_limit(course: Course, task: TaskRow, clock: OpenTime) -> datetime | None:
    began = task.held_since or task.opens_at or course.at
    due_at = task_moments(fields_of(course.db, task.resolution_id), clock, opens_at=began).due_at
    return clock.add(due_at, task.waited_seconds) if due_at is not None and task.waited_seconds else due_at


def move_due(course: Course, task: TaskRow, moments: TaskMoments) -> TaskRow:
    """Write a task's new moments."""
    clock = clock_of_task(course.db, task)
    coming = next_of(
        course.db, task, clock, moments, stands_still=stands_still(task), is_limit_passed=_has_passed(course, moments)
    )
    if task.status is TaskStatus.PLANNED:
        coming = {"next_at": task.opens_at, "next_what": Firing.OPEN.value}
    return write(course.db, task, due_at=moments.due_at, limit_at=moments.limit_at, start_by=moments.start_by, **coming)


def _has_passed(course: Course, moments: TaskMoments) -> bool:
    return moments.limit_at is not None and moments.limit_at < course.at


def _recount_timers(course: Course, step: Step, one: Alive) -> None:
    """Move the timers whose anchor moved, and set those whose anchor had no value until now."""
    task = lock_task_alone(course.db, one.id) if one.kind == TASK else None
    if task is not None and task.status is TaskStatus.PLANNED:
        return  # its deadlines begin with its opening
    clock = clock_of_task(course.db, task) if task else calendars.calendar_of(course.db)[1]
    triggers = {(Purpose.DEADLINE, trigger.name): trigger for trigger in step.deadlines if trigger.moment}
    purpose = Purpose.WAIT if len(step.wait_for) == 1 else Purpose.RACE
    if one.kind not in {TASK, ITEM}:
        triggers |= {(purpose, trigger.name): trigger for trigger in step.wait_for if trigger.moment}
    known = timers_of(course, one.place)
    for key, trigger in triggers.items():
        timer = known.get(key)
        moment = fires_at(course, trigger, clock, course.at, key[0])
        if timer is None:
            set_timers(course, one.place, [trigger], clock, key[0])
        elif timer.is_open and moment is not None and moment != timer.fires_at:
            move_timer(course, timer, moment)
            course.note("timer.moved", one.place, branch=key[1], was=timer.fires_at, fires_at=moment)


_TASK_OF_ITEM = select(work.task_items.c.task_id).where(work.task_items.c.id == bindparam("item_id"))
