"""Open work nobody has, work that is overdue, and work that somebody above was told of and that is still open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from models import parties, people, work
from models.work import DEADLINE, ON_DESK
from tasks.exceptions.line import Kind, Line, Part, Scope
from tasks.facts.titles import titles_of

_task, _staff, _client = work.tasks.c, people.employees.c, parties.parties.c
_ON_DESK = or_(*(_task.status == status.value for status in ON_DESK))


def unowned(db: Connection, scope: Scope) -> Part:
    """Open tasks in a queue, and those of people who have left the house; the most urgent first."""
    return _part(db, scope, Kind.UNOWNED, or_(_task.assignee_id.is_(None), _staff.left_on <= scope.today))


def breached(db: Connection, scope: Scope) -> Part:
    """Open tasks whose deadline has passed and of which nobody above was told yet, the longest ago first."""
    return _part(db, scope, Kind.BREACHED, and_(scope.at > DEADLINE, _task.escalated == 0))


def escalated(db: Connection, scope: Scope) -> Part:
    """Open tasks that somebody above was told of, with how many levels, the longest overdue first."""
    return _part(db, scope, Kind.ESCALATED, _task.escalated > 0)


def _part(db: Connection, scope: Scope, kind: Kind, where: ColumnElement[bool]) -> Part:
    condition = and_(_ON_DESK, where)
    if scope.team_id is not None:
        condition = and_(condition, _task.team_id == scope.team_id)
    counted = func.count().over().label("total")
    rows = db.execute(
        select(
            _task.id,
            DEADLINE.label("deadline"),
            _task.limit_at,
            _task.escalated,
            people.employees.c.name.label("who"),
            parties.parties.c.name.label("client"),
            counted,
        )
        .select_from(work.tasks)
        .outerjoin(people.employees, _staff.id == _task.assignee_id)
        .outerjoin(parties.parties, _client.id == _task.client_id)
        .where(condition)
        .order_by(DEADLINE.nulls_last(), _task.id)
        .limit(scope.at_most)
    ).all()
    titles = titles_of(db, [row.id for row in rows], scope.language, scope.at) if rows else {}
    lines = tuple(_line(row, titles[row.id], kind, scope) for row in rows)
    return Part(kind=kind, total=rows[0].total if rows else 0, lines=lines)


def _line(row: Any, title: str, kind: Kind, scope: Scope) -> Line:
    return Line(
        what=title,
        client=row.client,
        who=row.who,
        at=row.deadline,
        level=row.escalated if kind is Kind.ESCALATED else None,
        is_past_limit=row.limit_at is not None and row.limit_at < scope.at,
        command=f"taktas tasks show {row.id}",
    )
