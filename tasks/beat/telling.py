"""A word to somebody who works here about a task: in the digest of their next slot, or by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from models import outbox
from models.outbox import Message, MessageClass, MessageState
from tasks.beat.nudge_rows import queue_staff
from tasks.record.rows import TaskRow
from tasks.seating.directory import Directory, directory
from tasks.seating.slots import SlotAt

WORK_DIGEST = "work_digest"
"""The template of the digest of somebody's own work."""

_message = outbox.messages.c
_KEYS = func.any(bindparam("keys", type_=ARRAY(Text)))
_MADE = select(_message.key).where(_message.key == _KEYS)
_UNSENT = _MADE.where(
    _message.state.in_([MessageState.PENDING.value, MessageState.RETRY.value]), _message.rendered.is_(None)
).with_for_update(read=True, skip_locked=True)


def digest_key(employee_id: int, digest: str, slot: str) -> str:
    """What makes a digest one, however often it is made."""
    return f"digest:{employee_id}:{digest}:{slot}"


def work_digest(staff: Directory, employee_id: int, slot: datetime) -> Message:
    """The digest of somebody's work for one slot; what it says is read when it is sent."""
    return Message(
        key=digest_key(employee_id, "work", slot.isoformat()),
        message_class=MessageClass.STAFF,
        template=WORK_DIGEST,
        language=staff.people[employee_id].language,
        created_at=staff.at,
        not_before=max(slot, staff.at),
        employee_id=employee_id,
        facts={"slot": slot.isoformat()},
    )


def alone(
    staff: Directory,
    task: TaskRow,
    template: str,
    employee_id: int,
    occurrence: str,
    *,
    facts: dict[str, Any],
    any_hour: bool = False,
) -> Message:
    """A message of its own about one task, for the next moment they are at their desk, or for any hour."""
    since = task.held_since or task.opened_at or staff.at
    known = {"due_at": task.due_at, "limit_at": task.limit_at}
    there = staff.at if any_hour else staff.back_at(employee_id)
    return Message(
        key=f"task:{task.id}:{since.isoformat()}:{occurrence}:email:{employee_id}",
        message_class=MessageClass.STAFF,
        template=template,
        language=staff.people[employee_id].language,
        created_at=staff.at,
        not_before=there or staff.at,
        employee_id=employee_id,
        subject_type=task.subject_type,
        subject_id=task.subject_id,
        case_id=task.case_id,
        task_id=task.id,
        facts=facts | known,
    )


def tell(
    db: Connection,
    task: TaskRow,
    template: str,
    employee_id: int,
    occurrence: str,
    *,
    facts: dict[str, Any],
    at: datetime,
) -> None:
    """Queue one message about a task to somebody, inside their working hours; nobody, if they are not known."""
    staff = directory(db, at, only=employee_id)
    if employee_id in staff.people:
        queue_staff(db, [alone(staff, task, template, employee_id, occurrence, facts=facts)])


class Reminding:
    """The slots that reminders join: the one whose digest may leave now, as long as it has not left, else the next."""

    def __init__(self, db: Connection, staff: Directory, employee_ids: Iterable[int]) -> None:
        """Digests that may still be joined are held until the transaction ends, so that none leaves meanwhile."""
        self._staff = staff
        current = {number: staff.slots(number)[0] for number in employee_ids}
        slots = {number: slot.at.isoformat() for number, slot in current.items() if slot is not None}
        keys = {digest_key(number, "work", slot): number for number, slot in slots.items()}
        known = {"keys": list(keys)}
        made = set(db.execute(_MADE, known).scalars()) if keys else set()
        unsent = set(db.execute(_UNSENT, known).scalars()) if made else set()
        self._left = {keys[key] for key in made - unsent}

    def slot_for(self, employee_id: int, moment: datetime) -> SlotAt | None:
        """The slot a reminder of that moment joins; None where somebody has no slots."""
        current, coming = self._staff.slots(employee_id)
        if current is not None and moment <= current.at and employee_id not in self._left:
            return current
        return coming
