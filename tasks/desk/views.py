"""Who sees which tasks: everybody their own and their team's queue, managers the whole house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, true

from core.actor import Actor
from tasks.facts import light

_STAFF = select(light.employees.c.team_id, light.employees.c.is_manager, light.employees.c.name).where(
    light.employees.c.id == bindparam("id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What seeing hangs on."""

    team_id: int | None = None
    is_manager: bool = False
    name: str = ""


def staff_of(db: Connection, employee_id: int) -> Staff:
    """Somebody who works here, or nobody in particular."""
    row = db.execute(_STAFF, {"id": employee_id}).first()
    return Staff(team_id=row.team_id, is_manager=row.is_manager, name=row.name) if row is not None else Staff()


def views(db: Connection, actor: Actor, task: Any) -> list[ColumnElement[bool]]:
    """What an actor may see, of the columns of a table of tasks: conditions of which one must hold.

    Each is served by one index. What nobody does by hand (a run, an import, the beat) sees everything.
    """
    if actor.employee_id is None:
        return [true()]
    me = staff_of(db, actor.employee_id)
    if me.is_manager:
        return [true()]
    in_queue = or_(task.team_id.is_(None), task.team_id == me.team_id)
    return [task.assignee_id == actor.employee_id, and_(task.assignee_id.is_(None), in_queue)]
