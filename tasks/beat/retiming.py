"""Moments of a task that already lies on somebody's desk: counted again when its clock stops, goes on or is reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from standards.working_time.open_time import OpenTime
from tasks.handbooks.resolving import fields_of
from tasks.moments import Firing, TaskMoments, next_firing, nudges
from tasks.record.rows import TaskRow


def moments_of(task: TaskRow, **changed: Any) -> TaskMoments:
    """A task's moments as they stand; its holder's reminders count from when they got it."""
    facts: dict[str, Any] = {
        "opens_at": task.held_since or task.opened_at or task.opens_at,
        "start_by": task.start_by,
        "due_at": task.due_at,
        "limit_at": task.limit_at,
    }
    return TaskMoments(**(facts | changed))


def is_limit_passed(task: TaskRow) -> bool:
    """Whether the hard limit has rung already: it lies before what is to ring next."""
    if task.limit_at is None or task.next_what == Firing.LIMIT.value:
        return False
    if task.next_at is None or task.next_at > task.limit_at:
        return True
    return task.next_at == task.limit_at and task.next_what == Firing.EXPIRE.value


def next_of(
    db: Connection, task: TaskRow, clock: OpenTime, moments: TaskMoments, *, stands_still: bool, **fired: Any
) -> dict[str, Any]:
    """The columns that say when something next happens to an open task; while it stands still, only its last ends.

    `fired`: reminded, escalated and is_limit_passed, where they are not as in the row.
    """
    coming = nudges(fields_of(db, task.resolution_id), clock, moments)
    known = {"reminded": task.reminded, "escalated": task.escalated, "is_limit_passed": is_limit_passed(task)} | fired
    if stands_still:
        known |= {"reminded": len(coming.reminders), "escalated": len(coming.levels)}
    found: tuple[datetime, Firing] | None = next_firing(coming, **known)
    return {"next_at": found[0] if found else None, "next_what": found[1].value if found else None}
