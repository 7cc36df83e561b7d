"""What was assigned in a period, one row each: a task, or, where people are told apart, one person's time with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE

from core.clock import start_of
from models.work import DEADLINE, ON_DESK, events, holds, task_items, tasks
from reports.dimension import By
from reports.period import Period

ONE_DAY = timedelta(days=1)
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
    only_words: str = ""  # `only` as it was asked for
    days: tuple[date, ...] | None = None  # none but these of the period
    is_of_snapshot: bool = False  # answered from what the nightly snapshot kept

    @property
    def tells_people_apart(self) -> bool:
        """Then a task counts once for each person who held it, else once."""
        return By.EMPLOYEE in self.by or self.employee_ids is not None or By.EMPLOYEE in dict(self.only)


class Part(StrEnum):
    """Which of the assigned work; what can be counted apart is added up afterwards."""

    ALL = "all"
    KEPT = "kept"  # not handed on: nothing needs to be looked up in the ledger, so several processes can share it
    HANDED_ON = "handed_on"
    SHARED = "shared"  # tasks that serve several cases


def units(question: Question, part: Part = Part.ALL) -> Rows:
    """task_id, employee_id, team_id, began_at, ended_at, ended_by, deadline, worked and waited (seconds), and of the
    task: resolution_id, case_id, status, late_reason, spent_minutes.

    Of each person's time with a task, or of each task.
    """
    asked = _held(question, part) if question.tells_people_apart else _whole(question)
    if part is Part.SHARED:
        return asked.where(tasks.c.case_id.is_(None), tasks.c.id.in_(select(task_items.c.task_id)))
    if part is Part.HANDED_ON and not question.tells_people_apart:
        return asked.where(false())
    return asked.offset(0) if part in {Part.ALL, Part.HANDED_ON} else asked  # a fence: the due time is found once


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
            DEADLINE.label("deadline"),
            time.c.worked,
            time.c.waited,
        )
        .outerjoin(time, time.c.task_id == tasks.c.id)
        .where(*within)
    )


def _held(question: Question, part: Part) -> Rows:
    """Each person's time with a task: the holds that ended, and the one that lasts.

    What lay in a queue until somebody took it was nobody's time. A task that was handed on had another due time then.
    """
    ended = _ended_holds(question, part)
    stretches = ended if part is Part.HANDED_ON else union_all(ended, _present_holds(question))
    stretch = stretches.subquery("stretch")
    due_at: ColumnElement[Any] = DEADLINE
    if part in {Part.ALL, Part.HANDED_ON}:
        due_then = func.coalesce(_due_then(stretch), tasks.c.limit_at)
        due_at = case((stretch.c.ended_by == HANDED_ON, due_then), else_=due_at)
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


def _ended_holds(question: Question, part: Part) -> Rows:
    ended = select(
        holds.c.task_id,
        holds.c.employee_id,
        holds.c.team_id,
        holds.c.began_at,
        holds.c.ended_at,
        holds.c.ended_by,
        holds.c.working_seconds.label("worked"),
        holds.c.waiting_seconds.label("waited"),
    ).where(*_within(question, holds.c.began_at))
    if part is Part.HANDED_ON:
        return ended.where(holds.c.ended_by == HANDED_ON)
    return ended.where(holds.c.ended_by != HANDED_ON) if part is Part.KEPT else ended


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
    whole = (moment >= period.start, moment < period.end, moment <= question.as_of)
    if question.days is None:
        return whole
    return (*whole, moment.op("<@", is_comparison=True)(cast(_stretches(question.days, period.zone), TSTZMULTIRANGE)))


def _stretches(days: tuple[date, ...], zone: str) -> str:
    """The moments of these days, in order, as PostgreSQL writes ranges."""
    ranges = (f"[{start_of(day, zone).isoformat()},{start_of(day + ONE_DAY, zone).isoformat()})" for day in days)
    return f"{{{','.join(ranges)}}}"
