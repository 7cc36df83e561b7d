"""Messages that should have left the house: refused for good, or handed over and nobody knows what became of them."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, or_, select, true

from models import outbox, parties, people
from models.outbox import MessageState
from models.parties import Responsibility
from tasks.exceptions.line import Kind, Line, Part, Scope
from tasks.facts.computed import AsOf, responsible

_message, _staff, _client = outbox.messages.c, people.employees.c, parties.parties.c
_manager = people.employees.alias("account_manager")


def stuck_messages(db: Connection, scope: Scope) -> Part:
    """What failed in the stretch, and whatever is unknown; of a team: to its people, or to clients of theirs."""
    failed = and_(_message.state == MessageState.FAILED.value, _message.created_at >= scope.since)
    condition = or_(failed, _message.state == MessageState.UNKNOWN.value)
    owner = responsible(Responsibility.ACCOUNT_MANAGER)(_message.party_id, AsOf.of(scope.at)).lateral("owner")
    if scope.team_id is not None:
        condition = and_(condition, or_(_staff.team_id == scope.team_id, _manager.c.team_id == scope.team_id))
    rows = db.execute(
        select(
            _message.id,
            _message.template,
            _message.state,
            _message.last_answer,
            _message.created_at,
            func.coalesce(_staff.name, _client.name).label("who"),
            func.count().over().label("total"),
        )
        .select_from(outbox.messages)
        .outerjoin(people.employees, _staff.id == _message.employee_id)
        .outerjoin(parties.parties, _client.id == _message.party_id)
        .outerjoin(owner, true())
        .outerjoin(_manager, _manager.c.id == owner.c[0])
        .where(condition)
        .order_by(_message.id.desc())
        .limit(scope.at_most)
    ).all()
    lines = tuple(
        Line(
            what=f"{row.template} ({row.state})",
            who=row.who,
            at=row.created_at,
            note=row.last_answer,
            command=f"taktas messages show {row.id}",
        )
        for row in rows
    )
    return Part(kind=Kind.MESSAGES, total=rows[0].total if rows else 0, lines=lines)
