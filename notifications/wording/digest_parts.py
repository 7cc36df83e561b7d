"""What digests are made of: lists of tasks, cut where they grow too long to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from models.people import employees
from notifications.wording.receivers import Receiver
from notifications.wording.task_words import TaskTold, tasks_told
from standards.merge import neutral
from tasks.seating.desks import desk
from tasks.seating.presence import Desk

LONGEST = 40
"""Tasks listed in one part; the command for the whole list stands below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The first tasks of a part, and how many more there are."""

    tasks: tuple[TaskTold, ...] = ()
    more: int = field(default=0)

    @property
    def count(self) -> int:
        """How many there are in all."""
        return len(self.tasks) + self.more


def part_of(db: Connection, ids: Sequence[int], receiver: Receiver, *, at: datetime) -> Part:
    """The tasks with these numbers, in the order given, which is the most urgent first."""
    found = {task.number: task for task in tasks_told(db, ids[:LONGEST], receiver, at=at)}
    told = tuple(found[number] for number in ids[:LONGEST] if number in found)
    return Part(tasks=told, more=max(0, len(ids) - LONGEST))


def desk_of(db: Connection, employee_id: int, at: datetime) -> Desk:
    """The desk of whoever a digest goes to. Raises: LookupError when they no longer exist."""
    found = desk(db, employee_id, at)
    if found is None:
        raise LookupError(f"employee {employee_id}")
    return found


def names_of(db: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Names by number, harmless in any text."""
    rows = db.execute(select(employees.c.id, employees.c.name).where(employees.c.id.in_(sorted(set(numbers)))))
    return {row.id: neutral(row.name) for row in rows}
