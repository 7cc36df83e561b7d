"""What is compared: for each person and kind of work, how many were judged, how many went well, and what was asked."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Subquery,
    cast,
    func,
    select,
    union_all,
)

from models.work import cases, resolutions, task_items, tasks
from reports.assignment import Part, Question, Rows
from reports.dimension import By
from reports.efficiency_query import numbers
from reports.judging import STATES, CaseState, CountedAs, Fate, case_code, column_of, judged, key, narrowed

JUDGED = tuple(fate for fate in Fate if fate.counted_as in {CountedAs.ON_TIME, CountedAs.LATE})


class Measure(StrEnum):
    """What is compared."""

    ON_TIME = "on_time"  # of the work that was on time or late
    SUCCESS = "success"  # of the cases that ended in success or failure

    @property
    def words(self) -> str:
        """As a sentence has it."""
        return {Measure.ON_TIME: "on time", Measure.SUCCESS: "successful"}[self]

    @property
    def things(self) -> str:
        """What is counted."""
        return {Measure.ON_TIME: "tasks", Measure.SUCCESS: "cases"}[self]


def strata(question: Question, measure: Measure, who: By, alike: tuple[By, ...]) -> Rows:
    """who, the values of `alike`, target (a share, or nothing), count, good: one row per combination.

    `alike`: work that agrees in these is of one kind.
    """
    if measure is Measure.ON_TIME:
        return _on_time(question, who, alike)
    return _successes(question, who, alike)


def _on_time(question: Question, who: By, alike: tuple[By, ...]) -> Rows:
    work = judged(question)
    groups = _groups(question, work, who, alike, "on_time")
    good = func.count().filter(work.c.fate == int(Fate.ON_TIME))
    return (
        select(*groups, func.count().label("count"), good.label("good"))
        .join_from(work, resolutions, resolutions.c.id == work.c.resolution_id)
        .where(work.c.fate.in_([int(fate) for fate in JUDGED]), *narrowed(question, work))
        .group_by(*numbers(len(groups)))
    )


def _groups(question: Question, work: Any, who: By, alike: tuple[By, ...], field: str) -> list[Any]:
    zone = question.period.zone
    named = [key(by, work, zone).label(f"alike_{by.value}") for by in alike]
    return [key(who, work, zone).label("who"), *named, _target(field).label("target")]


def _target(field: str) -> ColumnElement[Any]:
    """A standard's target as a share: `95 %` is stored."""
    written = func.replace(resolutions.c.fields[field].astext, "%", "")
    return cast(func.nullif(func.trim(written), ""), Numeric) / 100


def _successes(question: Question, who: By, alike: tuple[By, ...]) -> Rows:
    """Each case once for each person who held work of it; its kind is that of the first such task."""
    held = _cases_of_people(question, who)
    kind = resolutions
    groups = [
        held.c.who,
        *(kind.c[column_of(by)].label(f"alike_{by.value}") for by in alike),
        _target("success").label("target"),
    ]
    good = func.count().filter(held.c.case_code % STATES == int(CaseState.SUCCEEDED))
    return (
        select(*groups, func.count().label("count"), good.label("good"))
        .join_from(held, tasks, tasks.c.id == held.c.task_id)
        .join(kind, kind.c.id == tasks.c.resolution_id)
        .where(held.c.case_code % STATES != int(CaseState.UNDECIDED))
        .group_by(*numbers(len(groups)))
    )


def _cases_of_people(question: Question, who: By) -> Subquery:
    alone, shared = judged(question), judged(question, Part.SHARED)
    zone = question.period.zone
    every = union_all(
        select(key(who, alone, zone).label("who"), alone.c.task_id, cast(alone.c.case_code, BigInteger).label("code"))
        .where(alone.c.case_code.is_not(None), *narrowed(question, alone)),
        select(key(who, shared, zone), shared.c.task_id, case_code(question))
        .join_from(shared, task_items, task_items.c.task_id == shared.c.task_id)
        .join(cases, cases.c.id == task_items.c.case_id)
        .where(case_code(question).is_not(None), *narrowed(question, shared)),
    ).subquery("every")  # fmt: skip
    return (
        select(every.c.who, every.c.code.label("case_code"), func.min(every.c.task_id).label("task_id"))
        .group_by(every.c.who, every.c.code)
        .subquery("held")
    )
