"""Writing a change of a task: only from the status it was read in, so that of two who act at once one wins."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, update

from core.errors import TaktasError
from models import work
from tasks.record.hot import Hot
from tasks.record.rows import TaskRow


class ChangedByAnother(TaktasError):
    """Somebody else changed the task between reading and writing."""


@lru_cache(maxsize=64)
def _update(columns: tuple[str, ...]) -> Hot:
    return Hot(
        update(work.tasks)
        .where(work.tasks.c.id == bindparam("read_id"), work.tasks.c.status == bindparam("read_status"))
        .values({name: bindparam(name) for name in columns})
    )


def write(db: Connection, task: TaskRow, **changes: Any) -> TaskRow:
    """Change a task's row as it was read. Returns it as it now stands. Raises: ChangedByAnother."""
    values = {"read_id": task.id, "read_status": task.status.value, **changes}
    if _update(tuple(sorted(changes))).change(db, values) != 1:
        raise ChangedByAnother(
            f"Somebody else changed task {task.id} at this very moment, so your change was not made. "
            f"Look at it with `taktas tasks show {task.id}` and repeat what still makes sense."
        )
    return replace(task, **{name: value for name, value in changes.items() if name in TaskRow.__slots__})
