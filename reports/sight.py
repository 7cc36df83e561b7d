"""Whose figures somebody may see: their own, those of the people who answer to them, everybody's as a manager."""

from __future__ import annotations

from sqlalchemy import Connection, select

from core.actor import Actor
from models.people import employees


def seen_by(db: Connection, actor: Actor) -> tuple[int, ...] | None:
    """The employees whose figures the actor may see; None is the whole house.

    Everybody sees their own; who leads people also those who answer to them, and those who answer to these; a manager
    of the house, and what nobody does by hand (a run, the beat), the whole house.
    """
    if actor.employee_id is None:
        return None
    is_manager = db.scalar(select(employees.c.is_manager).where(employees.c.id == actor.employee_id))
    return None if is_manager else _those_under(db, actor.employee_id)


def _those_under(db: Connection, leader_id: int) -> tuple[int, ...]:
    under = select(employees.c.id).where(employees.c.id == leader_id).cte("under", recursive=True)
    led = under.union(select(employees.c.id).join(under, employees.c.manager_id == under.c.id))
    return tuple(db.scalars(select(led.c.id).order_by(led.c.id)))
