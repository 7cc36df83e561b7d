"""The figures of worked tasks, counted inside PostgreSQL: what was assigned, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from models.work import cases, resolutions, task_items, tasks
from reports.assignment import HANDED_ON, OPEN, Question, Rows, assignments
from reports.dimension import CALENDAR, By

HOUR = 3600.0  # seconds


def counted(question: Question) -> Rows:
    """One row per group and one for all together, with every count and duration (hours)."""
    work = _judged(question, "work")
    facts = [
        func.count().label("assigned"),
        _how_many(work.c.ended_by == "done", "done"),
        _how_many(work.c.is_on_time, "on_time"),
        _how_many(work.c.is_late, "late"),
        _how_many(and_(work.c.ended_by == OPEN, ~work.c.is_late), "open_in_time"),
        _how_many(and_(work.c.ended_by.in_(("cancelled", "expired")), ~work.c.is_late), "called_off"),
        _how_many(and_(work.c.ended_by == HANDED_ON, ~work.c.is_late), "handed_on"),
        _how_many(and_(work.c.ended_by == "done", work.c.deadline.is_(None)), "done_without_due"),
        (func.avg(work.c.working) / HOUR).label("working_hours_mean"),
        (func.percentile_cont(0.5).within_group(work.c.working) / HOUR).label("working_hours_median"),
        (func.percentile_cont(0.9).within_group(work.c.working) / HOUR).label("working_hours_p90"),
        (func.avg(work.c.waiting) / HOUR).label("waiting_hours_mean"),
    ]
    return _grouped(_keys(question, work), facts, _with_dimensions(work))


def reasons(question: Question) -> Rows:
    """Per group and reason: how many were late."""
    every = _judged(question, "every")
    work = every.select().where(every.c.is_late).subquery("work")
    reason = case(
        (work.c.ended_by == OPEN, literal("still_open")),
        (work.c.ended_by == "done", func.coalesce(work.c.late_reason, literal("no_reason_given"))),
        else_=work.c.ended_by,
    ).label("reason")
    return _grouped(_keys(question, work), [func.count().label("late")], _with_dimensions(work), beside=[reason])


def outcomes(question: Question) -> Rows:
    """Per group: the cases the work belongs to, how many succeeded, how many are undecided.

    Cases whose end is neither a success nor a failure are not counted.
    """
    work = _judged(question, "work")
    belongs = union_all(
        select(tasks.c.id.label("task_id"), tasks.c.case_id).where(tasks.c.case_id.is_not(None)),
        select(task_items.c.task_id, task_items.c.case_id),
    ).subquery("belongs")
    is_decided = and_(cases.c.status == "ended", cases.c.ended_at <= question.as_of)
    each = func.count(cases.c.id.distinct())
    facts = [
        each.filter(or_(~is_decided, cases.c.is_success.is_not(None))).label("cases"),
        each.filter(is_decided, cases.c.is_success).label("succeeded"),
        each.filter(~is_decided).label("undecided"),
    ]
    joined = _with_dimensions(work).join(belongs, belongs.c.task_id == work.c.task_id)
    return _grouped(_keys(question, work), facts, joined.join(cases, cases.c.id == belongs.c.case_id))


def _judged(question: Question, name: str) -> Subquery:
    """The assignments behind a fence (OFFSET 0): what is late is worked out once a row, not once a figure."""
    return assignments(question).offset(0).subquery(name)


def _how_many(condition: ColumnElement[bool], name: str) -> Label[int]:
    return func.count().filter(condition).label(name)


def _with_dimensions(work: FromClause) -> Any:
    return work.join(resolutions, resolutions.c.id == work.c.resolution_id)


def _keys(question: Question, work: FromClause) -> list[Label[Any]]:
    return [_key(by, work, question.period.zone).label(by.value) for by in question.by]


def _key(by: By, work: FromClause, zone: str) -> ColumnElement[Any]:
    if by in CALENDAR:
        local = func.timezone(zone, work.c.assigned_at)
        return func.to_char(func.date_trunc(by.value, local), "YYYY-MM-DD")
    if by is By.EMPLOYEE:
        return work.c.employee_id
    if by is By.TEAM:
        return work.c.team_id
    return resolutions.c[{By.PRODUCT: "product_line"}.get(by, by.value)]


def _grouped(
    keys: Sequence[Label[Any]], facts: Sequence[Any], source: FromClause, beside: Sequence[Label[Any]] = ()
) -> Rows:
    """Grouped by the keys and, once more, by none of them: `is_total` marks what is counted over all."""
    plain, extra = [key.element for key in keys], [key.element for key in beside]
    if not plain:
        return select(literal(True).label("is_total"), *beside, *facts).select_from(source).group_by(*extra)
    is_total = (func.grouping(plain[0]) == 1).label("is_total")
    asked = select(*keys, is_total, *beside, *facts).select_from(source)
    return asked.group_by(func.grouping_sets(tuple_(*plain, *extra), tuple_(*extra)))
