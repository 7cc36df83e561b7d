"""Handing a task over: taking it from a queue, giving it to somebody else or back to a team."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from core.actor import Actor
from core.errors import TaktasError
from models import people
from models.work import TaskStatus
from standards.process import Route, RouteKind
from tasks.beat.retiming import moments_of, next_of
from tasks.desk.access import check_may_change
from tasks.facts.titles import name_of
from tasks.handbooks.clocks import clock_of_task
from tasks.handbooks.resolving import fields_of
from tasks.lifecycle import Move, decide
from tasks.moments import Firing, TaskMoments, task_moments
from tasks.record.holds import EndedBy, end_hold, stands_still
from tasks.record.recording import write
from tasks.record.rows import TaskRow, lock_task
from tasks.record.task_ledger import ledger_of, note
from tasks.seating.desks import desk
from tasks.seating.routing import Search, Seated, find_seat

_NAME = select(people.employees.c.name, people.employees.c.left_on).where(people.employees.c.id == bindparam("id"))
_TEAM = select(people.teams.c.code).where(people.teams.c.id == bindparam("id"))


class CannotReassign(TaktasError):
    """A task cannot be given to that person or team."""


def reassign(
    db: Connection,
    actor: Actor,
    *,
    task_id: int,
    to_employee_id: int | None = None,
    to_team_id: int | None = None,
    at: datetime,
) -> TaskRow:
    """Give a task to somebody else, or to the queue of a team; the new owner's time starts anew.

    Who is away gets nothing: their substitute does, visibly. Raises: NoSuchTask, NotYours, MoveNotAllowed,
    CannotReassign.
    """
    task = lock_task(db, task_id).task
    check_may_change(db, actor, task)
    decide(Move.REASSIGN, task.status, lambda: name_of(db, task, at))
    seated = _seat_for(db, task, to_employee_id, to_team_id, at)
    return move_to(db, actor, task, seated, at=at)


def _seat_for(db: Connection, task: TaskRow, employee_id: int | None, team_id: int | None, at: datetime) -> Seated:
    if (employee_id is None) == (team_id is None):
        raise CannotReassign(
            f"Cannot reassign task {task.id} without saying to whom. Name one employee (--to) or one team (--to-team)."
        )
    if employee_id is not None:
        check_works_here(db, employee_id, f"reassign task {task.id} to", at)
        return find_seat(search_anew(db, task, at), (), first=employee_id)
    return find_seat(search_anew(db, task, at), (Route(kind=RouteKind.QUEUE, team=team_code(db, team_id or 0)),))


def team_code(db: Connection, team_id: int) -> str:
    """The code of a team."""
    code: str = db.execute(_TEAM, {"id": team_id}).scalar_one()
    return code


def check_works_here(db: Connection, employee_id: int, doing: str, at: datetime) -> None:
    """Refuse somebody who left. `doing` is what was asked, as in "reassign task 7 to". Raises: CannotReassign."""
    found, named = desk(db, employee_id, at), db.execute(_NAME, {"id": employee_id}).first()
    if found is None or named is None:
        raise CannotReassign(f"Cannot {doing} employee {employee_id}: there is nobody of that number.")
    if found.is_gone:
        when = f"left on {named.left_on}" if named.left_on else "has not joined yet"
        raise CannotReassign(f"Cannot {doing} {named.name}, who {when}. Choose somebody who works here.")


def search_anew(db: Connection, task: TaskRow, at: datetime) -> Search:
    """Routing for a task that already exists: its standard counts anew from now, or from its planned opening."""
    fields = fields_of(db, task.resolution_id)
    opens_at = task.opens_at if task.status is TaskStatus.PLANNED and task.opens_at else at
    return Search(
        db=db,
        at=at,
        effort_minutes=fields.effort_minutes,
        moments_on=lambda clock: task_moments(fields, clock, opens_at=opens_at, limit_at=task.limit_at),
        person_of=lambda _path: None,
        doer_of=lambda _step: None,
    )


def move_to(db: Connection, actor: Actor, task: TaskRow, seated: Seated, *, at: datetime, **facts: Any) -> TaskRow:
    """Write that a task lies somewhere else now. What comes from a queue keeps its due time: nobody's clock ran."""
    status = decide(Move.REASSIGN, task.status, lambda: f"task {task.id}")
    from_queue = task.assignee_id is None and task.status is not TaskStatus.PLANNED
    moments = moments_of(task, opens_at=at) if from_queue else seated.moments
    end_hold(db, task, clock_of_task(db, task), at=at, by=EndedBy.REASSIGNED)
    moved = write(db, task, status=status, **_columns(db, task, seated, moments, at))
    ledger = ledger_of(db, actor, task, at)
    known = {
        "from": task.assignee_id,
        "from_team": task.team_id,
        "from_calendar": task.calendar_version_id,
        "to": seated.employee_id,
        "team_id": seated.team_id,
        "calendar_version_id": seated.calendar_version_id,
        "bumped_from_id": seated.bumped_from_id,
        "due_at": moments.due_at,
        "was_due_at": task.due_at,
    }
    note(ledger, "task.reassigned", task, **known, **facts)
    ledger.flush(db)
    return moved


def _columns(db: Connection, task: TaskRow, seated: Seated, moments: TaskMoments, at: datetime) -> dict[str, Any]:
    is_planned, still = task.status is TaskStatus.PLANNED, stands_still(task)
    coming = next_of(db, task, seated.clock, moments, stands_still=still, reminded=0, escalated=0)
    return {
        "assignee_id": seated.employee_id,
        "team_id": seated.team_id,
        "calendar_version_id": seated.calendar_version_id,
        "bumped_from_id": seated.bumped_from_id,
        "start_by": moments.start_by,
        "due_at": None if still else moments.due_at,
        "is_tight": moments.is_tight,
        "held_since": None if is_planned else at,
        "started_at": task.started_at if task.status is TaskStatus.WAITING else None,
        "waiting_since": at if task.waiting_since else None,
        "waited_seconds": 0,
        "spare_seconds": None,
        "reminded": 0,
        "escalated": 0,
        "next_at": task.opens_at if is_planned else coming["next_at"],
        "next_what": Firing.OPEN.value if is_planned else coming["next_what"],
    }


def claim(db: Connection, actor: Actor, task: TaskRow, *, at: datetime) -> TaskRow:
    """Whoever begins a task of a queue has it; nothing happens to a task that has its person."""
    if task.assignee_id is not None or actor.employee_id is None:
        return task
    own = desk(db, actor.employee_id, at)
    if own is None:
        raise CannotReassign(
            f"Cannot give task {task.id} to employee {actor.employee_id}: there is nobody of that number."
        )
    moments = moments_of(task)
    seated = Seated(
        employee_id=own.employee_id,
        team_id=own.team_id,
        calendar_version_id=own.calendar_version_id or 0,
        clock=own.open_time,
        moments=moments,
    )
    return move_to(db, actor, task, seated, at=at)
