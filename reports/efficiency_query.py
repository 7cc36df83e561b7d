"""The figures of worked tasks, counted inside PostgreSQL in one pass: what was assigned, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Label,
    LargeBinary,
    SmallInteger,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
)

from models.work import cases, task_items
from reports.assignment import Part, Question, Rows
from reports.folding import NO_REASON
from reports.judging import DONE_BELOW, Fate, case_code, judged, key, narrowed

FACTS = ("count", "worked_seconds", "waited_seconds", "recorded", "spent_minutes", "standard_minutes")
COLLECTIONS = ("worked", "cases")
VERDICT = ("fate", "reason")
WORKING_MEMORY = text("SET LOCAL work_mem = '256MB'")
"""A report is asked for by few at a time; what does not fit into memory is sorted on disk, three times slower."""

_NOTHING = literal_column("''::bytea", LargeBinary)


def counted(question: Question) -> tuple[Rows, ...]:
    """Everything that is to be counted: the rows of all of these are cells, to be added up (reports.folding)."""
    return cells(question, Part.KEPT), cells(question, Part.HANDED_ON), shared_cells(question)


def cells(question: Question, part: Part = Part.ALL) -> Rows:
    """One row per group, `fate` and `reason`: how many, their sums, and two collections.

    `worked`: the working seconds of what was done, four bytes each. `cases`: the codes of the cases the work belongs
    to (reports.judging), eight bytes each, as often as they come. Both in network order and in no order.
    """
    work = judged(question, part)
    verdict = [work.c.fate, _reason(work).label("reason")]
    return (
        select(*keys(question, work), *verdict, *_facts(work), *_collections(work))
        .where(*narrowed(question, work))
        .group_by(*numbers(len(question.by) + len(VERDICT)))
    )


def shared_cells(question: Question) -> Rows:
    """The cases of tasks that serve several, in rows like those of `cells` that count no work."""
    work = judged(question, Part.SHARED)
    return (
        select(
            *keys(question, work),
            literal(0).label("fate"),
            literal("").label("reason"),
            *(literal(0).label(name) for name in FACTS),
            cast(null(), LargeBinary).label("worked"),
            func.string_agg(func.int8send(case_code(question)), _NOTHING).label("cases"),
        )
        .join_from(work, task_items, task_items.c.task_id == work.c.task_id)
        .join(cases, cases.c.id == task_items.c.case_id)
        .where(*narrowed(question, work))
        .group_by(*numbers(len(question.by) + len(VERDICT)))
    )


def keys(question: Question, work: FromClause) -> list[Label[Any]]:
    """The groups, named by their dimensions."""
    return [key(by, work, question.period.zone).label(by.value) for by in question.by]


def numbers(count: int) -> Sequence[ColumnElement[Any]]:
    """The first so many columns, by their places: a long expression is then worked out once."""
    return [literal_column(str(place)) for place in range(1, count + 1)]


def _reason(work: FromClause) -> ColumnElement[str]:
    given = func.coalesce(work.c.late_reason, NO_REASON)
    return case((work.c.fate == literal(int(Fate.DONE_LATE), SmallInteger), given), else_=literal(""))


def _facts(work: FromClause) -> list[Label[Any]]:
    """Of what was done; minutes only where they were recorded and the standard says how many there should be."""
    spent = case((and_(_is_done(work), work.c.effort_minutes > 0), work.c.spent_minutes))
    standard = case((spent.is_not(None), work.c.effort_minutes))
    return [
        func.count().label("count"),
        func.coalesce(func.sum(_seconds(work, work.c.worked)), 0).label("worked_seconds"),
        func.coalesce(func.sum(_seconds(work, work.c.waited)), 0).label("waited_seconds"),
        func.count(spent).label("recorded"),
        func.coalesce(func.sum(spent), 0).label("spent_minutes"),
        func.coalesce(func.sum(standard), 0).label("standard_minutes"),
    ]


def _collections(work: FromClause) -> list[Label[Any]]:
    return [
        func.string_agg(func.int4send(_seconds(work, work.c.worked)), _NOTHING).label("worked"),
        func.string_agg(func.int8send(work.c.case_code), _NOTHING).label("cases"),
    ]


def _seconds(work: FromClause, column: ColumnElement[Any]) -> ColumnElement[int]:
    return case((_is_done(work), cast(column, Integer)))


def _is_done(work: FromClause) -> ColumnElement[bool]:
    return work.c.fate < literal(DONE_BELOW, SmallInteger)
