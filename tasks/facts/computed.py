"""The fields that stand in no column: each worked out from other rows by PostgreSQL, as of one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, Text, and_, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.clock import zone
from core.settings import settings
from models import contacts, contracts, definitions, parties, receivables, work
from models.parties import Responsibility
from models.work import CaseStatus

Number = ColumnElement[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The moment things are asked for, and the date it has in the house."""

    at: datetime
    day: date

    @classmethod
    def of(cls, at: datetime) -> AsOf:
        """That moment, in the zone of the house."""
        return cls(at=at, day=at.astimezone(zone(settings().zone)).date())


def responsible(role: Responsibility) -> Callable[[Number, AsOf], Select[int]]:
    """Who is that to a client on the day: the employee's number. An old responsibility ends where the new begins."""

    def employee(client_id: Number, as_of: AsOf) -> Select[int]:
        held = parties.responsibilities.c
        return (
            select(held.employee_id)
            .where(
                held.client_id == client_id,
                held.role == role.value,
                held.since <= as_of.day,
                or_(held.until.is_(None), held.until > as_of.day),
            )
            .order_by(held.since.desc(), held.id.desc())
            .limit(1)
            .correlate_except(parties.responsibilities)
        )

    return employee


def _reached_by(channel: str) -> Callable[[Number, AsOf], ColumnElement[Any]]:
    def address(party_id: Number, _as_of: AsOf) -> ColumnElement[Any]:
        point = parties.contact_points.c
        return (
            select(point.value)
            .where(point.party_id == party_id, point.channel == channel, point.bounced_at.is_(None))
            .order_by(point.is_preferred.desc(), point.id)
            .limit(1)
            .correlate_except(parties.contact_points)
            .scalar_subquery()
        )

    return address


def _has_marketing_consent(party_id: Number, as_of: AsOf) -> ColumnElement[Any]:
    consent = parties.consents.c
    agreed = exists().where(
        consent.party_id == party_id,
        consent.purpose == "marketing",
        consent.given_at <= as_of.at,
        or_(consent.withdrawn_at.is_(None), consent.withdrawn_at > as_of.at),
    )
    return agreed.correlate_except(parties.consents)


def _is_debtor(party_id: Number, as_of: AsOf) -> ColumnElement[Any]:
    owed = receivables.receivables.c
    overdue = exists().where(owed.payer_id == party_id, owed.open_amount > 0, owed.due_on < as_of.day)
    return overdue.correlate_except(receivables.receivables)


def _running(party_id: Number, as_of: AsOf) -> ColumnElement[Any]:
    """The codes of the processes under way for a client; none is an empty list."""
    rows = _under_way(as_of).where(work.cases.c.client_id == party_id)
    return _codes(
        rows.with_only_columns(definitions.processes.c.name).distinct().order_by(definitions.processes.c.name)
    )


def _under_way(_as_of: AsOf) -> Select[*tuple[Any, ...]]:
    """Client and code of every process under way."""
    case, process = work.cases.c, definitions.processes.c
    running = select(case.client_id, process.name).join_from(
        work.cases, definitions.processes, process.id == case.process_id
    )
    return running.where(case.status == CaseStatus.RUNNING.value, case.client_id.is_not(None))


def _product_lines(party_id: Number, as_of: AsOf) -> ColumnElement[Any]:
    """The lines of the client's covers that we placed and that have not ended."""
    line = contracts.product_lines.c
    rows = _covered(as_of).where(contracts.policies.c.client_id == party_id)
    codes = rows.with_only_columns(line.code).distinct().order_by(line.code)
    return _codes(codes.correlate_except(contracts.terms, contracts.policies, contracts.product_lines))


def _covered(as_of: AsOf) -> Select[*tuple[Any, ...]]:
    """Client and product line of every cover that we placed and that has not ended."""
    line, policy, term = contracts.product_lines.c, contracts.policies.c, contracts.terms.c
    joined = contracts.terms.join(contracts.policies, policy.id == term.policy_id).join(
        contracts.product_lines, line.id == policy.product_line_id
    )
    return (
        select(policy.client_id, line.code)
        .select_from(joined)
        .where(
            term.placed == contracts.Placed.BY_US.value,
            term.expires_on >= as_of.day,
            or_(term.ended_on.is_(None), term.ended_on > as_of.day),
        )
    )


def holders_of(path: str, code: object) -> Callable[[AsOf], Select[Any]] | None:
    """For a list of codes: the numbers of those whose list contains this one, asked once for all of them.

    None for a list that is read row by row only.
    """
    entity, _, name = path.partition(".")
    known = {
        "running": (_under_way, definitions.processes.c.name),
        "product_lines": (_covered, contracts.product_lines.c.code),
    }
    if entity not in {"client", "policyholder", "payer"} or name not in known:
        return None
    rows, column = known[name]
    return lambda as_of: rows(as_of).where(column == code).with_only_columns(rows(as_of).selected_columns[0])


def _codes(query: Select[Any]) -> ColumnElement[Any]:
    return func.array(query.scalar_subquery(), type_=ARRAY(Text))


def _last_contacted_at(party_id: Number, as_of: AsOf) -> ColumnElement[Any]:
    contact = contacts.interactions.c
    last = select(func.max(contact.at)).where(contact.party_id == party_id, contact.at <= as_of.at)
    return last.correlate_except(contacts.interactions).scalar_subquery()


def _is_renewed(term_id: Number, _as_of: AsOf) -> ColumnElement[Any]:
    later = contracts.terms.alias("later")
    return exists().where(later.c.renewed_term_id == term_id).correlate_except(later)


def _open_claims(policy_id: Number, _as_of: AsOf) -> ColumnElement[Any]:
    claim = contacts.claims.c
    still_open = select(func.count()).where(claim.policy_id == policy_id, claim.closed_at.is_(None))
    return still_open.correlate_except(contacts.claims).scalar_subquery()


def _age(row: FromClause, as_of: AsOf) -> ColumnElement[Any]:
    return cast(func.date_part("year", func.age(literal(as_of.day), row.c.birth_date)), Integer)


def _is_blacklisted(row: FromClause, as_of: AsOf) -> ColumnElement[Any]:
    return and_(row.c.blacklisted_at.is_not(None), row.c.blacklisted_at <= as_of.at)


def _line_name(row: FromClause, _as_of: AsOf) -> ColumnElement[Any]:
    labels = row.c.labels
    return func.coalesce(labels[settings().language].astext, labels["en"].astext, row.c.code)


BY_NUMBER: dict[str, Callable[[Number, AsOf], ColumnElement[Any]]] = {
    "client.email": _reached_by("email"),
    "client.phone": _reached_by("phone"),
    "client.has_marketing_consent": _has_marketing_consent,
    "client.is_debtor": _is_debtor,
    "client.running": _running,
    "client.product_lines": _product_lines,
    "client.last_contacted_at": _last_contacted_at,
    "term.is_renewed": _is_renewed,
    "policy.open_claims": _open_claims,
}
"""Worked out from the number of the row alone."""

BY_ROW: dict[str, Callable[[FromClause, AsOf], ColumnElement[Any]]] = {
    "client.age": _age,
    "client.is_blacklisted": _is_blacklisted,
    "product_line.name": _line_name,
}
"""Worked out from columns of the row itself."""

PEOPLE: dict[str, Callable[[Number, AsOf], Select[int]]] = {
    f"client.{role.value}": responsible(role) for role in Responsibility
}
"""Employees found from the number of the row."""
