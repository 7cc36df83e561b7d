"""One after the other: what is said of a task cannot have happened before what is known of it already."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.clock import zone
from core.errors import TaktasError
from core.settings import settings
from tasks.facts.titles import name_of
from tasks.record.rows import TaskRow
from tasks.record.task_ledger import events_of

CLOCKS_DIFFER = timedelta(minutes=2)
"""How far the clocks of two machines of one house may be apart without anybody being refused."""


class BeforeTheLast(TaktasError):
    """Something is said to have happened to a task before the last thing that did."""


def check_in_order(db: Connection, task: TaskRow, verb: str, at: datetime) -> None:
    """Refuse a moment before the task's last event: time waited would be counted twice. Raises: BeforeTheLast."""
    last = max((entry.at for entry in events_of(db, task)), default=at)
    if at < last - CLOCKS_DIFFER:
        place = zone(settings().zone)
        said, known = (f"{one.astimezone(place):%Y-%m-%d %H:%M}" for one in (at, last))
        raise BeforeTheLast(
            f"Cannot {verb} {name_of(db, task, at)} as of {said}: the last thing that happened to it was at {known}. "
            f"Say a later moment with --as-of."
        )
