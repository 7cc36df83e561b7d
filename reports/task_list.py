"""The tasks behind a number: every assigned piece of work that a figure counted, one row each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from core.errors import UsageError, did_you_mean
from models.work import cases, task_items
from reports.asking import asked
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency_query import keys
from reports.folding import HOUR, NO_REASON
from reports.judging import REASONS, STATES, CaseState, CountedAs, Fate, case_code, judged, narrowed
from reports.labels import label, labels, listed
from reports.sheet import Column, Kind, Sheet
from tasks.facts.titles import titles_of

MOST = 100_000
"""A list of tasks beyond this is for nobody; it is cut, and says so."""


class Figure(StrEnum):
    """Whose tasks are asked for: a count of the report."""

    ASSIGNED = "assigned"
    DONE = "done"
    ON_TIME = "on_time"
    LATE = "late"
    OPEN_IN_TIME = "open_in_time"
    CALLED_OFF = "called_off"
    HANDED_ON = "handed_on"
    DONE_WITHOUT_DUE = "done_without_due"
    CASES = "cases"  # of success: its denominator, its numerator, and what nobody knows yet
    SUCCEEDED = "succeeded"
    UNDECIDED = "undecided"

    @property
    def words(self) -> str:
        """As a sentence has it."""
        return self.value.replace("_", " ")

    @property
    def fates(self) -> tuple[Fate, ...]:
        """How the work it counts fared."""
        if self is Figure.ASSIGNED or self.case_states:
            return tuple(Fate)
        if self is Figure.DONE:
            return tuple(fate for fate in Fate if fate.is_done)
        return tuple(fate for fate in Fate if fate.counted_as == CountedAs(self.value))

    @property
    def case_states(self) -> tuple[CaseState, ...]:
        """Which cases a figure counts; none where it counts work."""
        if self is Figure.CASES:
            return tuple(CaseState)
        return {Figure.SUCCEEDED: (CaseState.SUCCEEDED,), Figure.UNDECIDED: (CaseState.UNDECIDED,)}.get(self, ())


def tasks_behind(
    db: Connection, question: Question, figure: Figure = Figure.ASSIGNED, *, language: str = "en", limit: int = MOST
) -> Sheet:
    """The tasks a figure of the report counted, in the order in which they were assigned.

    A figure that counts cases has the assigned tasks of these cases, each with the cases it was counted for.
    """
    work = judged(question)
    its = [work.c[name] for name in ("task_id", "case_id", "began_at", "deadline", "ended_at", "fate", "late_reason")]
    times = [work.c.worked, work.c.waited, work.c.spent_minutes]
    asked = (
        select(*keys(question, work), *its, *times)
        .where(*narrowed(question, work), work.c.fate.in_([int(fate) for fate in figure.fates]))
        .where(*_of_cases(question, work, figure))
        .order_by(work.c.began_at, work.c.task_id)
        .limit(limit + 1)
    )
    found = db.execute(asked).mappings().all()
    rows = [_row(dict(row), question) for row in found[:limit]]
    _name(db, rows, question, figure, language)
    notes = (f"These are the first {limit:,}; there are more. Narrow the question.",) if len(found) > limit else ()
    return Sheet(name="tasks", title="", columns=_columns(question, figure), rows=tuple(rows), notes=notes)


def _of_cases(question: Question, work: Any, figure: Figure) -> list[ColumnElement[bool]]:
    if not figure.case_states:
        return []
    shared = select(task_items.c.task_id).join(cases, cases.c.id == task_items.c.case_id).where(*_so(question, figure))
    return [or_((work.c.case_code % STATES).in_(figure.case_states), work.c.task_id.in_(shared))]


def _so(question: Question, figure: Figure) -> list[ColumnElement[bool]]:
    """Whether a case is one the figure counts."""
    return [(case_code(question) % STATES).in_(figure.case_states)] if figure.case_states else []


def _row(row: dict[str, Any], question: Question) -> dict[str, Any]:
    fate = Fate(row["fate"])
    ended_at = row["ended_at"] if row["ended_at"] is not None and row["ended_at"] <= question.as_of else None
    reason = (row["late_reason"] or NO_REASON) if fate is Fate.DONE_LATE else REASONS.get(fate, "")
    hours = {
        name: row[name] / HOUR if fate.is_done and row[name] is not None else None for name in ("worked", "waited")
    }
    return row | hours | {"ended_at": ended_at, "counted_as": fate.counted_as.value, "reason": reason}


def _name(db: Connection, rows: list[dict[str, Any]], question: Question, figure: Figure, language: str) -> None:
    """Titles, names and cases beside the numbers."""
    ids = sorted({row["task_id"] for row in rows})
    titles = titles_of(db, ids, language, question.as_of)
    reasons = listed(db, "late_reasons", language)
    known = {by: labels(db, by, language) for by in question.by}
    shared = _shared_cases(db, ids, _so(question, figure))
    for row in rows:
        row["title"] = titles.get(row["task_id"], "")
        row["why"] = reasons.get(row["reason"], row["reason"].replace("_", " "))
        row["counted"] = row["counted_as"].replace("_", " ")
        row["cases"] = ", ".join(map(str, shared.get(row["task_id"], [row["case_id"]] if row["case_id"] else [])))
        row.update({f"{by.value}_name": label(by, row[by.value], known[by]) for by in question.by})


def _shared_cases(db: Connection, task_ids: list[int], which: list[ColumnElement[bool]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    joined = select(task_items.c.task_id, cases.c.id).join_from(task_items, cases, cases.c.id == task_items.c.case_id)
    for task_id, case_id in db.execute(
        joined.where(task_items.c.task_id.in_(task_ids), *which).order_by(cases.c.id)
    ).all():
        found.setdefault(task_id, []).append(case_id)
    return found


def _columns(question: Question, figure: Figure) -> tuple[Column, ...]:
    groups = [Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT) for by in question.by]
    is_mixed = len({fate.counted_as for fate in figure.fates}) > 1
    return (
        Column(key="task_id", heading="Task"),
        Column(key="title", heading="What", kind=Kind.TEXT),
        *(column for column in groups if column.key != f"{By.ACTION.value}_name"),
        Column(key="began_at", heading="Assigned", kind=Kind.MOMENT),
        Column(key="deadline", heading="Due", kind=Kind.MOMENT),
        Column(key="ended_at", heading="Ended", kind=Kind.MOMENT),
        Column(key="counted", heading="Counted as", kind=Kind.TEXT, on_screen=is_mixed),
        Column(key="counted_as", kind=Kind.TEXT, on_screen=False),
        Column(key="why", heading="Why late", kind=Kind.TEXT, when_any=True),
        Column(key="reason", kind=Kind.TEXT, on_screen=False),
        Column(key="worked", heading="Hours", kind=Kind.HOURS),
        Column(key="waited", heading="Waited", kind=Kind.HOURS, on_screen=False),
        Column(key="spent_minutes", heading="Minutes", on_screen=False),
        Column(key="cases", heading="Case", kind=Kind.TEXT, on_screen=bool(figure.case_states)),
    )


class UnknownFigure(UsageError):
    """No number of the report is called that."""


def figure_of(word: str) -> Figure:
    """The figure of that name, such as late or `on time`. Raises: UnknownFigure."""
    wanted = word.strip().lower().replace(" ", "_").replace("-", "_")
    known = [figure.value for figure in Figure]
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f". Use one of: {', '.join(known)}."
        raise UnknownFigure(f"There are no tasks behind a figure {word!r}{hint}")
    return Figure(wanted)


def asked_for(question: Question, figure: Figure) -> dict[str, Any]:
    """What the list answers, for other programs."""
    return asked(question, figure=figure.value)


def told_count(sheet: Sheet, figure: Figure) -> str:
    """How many the list holds, as a line above it: of cases, how many these are, and with how many tasks."""
    count = f"{len(sheet.rows):,}"
    if not figure.case_states:
        return f"{count} counted as {figure.words}:"
    its = len({case for row in sheet.rows for case in row["cases"].split(", ") if case})
    return f"{its:,} counted as {figure.words}, with {count} of the tasks assigned:"
