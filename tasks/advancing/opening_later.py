"""Opening a planned task when its moment has come, or earlier when somebody begins it: its standards count from now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core.actor import Actor
from standards.process import Route, RouteKind
from tasks.advancing.course import open_course
from tasks.advancing.timers import set_deadlines
from tasks.beat.retiming import next_of
from tasks.desk.assigning import search_anew, team_code
from tasks.desk.finishing import place_of
from tasks.desk.items import items_of
from tasks.handbooks.resolving import fields_of
from tasks.lifecycle import Move, decide
from tasks.moments import task_moments
from tasks.record.recording import write
from tasks.record.rows import Locked, TaskRow
from tasks.record.task_ledger import ledger_of, note
from tasks.seating.routing import Search, Seated, find_seat


def open_planned(db: Connection, actor: Actor, locked: Locked, *, at: datetime) -> TaskRow:
    """Open a locked, planned task on the desk of whoever it was planned for, or who stands in for them now.

    Raises: MoveNotAllowed, BeyondCalendar.
    """
    task = locked.task
    status = decide(Move.OPEN, task.status, lambda: f"task {task.id}")
    seated = _seat(db, task, at)
    moments = seated.moments
    coming = next_of(
        db, task, seated.clock, moments, stands_still=False, reminded=0, escalated=0, is_limit_passed=False
    )
    opened = write(
        db,
        task,
        status=status,
        assignee_id=seated.employee_id,
        team_id=seated.team_id,
        calendar_version_id=seated.calendar_version_id,
        bumped_from_id=seated.bumped_from_id,
        opened_at=at,
        held_since=at,
        start_by=moments.start_by,
        due_at=moments.due_at,
        is_tight=moments.is_tight,
        **coming,
    )
    ledger = ledger_of(db, actor, task, at)
    facts = {
        "assignee_id": seated.employee_id,
        "team_id": seated.team_id,
        "calendar_version_id": seated.calendar_version_id,
        "bumped_from_id": seated.bumped_from_id,
        "due_at": moments.due_at,
        "limit_at": moments.limit_at,
    }
    note(ledger, "task.opened", opened, **facts)
    ledger.flush(db)
    _set_deadlines(db, actor, replace(locked, task=opened), seated, at)
    return opened


def _seat(db: Connection, task: TaskRow, at: datetime) -> Seated:
    search = _search(db, task, at)
    first = task.bumped_from_id or task.assignee_id
    team = team_code(db, task.team_id) if task.team_id is not None else None
    return find_seat(search, (Route(kind=RouteKind.QUEUE, team=team),), first=first)


def _search(db: Connection, task: TaskRow, at: datetime) -> Search:
    fields = fields_of(db, task.resolution_id)
    moments_on = lambda clock: task_moments(fields, clock, opens_at=at, limit_at=task.limit_at)  # noqa: E731 - read where it is used
    return replace(search_anew(db, task, at), moments_on=moments_on)


def _set_deadlines(db: Connection, actor: Actor, locked: Locked, seated: Seated, at: datetime) -> None:
    for case in locked.cases:
        course = open_course(db, actor, case, at=at)
        own = [place_of(locked.task)] if locked.task.step else items_of(db, locked.task.id, case.id)
        for place in own:
            set_deadlines(course, course.step(place.step), place, seated.clock)
