"""The ledger: events of cases and tasks, numbered under the lock of what they belong to, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, select

from core.actor import Actor
from models import work
from tasks.record.hot import Hot, HotInsert

Facts = Mapping[str, Any]
"""What an event remembers: ids, codes, moments and amounts; never names, addresses or words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it was read."""

    number: int
    kind: str
    at: datetime
    case_id: int | None
    task_id: int | None
    item_id: int | None
    employee_id: int | None
    data: Facts


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The end of one case's (or one lone task's) ledger: new events are numbered here and written together.

    Belongs to whoever holds the lock of the case or task; `last` is the highest number written so far.
    """

    actor: Actor
    at: datetime
    last: int
    case_id: int | None = None
    task_id: int | None = None
    _unwritten: list[dict[str, Any]] = field(default_factory=list)

    def note(self, kind: str, facts: Facts, *, task_id: int | None = None, item_id: int | None = None) -> Entry:
        """Add an event; it is written by the next `flush`."""
        self.last += 1
        data = {name: plain(value) for name, value in facts.items() if value is not None}
        entry_task = task_id if task_id is not None else self.task_id
        row = {
            "case_id": self.case_id,
            "task_id": entry_task,
            "item_id": item_id,
            "number": self.last,
            "kind": kind,
            "at": self.at,
            "employee_id": self.actor.employee_id,
            "on_behalf_of": self.actor.on_behalf_of,
            "door": self.actor.door.value,
            "data": orjson.dumps(data).decode() if data else None,
        }
        self._unwritten.append(row)
        return Entry(self.last, kind, self.at, self.case_id, entry_task, item_id, self.actor.employee_id, data)

    def flush(self, db: Connection) -> None:
        """Write what was noted, in one statement."""
        if self._unwritten:
            _INSERT.change_many(db, self._unwritten)
            self._unwritten = []


_COLUMNS = ("number", "kind", "at", "case_id", "task_id", "item_id", "employee_id", "data")
_SELECT = select(*(work.events.c[name] for name in _COLUMNS))
_OF_CASE = Hot(_SELECT.where(work.events.c.case_id == bindparam("case_id")).order_by(work.events.c.number))
_OF_LONE_TASK = _SELECT.where(work.events.c.task_id == bindparam("task_id"), work.events.c.case_id.is_(None)).order_by(
    work.events.c.number
)
_LAST_OF_CASE = select(func.coalesce(func.max(work.events.c.number), 0)).where(
    work.events.c.case_id == bindparam("case_id")
)
_LAST_OF_LONE_TASK = select(func.coalesce(func.max(work.events.c.number), 0)).where(
    work.events.c.task_id == bindparam("task_id"), work.events.c.case_id.is_(None)
)
_WRITTEN = ("case_id", "task_id", "item_id", "number", "kind", "at", "employee_id", "on_behalf_of", "door", "data")
_INSERT = HotInsert(work.events, _WRITTEN)


def read_case(db: Connection, case_id: int) -> list[Entry]:
    """The whole ledger of a case, in order."""
    return [_entry(row) for row in _OF_CASE.rows(db, {"case_id": case_id})]


def read_lone_task(db: Connection, task_id: int) -> list[Entry]:
    """The events of a task that stand in no single case's ledger: an ad hoc task, or one that several cases share."""
    return [_entry(row) for row in db.execute(_OF_LONE_TASK, {"task_id": task_id})]


def open_ledger(
    db: Connection, actor: Actor, at: datetime, *, case_id: int | None = None, task_id: int | None = None
) -> Ledger:
    """The ledger of a locked case, or of a locked task that belongs to no single case, ready for new events."""
    statement, key = (_LAST_OF_CASE, case_id) if case_id is not None else (_LAST_OF_LONE_TASK, task_id)
    last = db.execute(statement, {"case_id": key, "task_id": key}).scalar_one()
    return Ledger(actor=actor, at=at, last=last, case_id=case_id, task_id=None if case_id is not None else task_id)


def _entry(row: Sequence[Any]) -> Entry:
    number, kind, at, case_id, task_id, item_id, employee_id, data = row
    return Entry(number, kind, at, case_id, task_id, item_id, employee_id, data or {})


def plain(value: object) -> object:
    """A value as the ledger keeps it: moments and dates as ISO 8601, amounts as text, so that nothing is rounded."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(part) for part in value]
    return value
