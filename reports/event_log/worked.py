"""Working time between beginning and end: how long pieces of work took while their workplace was open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, LargeBinary, Subquery, cast, func, literal_column, select

from models.work import events
from reports.assignment import Question, Rows
from reports.efficiency_query import WORKING_MEMORY, numbers
from reports.folding import median, quantiles
from reports.judging import key, narrowed
from standards.working_time.working_clock import WorkingClock
from tasks.handbooks.calendars import calendar_of
from tasks.handbooks.clocks import clock_of
from tasks.record.holds import STOPS_THE_CLOCK

Seconds = NDArray[np.int64]
Key = tuple[Any, ...]
NOTHING = np.array([], dtype=np.int64)
NINE_TENTHS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worked:
    """Seconds of each piece of work of a group: open time without waits for client or insurer, and those waits."""

    working: Seconds
    waiting: Seconds

    @property
    def figures(self) -> dict[str, float | None]:
        """Mean, median and ninetieth of the one, mean of the other; None where there is no piece of work."""
        if not self.working.size:
            return dict.fromkeys(("working", "working_median", "working_p90", "waiting"))
        ordered, whole = np.sort(self.working), np.array([self.working.size])
        return {
            "working": float(self.working.mean()),
            "working_median": median(self.working),
            "working_p90": float(quantiles(ordered, np.array([0]), whole, NINE_TENTHS)[0]),
            "waiting": float(self.waiting.mean()),
        }


def together(parts: Iterable[Worked]) -> Worked:
    """Several groups as one."""
    kept = list(parts)
    return Worked(
        working=np.concatenate([NOTHING, *(part.working for part in kept)]),
        waiting=np.concatenate([NOTHING, *(part.waiting for part in kept)]),
    )


def worked(db: Connection, question: Question, done: Subquery) -> dict[Key, Worked]:
    """Group -> the working time of its pieces of work, on the calendar of whoever finished them.

    `done` has task_id, began, ended, calendar_version_id and has_waited beside the dimensions. Raises: BeyondCalendar.
    """
    db.execute(WORKING_MEMORY)
    found: dict[Key, list[Worked]] = defaultdict(list)
    width = len(question.by)
    for row in db.execute(_unbroken(question, done)).all():
        *values, calendar, packed = tuple(row)
        moments = np.frombuffer(bytes(packed), dtype=">i8").astype("datetime64[us]").reshape(-1, 2)
        seconds = _clock(db, calendar).between_many(moments[:, 0], moments[:, 1])
        found[tuple(values)].append(Worked(working=seconds, waiting=np.zeros_like(seconds)))
    for _, told in groupby(db.execute(_broken(question, done)), key=lambda row: row.task_id):
        rows = list(told)
        found[tuple(rows[0][:width])].append(_with_waits(_clock(db, rows[0].calendar_version_id), rows))
    return {group: together(parts) for group, parts in found.items()}


def _clock(db: Connection, version_id: int | None) -> WorkingClock:
    """The house's for what was on nobody's calendar."""
    return clock_of(db, version_id if version_id is not None else calendar_of(db)[0])


def _micros(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """As eight bytes; exact to the microsecond."""
    return func.int8send(cast(func.extract("epoch", moment) * 1_000_000, BigInteger))


def _unbroken(question: Question, its: Subquery) -> Rows:
    """Of each group and calendar the beginnings and ends of what never waited."""
    keys = [key(by, its, question.period.zone) for by in question.by]
    both = _micros(its.c.began).op("||")(_micros(its.c.ended))
    packed = func.string_agg(both, literal_column("''::bytea", LargeBinary))
    return (
        select(*keys, its.c.calendar_version_id, packed)
        .where(*narrowed(question, its), ~its.c.has_waited)
        .group_by(*numbers(len(keys) + 1))
    )


def _broken(question: Question, its: Subquery) -> Rows:
    """What waited, with the events that say from when to when."""
    keys = [key(by, its, question.period.zone) for by in question.by]
    facts = (its.c.task_id, its.c.began, its.c.ended, its.c.calendar_version_id)
    waiting_for = events.c.data["waiting_for"].astext.label("waiting_for")
    return (
        select(*keys, *facts, events.c.at, waiting_for)
        .join_from(its, events, events.c.task_id == its.c.task_id)
        .where(
            *narrowed(question, its),
            its.c.has_waited,
            events.c.kind.in_(["task.waited", "task.resumed", "task.completed"]),
        )
        .order_by(its.c.task_id, events.c.at, events.c.id)
    )


def _with_waits(clock: WorkingClock, rows: Sequence[Any]) -> Worked:
    """One piece of work, its waits after its beginning taken off: each lasts until the next event, or the end."""
    began, ended = rows[0].began, rows[0].ended
    waited, since = 0, None
    for row in rows:
        if since is not None:
            waited += _within(clock, (since, row.at), (began, ended))
        since = row.at if row.waiting_for in STOPS_THE_CLOCK else None
    open_seconds = clock.between(began, ended)
    return Worked(working=np.array([max(0, open_seconds - waited)]), waiting=np.array([waited]))


def _within(clock: WorkingClock, wait: tuple[datetime, datetime], work: tuple[datetime, datetime]) -> int:
    start, end = max(wait[0], work[0]), min(wait[1], work[1])
    return clock.between(start, end) if start < end else 0
