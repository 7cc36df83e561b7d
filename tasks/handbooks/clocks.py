"""The working time of a calendar version, kept beside the connection: versions never change and are never reused."""

from __future__ import annotations

from sqlalchemy import Connection

from standards.working_time.open_time import OpenTime
from tasks.handbooks import calendars
from tasks.record.rows import TaskRow

_KEPT = "taktas clocks"


def clock_of(db: Connection, version_id: int) -> OpenTime:
    """The working time of one calendar version."""
    kept: dict[int, OpenTime] = db.info.setdefault(_KEPT, {})
    if version_id not in kept:
        kept[version_id] = calendars.open_time(db, version_id)
    return kept[version_id]


def clock_of_task(db: Connection, task: TaskRow) -> OpenTime:
    """The working time of whoever holds the task: a person, the queue of a team, or that of the house."""
    if task.calendar_version_id is not None:
        return clock_of(db, task.calendar_version_id)
    return calendars.calendar_of(db, employee_id=task.assignee_id, team_id=task.team_id)[1]
