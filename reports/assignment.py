"""What was assigned in a period, one row each: a task, or, where people are told apart, one person's time with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from core.actor import Actor
from models.people import employees
from models.work import ON_DESK, cases, events, holds, tasks
from reports.dimension import By
from reports.period import Period

OPEN = "open"  # beside the ways in which a hold ends: done, cancelled, expired, reassigned
HANDED_ON = "reassigned"
Rows = Select[*tuple[Any, ...]]
"""A question to the database; its columns are named in the docstring of whoever asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: for which days, split by what, as of which moment, and for whom (None: the whole house)."""

    period: Period
    by: tuple[By, ...]
    as_of: datetime
    employee_id: int | None = None

    @property
    def tells_people_apart(self) -> bool:
        """Then a task counts once for each person who held it, else once."""
        return By.EMPLOYEE in self.by or self.employee_id is not None


def assignments(question: Question) -> Rows:
    """task_id, employee_id, team_id, resolution_id, assigned_at, ended_at, ended_by, deadline, is_on_time, is_late,
    late_reason, working and waiting (seconds, only of what was done).

    What ended after the as-of moment is taken as open. Tasks that were cancelled with a voided case are left out.
    """
    unit = (_held(question) if question.tells_people_apart else _whole(question)).subquery("unit")
    is_done = unit.c.ended_by == "done"
    settled_at = func.coalesce(unit.c.ended_at, literal(question.as_of))
    is_late = func.coalesce(unit.c.deadline < settled_at, False)
    return select(
        unit,
        and_(is_done, unit.c.deadline.is_not(None), ~is_late).label("is_on_time"),
        is_late.label("is_late"),
        case((is_done, unit.c.worked)).label("working"),
        case((is_done, unit.c.waited)).label("waiting"),
    )


def _whole(question: Question) -> Rows:
    """Each task once: assigned when it opened, its time that of all who held it."""
    time = (
        select(
            holds.c.task_id,
            func.sum(holds.c.working_seconds).label("worked"),
            func.sum(holds.c.waiting_seconds).label("waited"),
        )
        .group_by(holds.c.task_id)
        .subquery("time")
    )
    is_over = tasks.c.finished_at <= question.as_of
    return (
        select(
            tasks.c.id.label("task_id"),
            tasks.c.assignee_id.label("employee_id"),
            tasks.c.team_id,
            tasks.c.resolution_id,
            tasks.c.opened_at.label("assigned_at"),
            case((is_over, tasks.c.finished_at)).label("ended_at"),
            case((is_over, tasks.c.status), else_=OPEN).label("ended_by"),
            func.coalesce(tasks.c.due_at, tasks.c.limit_at).label("deadline"),
            tasks.c.late_reason,
            time.c.worked,
            time.c.waited,
        )
        .outerjoin(time, time.c.task_id == tasks.c.id)
        .where(*_within(question, tasks.c.opened_at), _is_meant())
    )


def _held(question: Question) -> Rows:
    """Each person's time with a task: the holds that ended, and the one that lasts.

    What lay in a queue until somebody took it was nobody's time. A task that was handed on had another due time then.
    """
    stretch = union_all(_ended_holds(question), _present_holds(question)).subquery("stretch")
    is_over = stretch.c.ended_at <= question.as_of
    asked = (
        select(
            stretch.c.task_id,
            stretch.c.employee_id,
            stretch.c.team_id,
            tasks.c.resolution_id,
            stretch.c.began_at.label("assigned_at"),
            case((is_over, stretch.c.ended_at)).label("ended_at"),
            case((is_over, stretch.c.ended_by), else_=OPEN).label("ended_by"),
            case(
                (stretch.c.ended_by == HANDED_ON, func.coalesce(_due_then(stretch), tasks.c.limit_at)),
                else_=func.coalesce(tasks.c.due_at, tasks.c.limit_at),
            ).label("deadline"),
            tasks.c.late_reason,
            stretch.c.worked,
            stretch.c.waited,
        )
        .join(tasks, tasks.c.id == stretch.c.task_id)
        .where(_is_meant(), or_(stretch.c.employee_id.is_not(None), stretch.c.ended_by != HANDED_ON))
    )
    return asked if question.employee_id is None else asked.where(stretch.c.employee_id == question.employee_id)


def _due_then(stretch: FromClause) -> ColumnElement[Any]:
    """When the task was due for whoever handed it on: the ledger keeps it."""
    its_case = or_(events.c.case_id == tasks.c.case_id, and_(events.c.case_id.is_(None), tasks.c.case_id.is_(None)))
    return (
        select(cast(events.c.data["was_due_at"].astext, DateTime(timezone=True)))
        .where(
            its_case,
            events.c.task_id == stretch.c.task_id,
            events.c.kind == "task.reassigned",
            events.c.at == stretch.c.ended_at,
        )
        .order_by(events.c.number)
        .limit(1)
        .scalar_subquery()
    )


def _ended_holds(question: Question) -> Rows:
    return select(
        holds.c.task_id,
        holds.c.employee_id,
        holds.c.team_id,
        holds.c.began_at,
        holds.c.ended_at,
        holds.c.ended_by,
        holds.c.working_seconds.label("worked"),
        holds.c.waiting_seconds.label("waited"),
    ).where(*_within(question, holds.c.began_at))


def _present_holds(question: Question) -> Rows:
    return select(
        tasks.c.id,
        tasks.c.assignee_id,
        tasks.c.team_id,
        tasks.c.held_since,
        null(),
        literal(OPEN),
        null(),
        null(),
    ).where(tasks.c.status.in_(ON_DESK), *_within(question, tasks.c.held_since))


def _within(question: Question, moment: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    return moment >= question.period.start, moment < question.period.end, moment <= question.as_of


def _is_meant() -> ColumnElement[bool]:
    """Errors and duplicates are not work: what was cancelled because its case was voided does not count."""
    voided = select(cases.c.id).where(cases.c.id == tasks.c.case_id, cases.c.end_code == "void").exists()
    return or_(tasks.c.status != "cancelled", ~voided)


def only_own(db: Connection, actor: Actor) -> int | None:
    """Whose figures the actor may see: their own; everybody's for a manager and for what nobody does by hand (None)."""
    if actor.employee_id is None:
        return None
    is_manager = db.scalar(select(employees.c.is_manager).where(employees.c.id == actor.employee_id))
    return None if is_manager else actor.employee_id
