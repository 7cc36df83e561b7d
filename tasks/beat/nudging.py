"""What happens to a task by itself: it opens, nudges its person, tells somebody above, meets its limit, expires."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.actor import Actor
from tasks.advancing.opening_later import open_planned
from tasks.beat.ringing import nudge
from tasks.desk.cancelling import drop
from tasks.desk.completing import Completion
from tasks.lifecycle import Move
from tasks.moments import Firing
from tasks.record.rows import Locked
from tasks.seating.directory import directory


def fire(db: Connection, actor: Actor, locked: Locked, *, at: datetime) -> Firing | None:
    """Do what a locked task's moment says, and set its next. None when its moment has not come, or has gone.

    Raises: whatever opening or expiring refuses.
    """
    task = locked.task
    if task.next_at is None or task.next_what is None or task.next_at > at:
        return None
    what = Firing(task.next_what)
    match what:
        case Firing.OPEN:
            open_planned(db, actor, locked, at=at)
        case Firing.EXPIRE:
            expire(db, actor, locked, at=at)
        case _:
            nudge(db, actor, directory(db, at), [task], at=at)
    return what


def expire(db: Connection, actor: Actor, locked: Locked, *, at: datetime) -> Completion:
    """Nobody did it before the moment its standard calls `expires`."""
    return drop(db, actor, locked, Move.EXPIRE, "expired", at=at)
