"""From beginning to end: how long pieces of work took, by whom and at what, as whoever reads event logs counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Float, Subquery, and_, cast, func, select

from models.work import TaskStatus, events, holds, resolutions, tasks
from reports.asking import asked
from reports.assignment import Question, Rows
from reports.dimension import By
from reports.efficiency_query import numbers
from reports.event_log.worked import together, worked
from reports.judging import dimensions, key, narrowed
from reports.labels import label, labels, total_names
from reports.sheet import Column, Kind, Report, Sheet
from tasks.record.holds import EndedBy
from tasks.record.log_steps import activities_of

HOUR = 3600
COUNTED = ("task.opened", "task.started", "task.waited", "task.resumed", "task.completed", "log.event")
"""Events of the ledger that a person makes, and those a log brought."""
NOTES = (
    "By the clock on the wall, from the beginning of a piece of work to its end; the deviation is that of a sample.",
    "Working: the open time in it of whoever finished it, without waits for the client or the insurer, told apart:",
    "mean, median, what nine in ten stayed below, mean wait. How long work lay with somebody tells report efficiency.",
    "Events count also where they begin or end nothing; those of nobody came about by themselves.",
)
NOBODY = "(nobody)"
ELAPSED = ("mean", "shortest", "longest", "deviation")
MEASURES = (*ELAPSED, "working", "working_median", "working_p90", "waiting")
_WORDS = {
    "mean": "Mean",
    "shortest": "Shortest",
    "longest": "Longest",
    "deviation": "Deviation",
    "working": "Working",
    "working_median": "Median",
    "working_p90": "90 %",
    "waiting": "Waited",
}

Key = tuple[Any, ...]


def durations_report(db: Connection, question: Question, *, language: str = "en") -> Report:
    """Pieces of work that were begun and done in the period, with the events around them.

    Elapsed time runs from the start to the end by the clock on the wall; its deviation is that of a sample. Working
    time is that of whoever finished it, on their calendar, waiting left out. Raises: BeyondCalendar.
    """
    names = {by: _labels(db, by, language) for by in question.by}
    groups, times = _counted(db, question), worked(db, question, _done(question))
    for group, each in times.items():
        groups[group] |= each.figures
    rows = [_row(question, values, told, names) for values, told in groups.items()]
    rows.sort(key=lambda row: tuple(str(row[f"{by.value}_name"]) for by in question.by))
    whole = _counted(db, replace(question, by=())).get((), {}) | together(times.values()).figures
    total = _row(question, None, whole, names)
    sheet = Sheet(
        name="durations",
        title="",
        columns=tuple(_columns(question)),
        rows=tuple(rows) if question.by else (total,),
        total=total if question.by else None,
        notes=NOTES,
    )
    told = asked(
        question,
        counts="work that was begun and is done, by the moment it was done",
        seconds="elapsed; working: open time from beginning to end without waits for client or insurer (waiting)",
    )
    return Report(asked=told, sheets=(sheet,))


def _counted(db: Connection, question: Question) -> dict[Key, dict[str, Any]]:
    """Group -> its figures: of pieces of work, and how many events."""
    width, found = len(question.by), dict[Key, dict[str, Any]]()
    for row in db.execute(_items(question)).all():
        found[tuple(row[:width])] = dict(zip(("items", *ELAPSED), row[width:], strict=True))
    for *values, count in db.execute(_events(question)).all():
        found.setdefault(tuple(values), {"items": 0})["events"] = count
    return found


def _items(question: Question) -> Rows:
    its = _done(question)
    keys = [key(by, its, question.period.zone) for by in question.by]
    elapsed = its.c.elapsed
    figures = (
        func.count(),
        func.avg(elapsed),
        func.min(elapsed),
        func.max(elapsed),
        func.stddev_samp(elapsed),
    )
    return select(*keys, *figures).where(*narrowed(question, its)).group_by(*numbers(len(keys)))


def _done(question: Question) -> Subquery:
    """One row for each piece of work: `elapsed` in seconds; `began_at` is when it counts.

    From `began` to `ended` it was begun and lay with whoever finished it: others' time is not theirs.
    """
    last = and_(holds.c.task_id == tasks.c.id, holds.c.ended_by == EndedBy.DONE.value)
    elapsed = cast(func.extract("epoch", tasks.c.finished_at - tasks.c.started_at), Float)
    asked = (
        select(
            tasks.c.assignee_id.label("employee_id"),
            tasks.c.team_id,
            tasks.c.finished_at.label("began_at"),
            elapsed.label("elapsed"),
            tasks.c.id.label("task_id"),
            func.greatest(tasks.c.started_at, holds.c.began_at).label("began"),
            tasks.c.finished_at.label("ended"),
            func.coalesce(holds.c.calendar_version_id, tasks.c.calendar_version_id).label("calendar_version_id"),
            (func.coalesce(holds.c.waiting_seconds, 0) > 0).label("has_waited"),
            *dimensions(),
        )
        .join_from(tasks, resolutions, resolutions.c.id == tasks.c.resolution_id)
        .outerjoin(holds, last)
        .where(
            tasks.c.status == TaskStatus.DONE.value,
            tasks.c.started_at.is_not(None),
            tasks.c.finished_at >= question.period.start,
            tasks.c.finished_at < question.period.end,
            tasks.c.finished_at <= question.as_of,
        )
    )
    if question.employee_ids is not None:
        asked = asked.where(tasks.c.assignee_id.in_(question.employee_ids))
    return asked.subquery("done")


def _events(question: Question) -> Rows:
    its = _told(question)
    keys = [key(by, its, question.period.zone) for by in question.by]
    counted = select(*keys, func.count()).select_from(its)  # all together nothing else names it
    return counted.where(*narrowed(question, its)).group_by(*numbers(len(keys)))


def _told(question: Question) -> Subquery:
    """One row for each event that counts: who, when, and about what kind of work."""
    loose = cast(events.c.data["resolution_id"].astext, BigInteger)
    asked = (
        select(
            events.c.employee_id,
            tasks.c.team_id,
            events.c.at.label("began_at"),
            *dimensions(),
        )
        .join_from(events, tasks, tasks.c.id == events.c.task_id, isouter=True)
        .join(resolutions, resolutions.c.id == func.coalesce(tasks.c.resolution_id, loose))
        .where(
            events.c.kind.in_(COUNTED),
            events.c.data["basis"].is_(None),
            events.c.at >= question.period.start,
            events.c.at < question.period.end,
            events.c.at <= question.as_of,
        )
    )
    if question.employee_ids is not None:
        asked = asked.where(events.c.employee_id.in_(question.employee_ids))
    return asked.subquery("told")


def _labels(db: Connection, by: By, language: str) -> Mapping[Any, str]:
    known = labels(db, by, language)
    return {**activities_of(db), **known} if by in {By.ACTION, By.STEP} else known


def _row(
    question: Question, values: Key | None, told: Mapping[str, Any], names: Mapping[By, Mapping[Any, str]]
) -> dict[str, Any]:
    """A group by name; without values all of them together."""
    row: dict[str, Any] = {"events": told.get("events", 0), "items": told.get("items", 0)}
    for place, by in enumerate(question.by):
        value = values[place] if values is not None else None
        row[by.value] = value
        row[f"{by.value}_name"] = _name(by, value, names)
    row |= total_names(question.by) if values is None else {}
    for measure in MEASURES:
        seconds = told.get(measure)
        row[f"{measure}_seconds"] = seconds
        row[measure] = seconds / HOUR if seconds is not None else None
    return row


def _name(by: By, value: Any, names: Mapping[By, Mapping[Any, str]]) -> str:
    return NOBODY if by is By.EMPLOYEE and value is None else label(by, value, names[by])


def _columns(question: Question) -> list[Column]:
    columns = []
    for by in question.by:
        columns += [
            Column(key=by.value, kind=Kind.TEXT, on_screen=False),
            Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT),
        ]
    columns += [Column(key="events", heading="Events"), Column(key="items", heading="Pieces of work")]
    columns += [Column(key=f"{measure}_seconds", kind=Kind.RATIO, on_screen=False) for measure in MEASURES]
    return columns + [Column(key=measure, heading=words, kind=Kind.SPAN) for measure, words in _WORDS.items()]
