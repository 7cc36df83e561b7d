"""What lies ahead: the effort of open and planned work by person and week, and what the schedules will start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, case, cast, func, literal, select

from models.work import LIVE, TaskStatus, resolutions, tasks
from standards.service.cascade import resolve
from standards.service.standard import Dimensions
from tasks.handbooks import handbook
from tasks.handbooks.handbook import PublishedProcess
from tasks.handbooks.starting import is_generated, starts_to_come

MINUTES = 60.0  # an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """So many tasks of one person (None: nobody yet) that fall into one week, and their effort in hours.

    `without_effort`: how many of them no standard says the effort of.
    """

    employee_id: int | None
    week: date
    is_planned: bool
    tasks: int
    hours: float
    without_effort: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How many cases the schedules of a process start in each week, and the effort of their first tasks in hours."""

    process: str
    cases: tuple[int, ...]
    hours: tuple[float, ...]


def work_ahead(db: Connection, at: datetime, zone: str, last: date) -> list[Ahead]:
    """Work on desks and in queues by the week in which it is due, at the latest the week of `last`.

    What is overdue, or has neither due time nor limit, falls into the present week; planned work into the week in
    which it is due, or opens. A week is named by its Monday.
    """
    is_planned = tasks.c.status == TaskStatus.PLANNED.value
    moment = func.coalesce(tasks.c.due_at, case((is_planned, tasks.c.opens_at)), tasks.c.limit_at, literal(at))
    week = cast(func.date_trunc("week", func.timezone(zone, func.greatest(moment, literal(at)))), Date).label("week")
    minutes = resolutions.c.effort_minutes
    found = db.execute(
        select(
            cast(tasks.c.assignee_id, BigInteger).label("employee_id"),
            week,
            is_planned.label("is_planned"),
            func.count().label("tasks"),
            func.sum(minutes).label("minutes"),
            func.count().filter(minutes == 0).label("without_effort"),
        )
        .join_from(tasks, resolutions, resolutions.c.id == tasks.c.resolution_id)
        .where(tasks.c.status.in_(LIVE), week <= last)
        .group_by(tasks.c.assignee_id, week, is_planned)
    )
    return [_ahead(row) for row in found]


def _ahead(row: Any) -> Ahead:
    return Ahead(
        employee_id=row.employee_id,
        week=row.week,
        is_planned=row.is_planned,
        tasks=row.tasks,
        hours=float(row.minutes) / MINUTES,
        without_effort=row.without_effort,
    )


def work_coming(db: Connection, edges: Sequence[datetime]) -> list[Coming]:
    """What the schedules will start between each two of these moments; only the first tasks can be foreseen.

    Raises: BeyondCalendar.
    """
    found = []
    for published in handbook.current_processes(db):
        if is_generated(published.process):
            cases = starts_to_come(db, published, edges)
            hours = _first_effort(db, published) / MINUTES
            found.append(Coming(process=published.process.name, cases=cases, hours=tuple(hours * n for n in cases)))
    return [each for each in found if any(each.cases)]


def _first_effort(db: Connection, published: PublishedProcess) -> float:
    """Minutes of the first tasks of a case, by what the standards say of such work whoever it is for."""
    book = handbook.book(db).book
    return sum(_effort(book, published, step) for step in published.process.begin)


def _effort(book: Any, published: PublishedProcess, name: str) -> int:
    step = published.process.steps[name]
    if not step.action:
        return 0
    asked = Dimensions(action=step.action, process=published.process.name, step=name)
    return resolve(book, asked).fields.effort_minutes
