"""Who works here, how much lies on their desks, and until when they are away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from models import people, work
from models.work import ON_DESK
from tasks.facts.computed import AsOf

_staff, _task, _absence = people.employees.c, work.tasks.c, people.absences.c


def list_staff(db: Connection, *, at: datetime, with_left: bool = False) -> list[dict[str, Any]]:
    """Everybody by name: login, name, team, open tasks, away until when, left on which day."""
    open_tasks = (
        select(func.count())
        .where(_task.assignee_id == _staff.id, _task.status.in_([status.value for status in ON_DESK]))
        .scalar_subquery()
    )
    away_until = (
        select(func.max(_absence.ends_at))
        .where(_absence.employee_id == _staff.id, _absence.starts_at <= at, _absence.ends_at > at)
        .scalar_subquery()
    )
    query = (
        select(
            _staff.login,
            _staff.name,
            people.teams.c.code.label("team"),
            open_tasks.label("open_tasks"),
            away_until.label("away_until"),
            _staff.left_on,
        )
        .join_from(people.employees, people.teams, people.teams.c.id == _staff.team_id, isouter=True)
        .order_by(_staff.sort_key, _staff.id)
    )
    if not with_left:
        query = query.where(or_(_staff.left_on.is_(None), _staff.left_on > AsOf.of(at).day))
    return [dict(row) for row in db.execute(query).mappings()]
