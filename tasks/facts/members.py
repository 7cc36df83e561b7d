"""The lists a process goes through: a client's contacts, a term's receivables, the insurers named in an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, literal, or_, select

from core.errors import TaktasError
from models import campaigns, contacts, contracts, parties, receivables
from standards.catalogue import COLLECTIONS, SUBJECTS
from tasks.facts.computed import AsOf
from tasks.facts.fields import Reading
from tasks.record.rows import CaseRow

Number = ColumnElement[int]


class NoSuchList(TaktasError):
    """A list that cannot be gone through from such a subject."""


def _terms(condition: Callable[[Any, Number], ColumnElement[bool]]) -> Callable[[Number, date], Select[Any]]:
    def query(owner: Number, today: date) -> Select[Any]:
        term, policy = contracts.terms, contracts.policies
        return (
            select(term.c.id)
            .join_from(term, policy, policy.c.id == term.c.policy_id)
            .where(condition(policy.c, owner), term.c.expires_on >= today, term.c.ended_on.is_(None))
            .where(term.c.placed == contracts.Placed.BY_US.value)
        )

    return query


def _policies(owner: Number, today: date) -> Select[Any]:
    policy = contracts.policies.c
    running = _terms(lambda its, number: its.id == number)(policy.id, today).correlate(contracts.policies).exists()
    return select(policy.id).where(policy.client_id == owner, policy.cancelled_on.is_(None), running)


def _owed(column: str) -> Callable[[Number, date], Select[Any]]:
    owed = receivables.receivables.c
    return lambda owner, _today: select(owed.id).where(owed[column] == owner, owed.open_amount > 0)


def _contacts(owner: Number, today: date) -> Select[Any]:
    tie = parties.party_relations.c
    return select(tie.related_id).where(
        tie.party_id == owner,
        tie.kind.in_(["representative", "department"]),
        tie.since <= today,
        or_(tie.until.is_(None), tie.until > today),
    )


_QUERIES: dict[str, Callable[[Number, date], Select[Any]]] = {
    "client.contacts": _contacts,
    "client.terms": _terms(lambda policy, number: policy.client_id == number),
    "client.policies": _policies,
    "client.receivables": _owed("payer_id"),
    "term.receivables": _owed("term_id"),
    "next_term.receivables": _owed("term_id"),
    "term.quotes": lambda owner, _: select(contracts.quotes.c.id).where(contracts.quotes.c.term_id == owner),
    "policy.terms": _terms(lambda policy, number: policy.id == number),
    "policy.claims": lambda owner, _: select(contacts.claims.c.id).where(
        contacts.claims.c.policy_id == owner, contacts.claims.c.closed_at.is_(None)
    ),
    "programme.terms": _terms(lambda policy, number: policy.programme_id == number),
    "campaign.members": lambda owner, _: select(campaigns.campaign_members.c.id).where(
        campaigns.campaign_members.c.campaign_id == owner, campaigns.campaign_members.c.removed_at.is_(None)
    ),
    "claim.missing_documents": lambda owner, _: select(contacts.missing_documents.c.id).where(
        contacts.missing_documents.c.claim_id == owner, contacts.missing_documents.c.received_at.is_(None)
    ),
}


def entity_id(db: Connection, subject_type: str, subject_id: int, entity: str, at: datetime) -> int | None:
    """The number of what is come to from a subject: its policy, client, next term; None when there is none.

    Raises: FieldOutOfReach.
    """
    if entity == "next_term":
        term = contracts.terms.c
        term_id = entity_id(db, subject_type, subject_id, "term", at)
        later = select(term.id).where(term.renewed_term_id == term_id).order_by(term.id.desc()).limit(1)
        return db.execute(later).scalar_one_or_none()
    reading = Reading(subject_type, at)
    statement = select(reading.id_of(entity)).select_from(reading.source).where(reading.subject_id == subject_id)
    return db.execute(statement).scalar_one_or_none()


def members_of(db: Connection, case: CaseRow, path: str, codes: object, at: datetime) -> list[str]:
    """The members of a list as places name them: `receivable:12`, or a plain code of an answer; in a stable order.

    `codes` is the stored answer when the path names one (`case.insurers`). Raises: NoSuchList, FieldOutOfReach.
    """
    if path.startswith("case."):
        return list(codes) if isinstance(codes, list) else []
    query = _QUERIES.get(path)
    if query is None or COLLECTIONS[path].entity not in SUBJECTS[case.subject_type].reaches:
        raise NoSuchList(
            f"A case about a {case.subject_type} cannot go through {path}. Use a list of what it reaches, such as "
            f"{next(iter(_QUERIES))}."
        )
    owner_id = entity_id(db, case.subject_type, case.subject_id, COLLECTIONS[path].entity, at)
    if owner_id is None:
        return []
    statement = query(literal(owner_id), AsOf.of(at).day)
    kind = COLLECTIONS[path].member or path.partition(".")[2].removesuffix("s")
    return [f"{kind}:{number}" for number in sorted(db.execute(statement).scalars())]


def subject_of(member: str) -> tuple[str, int] | None:
    """The subject a member is: its type and number; None for a code, or for what no case can be about."""
    kind, _, number = member.partition(":")
    return (kind, int(number)) if kind in SUBJECTS and number.isdigit() else None


def member_name(db: Connection, member: str) -> str:
    """What a member is called in a title: a name, a number, or the code in words."""
    kind, _, number = member.partition(":")
    if number.isdigit() and kind in _NAMES:
        statement, key = _NAMES[kind], int(number)
        return db.execute(statement, {"key": key}).scalar_one_or_none() or member
    insurer = db.execute(_INSURER, {"key": member}).scalar_one_or_none()
    return insurer or member.replace("_", " ")


def _name(table: Table, column: str, joined: Table | None = None, on: str = "") -> Select[Any]:
    shown = (joined if joined is not None else table).c[column]
    source = table if joined is None else table.join(joined, joined.c.id == table.c[on])
    return select(shown).select_from(source).where(table.c.id == bindparam("key"))


_NAMES: dict[str, Select[Any]] = {
    "client": _name(parties.parties, "name"),
    "term": _name(contracts.terms, "number", contracts.policies, "policy_id"),
    "policy": _name(contracts.policies, "number"),
    "receivable": _name(receivables.receivables, "number"),
    "claim": _name(contacts.claims, "number"),
    "campaign_member": _name(campaigns.campaign_members, "name", parties.parties, "party_id"),
    "quote": _name(contracts.quotes, "name", contracts.insurers, "insurer_id"),
    "missing_document": _name(contacts.missing_documents, "type"),
}
_INSURER = select(contracts.insurers.c.name).where(contracts.insurers.c.code == bindparam("key"))
