"""Holds made anew from the ledger, for they follow from it: what `taktas db rebuild` does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from models import work
from standards.working_time.open_time import OpenTime
from tasks.handbooks.clocks import clock_of
from tasks.record.holds import STOPS_THE_CLOCK, EndedBy, worked

BATCH = 5_000
"""Rows read and written at once."""

_ENDS = {
    "task.completed": EndedBy.DONE,
    "task.cancelled": EndedBy.CANCELLED,
    "task.expired": EndedBy.EXPIRED,
}
_BEGINS = frozenset({"case.started", "task.opened"})


@dataclass(slots=True, kw_only=True)
class _Holding:
    """The present hold of a task while its events are read."""

    employee_id: int | None
    team_id: int | None
    calendar: int | None
    began_at: datetime
    waited: int = 0
    waiting_since: datetime | None = None
    waiting_for: str | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """One event of a task, as far as holds go."""

    task_id: int
    kind: str
    at: datetime
    facts: dict[str, Any] | None
    calendar_version_id: int | None

    @property
    def data(self) -> dict[str, Any]:
        """What the event remembers."""
        return self.facts or {}


def rebuild_holds(db: Connection) -> int:
    """Delete all holds and write them again from the ledger, read once. Returns how many there are now."""
    db.execute(delete(work.holds))
    count = 0
    streamed = db.execute(_EVENTS, execution_options={"stream_results": True, "yield_per": BATCH})
    rows: list[dict[str, Any]] = []
    for _, events in groupby(streamed, key=lambda row: row.task_id):
        rows += {row["began_at"]: row for row in _holds(db, [_Told(*event) for event in events])}.values()
        if len(rows) >= BATCH:
            count += _write(db, rows)
    return count + _write(db, rows)


def _write(db: Connection, rows: list[dict[str, Any]]) -> int:
    written = len(rows)
    if rows:
        db.execute(insert(work.holds), rows)
        rows.clear()
    return written


def _holds(db: Connection, events: list[_Told]) -> Iterator[dict[str, Any]]:
    """The holds of one task, from its events in order. A shared task begins in several cases, but once."""
    holding: _Holding | None = None
    for event in events:
        if event.kind in _BEGINS and holding is None and event.data.get("status", "open") == "open":
            holding = _begin(event, _first_calendar(events))
        elif holding is not None:
            ended_by = _ENDS.get(event.kind)
            if ended_by is not None:
                yield _hold(db, holding, event, ended_by)
                return
            if event.kind == "task.reassigned":
                yield _hold(db, holding, event, EndedBy.REASSIGNED)
                holding = _handed(holding, event)
            else:
                _wait_or_resume(db, holding, event)


def _first_calendar(events: list[_Told]) -> int | None:
    """Mass generation does not write down the calendar; a handover says which one it was, else it is still the same."""
    handed = next((event for event in events if event.kind == "task.reassigned"), None)
    return handed.data.get("from_calendar") if handed else events[0].calendar_version_id


def _begin(event: _Told, calendar: int | None) -> _Holding:
    data = event.data
    return _Holding(
        employee_id=data.get("assignee_id"),
        team_id=data.get("team_id"),
        calendar=data.get("calendar_version_id", calendar),
        began_at=event.at,
    )


def _handed(before: _Holding, event: _Told) -> _Holding:
    data = event.data
    return _Holding(
        employee_id=data.get("to"),
        team_id=data.get("team_id"),
        calendar=data.get("calendar_version_id"),
        began_at=event.at,
        waiting_since=event.at if before.waiting_since else None,
        waiting_for=before.waiting_for,
    )


def _wait_or_resume(db: Connection, holding: _Holding, event: _Told) -> None:
    if event.kind == "task.waited":
        holding.waiting_since, holding.waiting_for = event.at, event.data.get("waiting_for")
    elif event.kind == "task.resumed":
        holding.waited = _waited(holding, _clock(db, holding), event.at)
        holding.waiting_since, holding.waiting_for = None, None


def _waited(holding: _Holding, clock: OpenTime, at: datetime) -> int:
    if holding.waiting_since is None or holding.waiting_for not in STOPS_THE_CLOCK:
        return holding.waited
    return holding.waited + max(0, clock.between(holding.waiting_since, at))


def _clock(db: Connection, holding: _Holding) -> OpenTime:
    return clock_of(db, holding.calendar or 0)


def _hold(db: Connection, holding: _Holding, event: _Told, ended_by: EndedBy) -> dict[str, Any]:
    clock, ended_at = _clock(db, holding), max(event.at, holding.began_at)
    waited = _waited(holding, clock, ended_at)
    return {
        "task_id": event.task_id,
        "employee_id": holding.employee_id,
        "team_id": holding.team_id,
        "calendar_version_id": holding.calendar,
        "began_at": holding.began_at,
        "ended_at": ended_at,
        "working_seconds": worked(clock, holding.began_at, ended_at, waited),
        "waiting_seconds": waited,
        "ended_by": ended_by.value,
    }


_task, _event = work.tasks.c, work.events.c
_EVENTS = (
    select(_event.task_id, _event.kind, _event.at, _event.data, _task.calendar_version_id)
    .join_from(work.events, work.tasks, _task.id == _event.task_id)
    .order_by(_event.task_id, _event.id)
)
