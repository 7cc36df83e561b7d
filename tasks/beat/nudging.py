"""What happens to a task by itself: it opens, nudges its person, tells somebody above, meets its limit, expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.actor import Actor
from standards.service.standard import Receiver
from tasks.advancing.opening_later import open_planned
from tasks.beat.retiming import is_limit_passed, moments_of, next_of
from tasks.beat.telling import tell
from tasks.desk.cancelling import drop
from tasks.desk.completing import Completion
from tasks.handbooks.clocks import clock_of_task
from tasks.handbooks.resolving import fields_of
from tasks.lifecycle import Move
from tasks.moments import Firing, Nudges, nudges
from tasks.record.holds import stands_still
from tasks.record.ledger import Ledger
from tasks.record.recording import write
from tasks.record.rows import Locked, TaskRow
from tasks.record.task_ledger import ledger_of, note
from tasks.seating.receivers import receivers_of


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
            _nudge(db, actor, task, what, at)
    return what


def expire(db: Connection, actor: Actor, locked: Locked, *, at: datetime) -> Completion:
    """Nobody did it before the moment its standard calls `expires`."""
    return drop(db, actor, locked, Move.EXPIRE, "expired", at=at)


def _nudge(db: Connection, actor: Actor, task: TaskRow, what: Firing, at: datetime) -> None:
    clock = clock_of_task(db, task)
    coming = nudges(fields_of(db, task.resolution_id), clock, moments_of(task))
    changes: dict[str, Any] = {}
    ledger = ledger_of(db, actor, task, at)
    if what is Firing.REMIND and not stands_still(task):
        _remind(db, ledger, task, coming, at)
        changes["reminded"] = task.reminded + 1
    elif what is Firing.ESCALATE and not stands_still(task):
        _escalate(db, ledger, task, coming, at)
        changes["escalated"] = task.escalated + 1
    elif what is Firing.LIMIT:
        _meet_limit(db, ledger, task, at)
    changed = replace(task, **changes)
    passed = what is Firing.LIMIT or is_limit_passed(task)
    then = next_of(db, changed, clock, moments_of(changed), stands_still=stands_still(task), is_limit_passed=passed)
    write(db, task, **changes, **then)
    ledger.flush(db)


def _remind(db: Connection, ledger: Ledger, task: TaskRow, coming: Nudges, at: datetime) -> None:
    reminders = coming.reminders
    at_once = reminders[task.reminded][1].at_once if task.reminded < len(reminders) else False
    if task.assignee_id is not None:
        facts = {"at_once": at_once}
        tell(db, task, "task_reminder", task.assignee_id, f"remind:{task.reminded + 1}", facts=facts, at=at)
    note(ledger, "task.reminded", task, occurrence=task.reminded + 1, assignee_id=task.assignee_id)


def _escalate(db: Connection, ledger: Ledger, task: TaskRow, coming: Nudges, at: datetime) -> None:
    number = task.escalated + 1
    level = coming.levels[task.escalated][1] if task.escalated < len(coming.levels) else None
    told = receivers_of(db, level.to, task, at, level.login) if level is not None else []
    for employee_id in told:
        tell(db, task, "task_escalated", employee_id, f"escalate:{number}", facts={"level": number}, at=at)
    note(ledger, "task.escalated", task, level=number, to=told)


def _meet_limit(db: Connection, ledger: Ledger, task: TaskRow, at: datetime) -> None:
    """The hard limit has come: whoever has the task and whoever they answer to hear at once."""
    told = receivers_of(db, Receiver.MANAGER, task, at)
    everybody = [number for number in dict.fromkeys([task.assignee_id, *told]) if number is not None]
    for employee_id in everybody:
        facts = {"level": "limit", "at_once": True}
        tell(db, task, "task_escalated", employee_id, "limit", facts=facts, at=at)
    note(ledger, "task.escalated", task, level="limit", to=everybody)
