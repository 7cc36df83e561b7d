"""What was assigned in a period, one row each: a task, or, where people are told apart, one person's time with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
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

from models.work import ON_DESK, events, holds, task_items, tasks
from reports.dimension import By
from reports.period import Period

HANDED_ON = "reassigned"  # beside the other ways in which a hold ends: done, cancelled, expired
Rows = Select[*tuple[Any, ...]]
"""A question to the database; its columns are named in the docstring of whoever asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: for which days, split by what, as of which moment, of whom (None: the whole house), of what.

    `only` narrows to one value of a dimension, as the database knows it (an employee's number, an action's code).
    """

    period: Period
    by: tuple[By, ...]
    as_of: datetime
    employee_ids: tuple[int, ...] | None = None
    only: tuple[tuple[By, object], ...] = ()

    @property
    def tells_people_apart(self) -> bool:
        """Then a task counts once for each person who held it, else once."""
        return By.EMPLOYEE in self.by or self.employee_ids is not None or By.EMPLOYEE in dict(self.only)


def units(question: Question, *, only_shared: bool = False) -> Rows:
    """task_id, employee_id, team_id, began_at, ended_at, ended_by, due_at, worked and waited (seconds).

    Of each person's time with a task, or of each task. `only_shared`: only of tasks that serve several cases.
    """
    asked = _held(question) if question.tells_people_apart else _whole(question)
    if only_shared:
        asked = asked.where(tasks.c.case_id.is_(None), tasks.c.id.in_(select(task_items.c.task_id)))
    return asked


def _whole(question: Question) -> Rows:
    """Each task once: assigned when it opened, its time that of all who held it."""
    within = _within(question, tasks.c.opened_at)
    time = (
        select(
            holds.c.task_id,
            func.sum(holds.c.working_seconds).label("worked"),
            func.sum(holds.c.waiting_seconds).label("waited"),
        )
        .join(tasks, tasks.c.id == holds.c.task_id)
        .where(*within)
        .group_by(holds.c.task_id)
        .subquery("time")
    )
    return (
        select(
            *_task_columns(),
            tasks.c.assignee_id.label("employee_id"),
            tasks.c.team_id,
            tasks.c.opened_at.label("began_at"),
            tasks.c.finished_at.label("ended_at"),
            tasks.c.status.label("ended_by"),
            func.coalesce(tasks.c.due_at, tasks.c.limit_at).label("deadline"),
            time.c.worked,
            time.c.waited,
        )
        .outerjoin(time, time.c.task_id == tasks.c.id)
        .where(*within)
    )


def _held(question: Question) -> Rows:
    """Each person's time with a task: the holds that ended, and the one that lasts.

    What lay in a queue until somebody took it was nobody's time. A task that was handed on had another due time then.
    """
    stretch = union_all(_ended_holds(question), _present_holds(question)).subquery("stretch")
    due_at = case(
        (stretch.c.ended_by == HANDED_ON, func.coalesce(_due_then(stretch), tasks.c.limit_at)),
        else_=func.coalesce(tasks.c.due_at, tasks.c.limit_at),
    )
    left_the_queue = and_(
        stretch.c.employee_id.is_(None), stretch.c.ended_by == HANDED_ON, stretch.c.ended_at <= question.as_of
    )
    asked = (
        select(
            *_task_columns(),
            stretch.c.employee_id,
            stretch.c.team_id,
            stretch.c.began_at,
            stretch.c.ended_at,
            stretch.c.ended_by,
            due_at.label("deadline"),
            stretch.c.worked,
            stretch.c.waited,
        )
        .join_from(stretch, tasks, tasks.c.id == stretch.c.task_id)
        .where(~func.coalesce(left_the_queue, False))
    )
    return asked if question.employee_ids is None else asked.where(stretch.c.employee_id.in_(question.employee_ids))


def _task_columns() -> list[ColumnElement[Any]]:
    facts = [tasks.c[name] for name in ("resolution_id", "case_id", "status", "late_reason", "spent_minutes")]
    return [tasks.c.id.label("task_id"), *facts]


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
        literal("open"),
        null(),
        null(),
    ).where(tasks.c.status.in_(ON_DESK), *_within(question, tasks.c.held_since))


def _within(question: Question, moment: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    period = question.period
    return moment >= period.start, moment < period.end, moment <= question.as_of
