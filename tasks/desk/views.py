"""Who sees which tasks: everybody their own and their team's queue, managers the whole house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.actor import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STAFF = "SELECT team_id, is_manager, name FROM employees WHERE id = %(id)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What seeing hangs on."""

    team_id: int | None = None
    is_manager: bool = False
    name: str = ""


def staff_of(db: Connection, employee_id: int) -> Staff:
    """Somebody who works here, or nobody in particular."""
    row = db.exec_driver_sql(_STAFF, {"id": employee_id}).first()
    return Staff(team_id=row.team_id, is_manager=row.is_manager, name=row.name) if row is not None else Staff()


def views(db: Connection, actor: Actor) -> list[str]:
    """What an actor may see: conditions in SQL on the table `tasks`, of which one must hold.

    Each is served by one index. What nobody does by hand (a run, an import, the beat) sees everything.
    """
    if actor.employee_id is None:
        return ["true"]
    me = staff_of(db, actor.employee_id)
    if me.is_manager:
        return ["true"]
    in_queue = "tasks.team_id IS NULL" + (f" OR tasks.team_id = {me.team_id:d}" if me.team_id is not None else "")
    return [f"tasks.assignee_id = {actor.employee_id:d}", f"tasks.assignee_id IS NULL AND ({in_queue})"]
