"""The items of a task that several cases share: each case's own share, with its own outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from models import work
from models.work import TaskStatus
from tasks.advancing.history import Place

_item = work.task_items.c
_OPEN_ITEMS = (
    select(_item.id, _item.case_id, _item.step, _item.member, _item.round)
    .where(_item.task_id == bindparam("task_id"), _item.status == TaskStatus.OPEN.value)
    .order_by(_item.case_id, _item.id)
)
_SETTLE = (
    update(work.task_items)
    .where(_item.id == bindparam("item_id"), _item.status == TaskStatus.OPEN.value)
    .values(status=bindparam("becomes"), outcome=bindparam("result"), finished_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One case's share of a task."""

    id: int
    case_id: int
    place: Place


def open_items(db: Connection, task_id: int) -> list[Item]:
    """The items that are not settled yet, in order of their cases."""
    rows = db.execute(_OPEN_ITEMS, {"task_id": task_id})
    return [Item(id=row.id, case_id=row.case_id, place=Place(row.step, row.member, row.round)) for row in rows]


def items_of(db: Connection, task_id: int, case_id: int) -> list[Place]:
    """Where in one case the open items of a task belong."""
    return [item.place for item in open_items(db, task_id) if item.case_id == case_id]


def settle_item(db: Connection, item: Item, status: TaskStatus, *, outcome: str | None, at: datetime) -> None:
    """Write that an item is done, cancelled or expired."""
    db.execute(_SETTLE, {"item_id": item.id, "becomes": status.value, "result": outcome, "at": at})
