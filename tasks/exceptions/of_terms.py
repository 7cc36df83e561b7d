"""Terms that ran out undecided, or are about to with nobody at work, or were accepted and never bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, or_, select, true

from models import contracts, parties, people, work
from models.contracts import Placed, Renews, Stage
from models.parties import Responsibility
from models.work import ON_DESK, CaseStatus
from tasks.exceptions.line import Kind, Line, Part, Scope
from tasks.facts.computed import AsOf, responsible

_term, _policy, _client, _case, _task = (
    contracts.terms.c,
    contracts.policies.c,
    parties.parties.c,
    work.cases.c,
    work.tasks.c,
)
_next = contracts.terms.alias("next_term")
_manager = people.employees.alias("account_manager")
_HAS_NEXT = exists().where(_next.c.renewed_term_id == _term.id, _next.c.stage != Stage.NOT_TAKEN_UP.value)
_OURS = and_(
    _term.placed == Placed.BY_US.value,
    _term.renews == Renews.BY_OFFER.value,
    _term.ended_on.is_(None),
    _policy.cancelled_on.is_(None),
    ~_HAS_NEXT,
)
_ABOUT_IT = and_(_case.subject_type == "term", _case.subject_id == _term.id)
_DECIDED = exists().where(_ABOUT_IT, _case.status == CaseStatus.ENDED.value, _case.end_code.not_in(["lapsed", "void"]))
_HAS_CASE = exists().where(_ABOUT_IT, _case.end_code.is_distinct_from("void"))
_NEVER_BOUND = and_(
    _term.accepted_at.is_not(None),
    _term.bound_at.is_(None),
    _term.ended_on.is_(None),
    _term.stage == Stage.ACCEPTED.value,
)


def lapsed(db: Connection, scope: Scope) -> Part:
    """Terms that ran out in the stretch with nothing decided: no next term, and no case that ended otherwise."""
    ran_out = and_(_term.expires_on >= scope.first_day, _term.expires_on < scope.today)
    return _part(db, scope, Kind.LAPSED, and_(_OURS, ran_out, ~_DECIDED))


def uncovered(db: Connection, scope: Scope) -> Part:
    """Terms that run out in the days ahead, without any case or next term; those the client gave up are left out."""
    soon = and_(_term.expires_on >= scope.today, _term.expires_on <= scope.ahead)
    return _part(db, scope, Kind.UNCOVERED, and_(_OURS, soon, _term.notice_received_on.is_(None), ~_HAS_CASE))


def not_bound(db: Connection, scope: Scope) -> Part:
    """What clients have accepted and no insurer has confirmed, if its cover begins or ends in the days ahead.

    A term at the stage of accepted, or an open task to bind a term that runs out.
    """
    begins = func.coalesce(_term.starts_on, _term.expires_on)
    accepted = and_(_NEVER_BOUND, begins <= scope.ahead)
    binding = and_(_term.id.in_(_being_bound()), _term.expires_on <= scope.ahead, ~_HAS_BOUND_NEXT)
    wanted = case((accepted, begins), else_=_term.expires_on)
    return _part(db, scope, Kind.NOT_BOUND, or_(accepted, binding), on=wanted)


_HAS_BOUND_NEXT = exists().where(_next.c.renewed_term_id == _term.id, _next.c.bound_at.is_not(None))


def _being_bound() -> Any:
    """Terms somebody has a task for to bind them."""
    resolution = work.resolutions.c
    return (
        select(_task.subject_id)
        .join(work.resolutions, resolution.id == _task.resolution_id)
        .where(
            _task.subject_type == "term",
            _task.status.in_([status.value for status in ON_DESK]),
            resolution.action == "bind",
        )
    )


def _part(
    db: Connection, scope: Scope, kind: Kind, where: ColumnElement[bool], on: ColumnElement[date] = _term.expires_on
) -> Part:
    """The terms that meet a condition, those whose date comes first before the others."""
    owner = responsible(Responsibility.ACCOUNT_MANAGER)(_policy.client_id, AsOf.of(scope.at)).lateral("owner")
    source = _with_owner(owner)
    condition = where if scope.team_id is None else and_(where, _manager.c.team_id == scope.team_id)
    counted = func.count().over().label("total")
    rows = db.execute(
        select(
            on.label("on"),
            _policy.number,
            _client.name.label("client"),
            _client.number.label("client_number"),
            _manager.c.name.label("who"),
            counted,
        )
        .select_from(source)
        .where(condition)
        .order_by(on, _term.id)
        .limit(scope.at_most)
    ).all()
    return Part(kind=kind, total=rows[0].total if rows else 0, lines=tuple(_lines(rows)))


def _with_owner(owner: Any) -> FromClause:
    from_terms = contracts.terms.join(contracts.policies, _policy.id == _term.policy_id)
    with_client = from_terms.join(parties.parties, _client.id == _policy.client_id)
    return with_client.outerjoin(owner, true()).outerjoin(_manager, _manager.c.id == owner.c[0])


def _lines(rows: Sequence[Any]) -> list[Line]:
    return [
        Line(
            what=row.number,
            client=row.client,
            who=row.who,
            on=row.on,
            command=f"taktas tasks list --client {row.client_number}",
        )
        for row in rows
    ]
