"""How long work took so far, in working time: finished, ended otherwise, or still open."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, LargeBinary, and_, cast, func, literal_column, null, select, union_all

from models.work import ON_DESK, holds, tasks
from reports.assignment import Question, Rows
from reports.efficiency_query import WORKING_MEMORY, keys, numbers
from reports.judging import DONE_BELOW, Fate, judged, narrowed
from tasks.handbooks.calendars import open_time
from tasks.record.holds import STOPS_THE_CLOCK

Key = tuple[Any, ...]
Times = dict[tuple[Key, bool], NDArray[np.int64]]
"""Group and whether it was done -> seconds of each piece of work."""

OPEN = (int(Fate.OPEN_IN_TIME), int(Fate.LATE_OPEN))


def working_times(db: Connection, question: Question) -> Times:
    """The working seconds of every assigned piece of work up to its end or the as-of moment. Raises: BeyondCalendar."""
    db.execute(WORKING_MEMORY)
    found: dict[tuple[Key, bool], list[NDArray[np.int64]]] = defaultdict(list)
    for *values, is_done, worked in db.execute(_ended(question)).all():
        found[tuple(values), is_done].append(np.frombuffer(bytes(worked), dtype=">i4").astype(np.int64))
    for key, seconds in _open_times(db, question).items():
        found[key, False].append(seconds)
    return {group: np.concatenate(parts) for group, parts in found.items()}


def _ended(question: Question) -> Rows:
    work = judged(question)
    groups = [*keys(question, work), (work.c.fate < DONE_BELOW).label("is_done")]
    worked = func.int4send(cast(func.coalesce(work.c.worked, 0), Integer))
    return (
        select(*groups, func.string_agg(worked, literal_column("''::bytea", LargeBinary)))
        .where(work.c.fate.not_in(OPEN), *narrowed(question, work))
        .group_by(*numbers(len(groups)))
    )


def _open_times(db: Connection, question: Question) -> dict[Key, NDArray[np.int64]]:
    """Of each group what is still open: one figure for each piece of work, over all its stretches so far."""
    rows = db.execute(_open_stretches(question)).all()
    seconds = _seconds_of(db, rows, question.as_of)
    sums: dict[Key, dict[tuple[int, datetime], int]] = defaultdict(lambda: defaultdict(int))
    groups = len(question.by)
    for row, worked in zip(rows, seconds, strict=True):
        sums[tuple(row[:groups])][row.task_id, row.assigned_at] += worked
    return {key: np.array(list(each.values()), dtype=np.int64) for key, each in sums.items()}


def _open_stretches(question: Question) -> Rows:
    work = judged(question)
    stretch = _stretches().subquery("stretch")
    is_its = [stretch.c.task_id == work.c.task_id, stretch.c.held_from <= question.as_of]
    if question.tells_people_apart:
        is_its.append(stretch.c.held_from == work.c.began_at)
    facts = [column for column in stretch.c if column.name != "task_id"]
    return (
        select(*keys(question, work), work.c.task_id, work.c.began_at.label("assigned_at"), *facts)
        .join_from(work, stretch, and_(*is_its))
        .where(work.c.fate.in_(OPEN), *narrowed(question, work))
    )


def _stretches() -> Any:
    ended = select(
        holds.c.task_id,
        holds.c.began_at.label("held_from"),
        holds.c.ended_at.label("held_until"),
        holds.c.calendar_version_id,
        holds.c.working_seconds,
        null().cast(Integer).label("waited_seconds"),
        null().label("waiting_since"),
        null().label("waiting_for"),
    )
    present = select(
        tasks.c.id,
        tasks.c.held_since,
        null(),
        tasks.c.calendar_version_id,
        null(),
        tasks.c.waited_seconds,
        tasks.c.waiting_since,
        tasks.c.waiting_for,
    ).where(tasks.c.status.in_(ON_DESK))
    return union_all(ended, present)


def _seconds_of(db: Connection, rows: Any, as_of: datetime) -> list[int]:
    """Working seconds of each stretch up to that moment; of one that ended later its waits then are not known."""
    return [_one(db, row, as_of) for row in rows]


def _one(db: Connection, row: Any, as_of: datetime) -> int:
    if row.held_until is not None and row.held_until <= as_of:
        return int(row.working_seconds)
    if row.calendar_version_id is None:
        return 0
    clock = open_time(db, row.calendar_version_id)
    waited = row.waited_seconds or 0
    if row.waiting_since is not None and row.waiting_since < as_of and row.waiting_for in STOPS_THE_CLOCK:
        waited += clock.between(row.waiting_since, as_of)
    return max(0, clock.between(row.held_from, as_of) - waited)
