"""What lies ahead: the effort of open and planned work by week and any dimensions, and what schedules will start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, Subquery, case, cast, func, literal, select

from models.work import LIVE, TaskStatus, resolutions, tasks
from reports.efficiency_query import numbers
from reports.judging import dimensions, key
from reports.split import Split
from standards.service.cascade import resolve
from standards.service.standard import Dimensions
from tasks.handbooks import handbook
from tasks.handbooks.handbook import PublishedProcess
from tasks.handbooks.starting import is_generated, starts_to_come

MINUTES = 60.0  # an hour


Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """So many tasks of one group that fall into one week, and their effort in hours.

    `without_effort`: how many of them no standard says the effort of.
    """

    key: Key
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


def work_ahead(db: Connection, at: datetime, zone: str, last: date, asked: Split) -> list[Ahead]:
    """Work on desks and in queues by the week in which it is due, at the latest the week of `last`.

    What is overdue, or has neither due time nor limit, falls into the present week; planned work into the week in
    which it is due, or opens. A week is named by its Monday.
    """
    its = _lying(at, zone, last, asked)
    keys = [key(by, its, zone) for by in asked.by]
    is_only = [key(by, its, zone).is_not_distinct_from(value) for by, value in asked.only]
    found = db.execute(
        select(
            *keys,
            its.c.week,
            its.c.is_planned,
            func.count().label("tasks"),
            func.sum(its.c.minutes).label("minutes"),
            func.count().filter(its.c.minutes == 0).label("without_effort"),
        )
        .where(*is_only)
        .group_by(*numbers(len(keys) + 2))
    )
    return [_ahead(row, len(keys)) for row in found]


def _lying(at: datetime, zone: str, last: date, asked: Split) -> Subquery:
    """One row for each task on a desk, in a queue or planned, with its week, its effort and its dimensions."""
    is_planned = tasks.c.status == TaskStatus.PLANNED.value
    moment = func.coalesce(tasks.c.due_at, case((is_planned, tasks.c.opens_at)), tasks.c.limit_at, literal(at))
    week = cast(func.date_trunc("week", func.timezone(zone, func.greatest(moment, literal(at)))), Date).label("week")
    wanted = (
        select(
            tasks.c.assignee_id.label("employee_id"),
            tasks.c.team_id,
            week,
            is_planned.label("is_planned"),
            resolutions.c.effort_minutes.label("minutes"),
            *dimensions(),
        )
        .join_from(tasks, resolutions, resolutions.c.id == tasks.c.resolution_id)
        .where(tasks.c.status.in_(LIVE), week <= last)
    )
    if asked.employee_ids is not None:
        wanted = wanted.where(tasks.c.assignee_id.in_(asked.employee_ids))
    return wanted.subquery("lying")


def _ahead(row: Any, width: int) -> Ahead:
    return Ahead(
        key=tuple(row[:width]),
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
