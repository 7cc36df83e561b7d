"""The timetable as people look at it: when each schedule rings next, when it last rang, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.errors import TaktasError
from models.timetable import CatchUp, ringings, schedules
from tasks.timetable.holder import is_gone
from tasks.timetable.house_schedules import HOUSE_SCHEDULES, idle_here
from tasks.timetable.moments_due import IN_TIME, timed

WHY = {declared.duty.value: declared.why for declared in HOUSE_SCHEDULES}


def list_schedules(db: Connection, at: datetime) -> list[dict[str, Any]]:
    """Every schedule that is declared, those of processes first."""
    alive = select(schedules).where(schedules.c.retired_at.is_(None))
    order = (schedules.c.does != "run", schedules.c.code)
    last = {row.schedule_id: row for row in db.execute(_last_ringings())}
    return [_told(db, row, last.get(row.id), at) for row in db.execute(alive.order_by(*order)).all()]


def list_ringings(db: Connection, schedule_id: int, at_most: int) -> list[dict[str, Any]]:
    """What a schedule did, the newest first; ringings in a row that came to the same are one line with their number."""
    rung = ringings.c
    wanted = select(ringings).where(rung.schedule_id == schedule_id).order_by(rung.due_at.desc())
    found: list[dict[str, Any]] = []
    for row in db.execute(wanted.execution_options(yield_per=1000)):  # one each minute of a hundred days
        state, result = _state_of_ringing(row), row.result or ""
        if found and (found[-1]["state"], found[-1]["result"]) == (state, result):
            found[-1] |= {"times": found[-1]["times"] + 1, "first_at": row.due_at}
        elif len(found) == at_most:
            break
        else:
            facts = {"due_at": row.due_at, "first_at": None, "finished_at": row.finished_at}
            found.append(facts | {"times": 1, "tries": row.attempts, "state": state, "result": result})
    return found


def _last_ringings() -> Any:
    rung = ringings.c
    return select(ringings).ext(distinct_on(rung.schedule_id)).order_by(rung.schedule_id, rung.due_at.desc())


def _told(db: Connection, row: Any, last: Any, at: datetime) -> dict[str, Any]:
    idle = idle_here().get(row.does)
    next_at = _next(db, row, last, at) if idle is None and not row.is_paused else None
    return {
        "code": row.code,
        "does": WHY.get(row.code) or f"starts what is due of {row.arguments.get('process', row.does)}",
        "phrase": row.phrase,
        "catches_up": row.catches_up,
        "is_paused": row.is_paused,
        "shared_by": row.arguments.get("shared_by"),
        "next_at": next_at,
        "last_at": last.due_at if last else None,
        "state": "not here" if idle and not row.is_paused else _state(db, row, last, at, next_at),
        "result": (last.result or "") if last else "",
        "not_here": idle,
    }


def _next(db: Connection, row: Any, last: Any, at: datetime) -> datetime | None:
    """When it rings next: now, where something is due already."""
    try:
        schedule = timed(db, row)
        return schedule.due(at, last.due_at if last else None) or schedule.next_after(at)
    except TaktasError:
        return None


def _state(db: Connection, row: Any, last: Any, at: datetime, next_at: datetime | None) -> str:
    """In one word or two how it stands: missed waits for somebody to ring for it, passed over does not."""
    if row.is_paused:
        return "paused"
    if last is None or last.finished_at is not None:
        if next_at is not None and next_at <= at:
            return "missed"
        if row.catches_up == CatchUp.SKIP.value and _is_passed_over(db, row, last, at):
            return "passed over"
    return "has not rung" if last is None else _state_of_ringing(last)


def _is_passed_over(db: Connection, row: Any, last: Any, at: datetime) -> bool:
    try:
        return timed(db, row).next_after(last.due_at if last else row.starts_at) < at - IN_TIME
    except TaktasError:
        return False


def _state_of_ringing(last: Any) -> str:
    if last.finished_at is None:
        is_at_work = last.claimed_by is not None and not is_gone(last.claimed_by)
        return "at work" if is_at_work else "to be tried again"
    return "failed" if last.has_failed else "done"
