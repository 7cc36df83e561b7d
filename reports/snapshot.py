"""The nightly snapshot: every day's figures counted once and kept, so that the usual report adds up a few rows.

A day is counted anew when work of it was still undecided, or when the ledger says that something of it changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Row,
    Select,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from core.settings import settings
from models.database import begin
from models.snapshots import snapshot_days, snapshot_figures, snapshots
from models.work import cases, events, holds, task_items, tasks
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency_query import COLLECTIONS, FACTS, VERDICT, WORKING_MEMORY, counted
from reports.judging import Fate
from reports.period import Period

DAY, MONTH = "day", "month"
KEPT = (By.EMPLOYEE, By.TEAM, By.ACTION, By.PRODUCT)
"""What the kept figures are split by, beside their day."""
STILL_RUNNING = timedelta(hours=1)
"""An event gets its number before its transaction ends: what is this young may have older neighbours nobody saw."""

_kept = snapshot_figures.c
_KEY_COLUMNS = ("employee_id", "team_id", "action", "product_line")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotReport:
    """What a snapshot did: as of when the figures are now, how many days were counted anew, from which to which."""

    taken_at: datetime
    days: int
    first_day: date | None = None
    last_day: date | None = None


def take_snapshot(at: datetime) -> SnapshotReport:
    """Bring the figures of every day up to that moment, in a transaction of its own.

    Taken twice, it changes nothing; two at once wait for each other.
    """
    with begin() as db:
        db.execute(text("LOCK TABLE snapshots IN SHARE ROW EXCLUSIVE MODE"))
        return bring_up(db, at, settings().zone)


def bring_up(db: Connection, at: datetime, zone: str) -> SnapshotReport:
    """The same inside a transaction that holds the lock. `zone`: whose days they are."""
    db.execute(WORKING_MEMORY)
    before = newest(db)
    seen = _end_of_ledger(db)
    if before is not None and (before.zone != zone or before.taken_at > at):
        _forget_all(db)
        before = None
    days = _all_days(db, at, zone) if before is None else _changed_days(db, before, at)
    if days:
        _count_days(db, days, at, zone)
        _add_up_months(db, days)
    row = {"taken_at": at, "zone": zone, "last_event_id": seen, "days": len(days)}
    db.execute(insert(snapshots).values(row))
    ends = (days[0], days[-1]) if days else (None, None)
    return SnapshotReport(taken_at=at, days=len(days), first_day=ends[0], last_day=ends[1])


def newest(db: Connection) -> Row[int, datetime, str, int, int] | None:
    """The last snapshot that was taken; None where there was none yet."""
    return db.execute(select(snapshots).order_by(snapshots.c.id.desc()).limit(1)).first()


def _end_of_ledger(db: Connection) -> int:
    """The number of the last event before which nothing can come any more."""
    settled = events.c.recorded_at < func.clock_timestamp() - STILL_RUNNING
    return db.scalar(select(events.c.id).where(settled).order_by(events.c.id.desc()).limit(1)) or 0


def _forget_all(db: Connection) -> None:
    db.execute(delete(snapshot_figures))
    db.execute(delete(snapshot_days))


def _all_days(db: Connection, at: datetime, zone: str) -> list[date]:
    """From the first day on which anything was assigned."""
    assigned = [holds.c.began_at, tasks.c.held_since]
    return _listed(db, union(*(select(_day(moment, zone)).where(moment <= at) for moment in assigned)))


def _changed_days(db: Connection, before: Row[int, datetime, str, int, int], at: datetime) -> list[date]:
    """Undecided days, days since then, and the days on which work was assigned that the ledger tells of since then."""
    undecided = select(snapshot_days.c.day).where(~snapshot_days.c.is_settled)
    touched = _touched_tasks(before).cte("touched")
    is_touched = [
        select(_day(moment, before.zone)).where(moment <= at, task_id.in_(select(touched.c.task_id)))
        for moment, task_id in ((holds.c.began_at, holds.c.task_id), (tasks.c.held_since, tasks.c.id))
    ]
    since = [
        select(_day(moment, before.zone)).where(moment <= at, moment > before.taken_at)
        for moment in (holds.c.began_at, tasks.c.held_since)
    ]
    return _listed(db, union(undecided, *is_touched, *since))


def _touched_tasks(before: Row[int, datetime, str, int, int]) -> Select[int]:
    """Tasks of which an event tells, and all tasks of cases of which one tells, or which ended after that moment."""
    told = select(events.c.task_id, events.c.case_id).where(events.c.id > before.last_event_id).cte("told")
    case_ids = union(
        select(told.c.case_id).where(told.c.case_id.is_not(None)),
        select(cases.c.id).where(cases.c.ended_at > before.taken_at),
    ).subquery("case_ids")
    every = union(
        select(told.c.task_id).where(told.c.task_id.is_not(None)),
        select(tasks.c.id).where(tasks.c.case_id.in_(select(case_ids.c.case_id))),
        select(task_items.c.task_id).where(task_items.c.case_id.in_(select(case_ids.c.case_id))),
    ).subquery("every")
    return select(every.c.task_id)


def _day(moment: ColumnElement[datetime], zone: str) -> ColumnElement[date]:
    return cast(func.timezone(zone, moment), Date).label("day")


def _listed(db: Connection, query: CompoundSelect[date]) -> list[date]:
    return sorted(day for day in db.scalars(query) if day is not None)


def _count_days(db: Connection, days: Sequence[date], at: datetime, zone: str) -> None:
    db.execute(delete(snapshot_figures).where(_kept.grain == DAY, _kept.first_day.in_(days)))
    period = Period(first=days[0], last=days[-1], zone=zone)
    question = Question(period=period, by=(By.DAY, *KEPT), as_of=at, days=tuple(days))
    columns = ["first_day", *_KEY_COLUMNS, *VERDICT, *FACTS, *COLLECTIONS]
    for part in counted(question):
        found = part.subquery("counted")
        day, *rest = found.c
        rows = select(literal(DAY), cast(day, Date), *rest)
        db.execute(insert(snapshot_figures).from_select(["grain", *columns], rows))
    _mark_settled(db, days)


def _mark_settled(db: Connection, days: Sequence[date]) -> None:
    """A day is settled when nothing of it is open; whether its cases are decided the ledger tells."""
    is_open = func.bool_or(_kept.fate.in_([int(Fate.OPEN_IN_TIME), int(Fate.LATE_OPEN)]))
    db.execute(delete(snapshot_days).where(snapshot_days.c.day.in_(days)))
    found = select(_kept.first_day, ~is_open).where(_kept.grain == DAY, _kept.first_day.in_(days))
    marked = insert_or_update(snapshot_days).from_select(["day", "is_settled"], found.group_by(_kept.first_day))
    db.execute(marked)


def _add_up_months(db: Connection, days: Sequence[date]) -> None:
    """A month is the sum of its days, however many there are so far."""
    months = sorted({day.replace(day=1) for day in days})
    db.execute(delete(snapshot_figures).where(_kept.grain == MONTH, _kept.first_day.in_(months)))
    month = cast(func.date_trunc("month", _kept.first_day), Date)
    groups = [*(_kept[name] for name in _KEY_COLUMNS), *(_kept[name] for name in VERDICT)]
    rows = (
        select(literal(MONTH), month, *groups, *_added_up())
        .where(_kept.grain == DAY, month.in_(months))
        .group_by(month, *groups)
    )
    columns = ["grain", "first_day", *_KEY_COLUMNS, *VERDICT, *FACTS, *COLLECTIONS]
    db.execute(insert(snapshot_figures).from_select(columns, rows))


def _added_up() -> list[ColumnElement[Any]]:
    """The facts and collections of several kept rows together."""
    sums = [cast(func.sum(_kept[name]), BigInteger).label(name) for name in FACTS]
    nothing = text("''::bytea")
    return [*sums, *(func.string_agg(_kept[name], nothing).label(name) for name in COLLECTIONS)]
