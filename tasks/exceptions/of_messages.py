"""Messages that did not arrive: refused for good, come back, or handed over and nobody knows what became of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, and_, case, exists, func, or_, select, true

from models import outbox, parties, people
from models.deliveries import BounceKind, bounces, message_attempts
from models.outbox import MessageState
from models.parties import Responsibility
from tasks.exceptions.line import Kind, Line, Part, Scope
from tasks.facts.computed import AsOf, responsible

_message, _staff, _client = outbox.messages.c, people.employees.c, parties.parties.c
_manager = people.employees.alias("account_manager")
CAME_BACK = "came_back"


def stuck_messages(db: Connection, scope: Scope) -> Part:
    """What failed or came back in the stretch, and whatever is unknown; of a team: to its people or their clients."""
    rows = db.execute(_stuck(scope)).all()
    return Part(kind=Kind.MESSAGES, total=rows[0].total if rows else 0, lines=tuple(map(_line, rows)))


def _stuck(scope: Scope) -> Any:
    back = _came_back(scope)
    condition = or_(_failed(scope), _message.state == MessageState.UNKNOWN.value, back.c.message_id.is_not(None))
    owner = responsible(Responsibility.ACCOUNT_MANAGER)(_message.party_id, AsOf.of(scope.at)).lateral("owner")
    if scope.team_id is not None:
        condition = and_(condition, or_(_staff.team_id == scope.team_id, _manager.c.team_id == scope.team_id))
    return (
        select(
            _message.id,
            _message.template,
            case((back.c.message_id.is_not(None), CAME_BACK), else_=_message.state).label("state"),
            func.coalesce(back.c.words, _message.last_answer).label("last_answer"),
            _message.created_at,
            func.coalesce(_staff.name, _client.name).label("who"),
            func.count().over().label("total"),
        )
        .select_from(outbox.messages)
        .outerjoin(back, back.c.message_id == _message.id)
        .outerjoin(people.employees, _staff.id == _message.employee_id)
        .outerjoin(parties.parties, _client.id == _message.party_id)
        .outerjoin(owner, true())
        .outerjoin(_manager, _manager.c.id == owner.c[0])
        .where(condition)
        .order_by(_message.id.desc())
        .limit(scope.at_most)
    )


def _came_back(scope: Scope) -> Subquery:
    return (
        select(bounces.c.message_id, func.max(bounces.c.words).label("words"))
        .where(bounces.c.kind == BounceKind.BOUNCED.value, bounces.c.read_at.between(scope.since, scope.at))
        .group_by(bounces.c.message_id)
        .subquery("back")
    )


def _failed(scope: Scope) -> ColumnElement[bool]:
    """By when it was tried last: a letter may have been written weeks before its day."""
    tried = message_attempts.c
    lately = exists().where(tried.message_id == _message.id, tried.ended_at >= scope.since)
    return and_(_message.state == MessageState.FAILED.value, or_(_message.created_at >= scope.since, lately))


def _line(row: Row[Any]) -> Line:
    return Line(
        what=row.template.replace("_", " "),
        state=row.state,
        who=row.who,
        at=row.created_at,
        note=row.last_answer,
        command=f"taktas messages show {row.id}",
    )
