"""Whose time a task was: a hold is written once, when somebody's time with it ends."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.postgresql import insert

from models import work
from standards.working_time.open_time import OpenTime
from tasks.record.hot import Hot
from tasks.record.rows import TaskRow

STOPS_THE_CLOCK = frozenset({"client", "insurer"})
"""Whoever is waited for outside the house; a colleague's time is the house's own."""


class WaitingFor(StrEnum):
    """Why a task waits."""

    CLIENT = "client"
    INSURER = "insurer"
    COLLEAGUE = "colleague"
    OTHER = "other"


class EndedBy(StrEnum):
    """What ended a hold."""

    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REASSIGNED = "reassigned"


_WRITTEN = (
    *("task_id", "employee_id", "team_id", "calendar_version_id", "began_at", "ended_at"),
    *("working_seconds", "waiting_seconds", "ended_by"),
)
_NEW = insert(work.holds).values({name: bindparam(name) for name in _WRITTEN})
_INSERT = Hot(
    _NEW.on_conflict_do_update(
        index_elements=["task_id", "began_at"],
        set_={name: _NEW.excluded[name] for name in _WRITTEN if name not in {"task_id", "began_at"}},
    )
)  # whoever hands a task on the moment they got it held it for no time: the next holder's row stands in its place


def stands_still(task: TaskRow) -> bool:
    """Whether the owner's clock stands still now."""
    return task.waiting_since is not None and task.waiting_for in STOPS_THE_CLOCK


def waited_until(task: TaskRow, clock: OpenTime, at: datetime) -> int:
    """Open seconds for which the owner's clock stood still in this hold, up to `at`."""
    if not stands_still(task) or task.waiting_since is None:
        return task.waited_seconds
    return task.waited_seconds + max(0, clock.between(task.waiting_since, at))


def worked(clock: OpenTime, began_at: datetime, ended_at: datetime, waited: int) -> int:
    """Working seconds of a hold without what was waited; none where an end told late lies within a wait."""
    return max(0, clock.between(began_at, ended_at) - waited)


def end_hold(db: Connection, task: TaskRow, clock: OpenTime, *, at: datetime, by: EndedBy) -> None:
    """Write down the present holder's time with the task; a task that never opened was held by nobody."""
    if task.held_since is None:
        return
    ended_at = max(at, task.held_since)
    waited = waited_until(task, clock, ended_at)
    row = {
        "task_id": task.id,
        "employee_id": task.assignee_id,
        "team_id": task.team_id,
        "calendar_version_id": task.calendar_version_id,
        "began_at": task.held_since,
        "ended_at": ended_at,
        "working_seconds": worked(clock, task.held_since, ended_at, waited),
        "waiting_seconds": waited,
        "ended_by": by.value,
    }
    _INSERT.change(db, row)
