"""Who looks after a client and what the client agreed to: dated rows, of which the present one may change hands."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from intake.loading.cargo import Loading
from intake.loading.happening_reports import Changed, report_changes
from models.parties import Responsibility, consents, parties, responsibilities
from models.people import employees

FROM_THE_FIRST = date(1900, 1, 1)
"""Since when the first one ever named for a role has it: as far as the house knows, nobody else had."""
MARKETING = "marketing"
SOURCE = "import"


def load_responsibilities(loading: Loading) -> None:
    """Who looks after each client from today on, the first ever named from before; those in between keep their time."""
    for role in Responsibility:
        if loading.brings(f"client_{role}"):
            _load_responsibility(loading, role)


def _load_responsibility(loading: Loading, role: Responsibility) -> None:
    wanted = _wanted(loading, role)
    now = responsibilities.alias("now")
    joined = wanted.outerjoin(now, _is_present(now, wanted, role))
    is_new, is_other = now.c.id.is_(None), now.c.employee_id != wanted.c.employee_id
    added, changed = _count(loading, "responsibilities", joined, is_new, is_other)
    if changed:
        loading.tally("responsibilities").fields[role.value] += changed
    if added + changed and not loading.is_dry_run:
        _hand_over(loading, role, wanted)


def _wanted(loading: Loading, role: Responsibility) -> Subquery:
    """Client and employee, as the last row about the client says; `client_id` is NULL for one not yet in the book."""
    staged = loading.staged
    return (
        select(parties.c.id.label("client_id"), employees.c.id.label("employee_id"))
        .select_from(
            staged.join(employees, employees.c.login == staged.c[f"client_{role}"]).outerjoin(
                parties, parties.c.number == staged.c.client_number
            )
        )
        .ext(distinct_on(staged.c.client_number))
        .order_by(staged.c.client_number, staged.c.row.desc())
    ).subquery("wanted")


def _is_present(table: Any, wanted: Subquery, role: Responsibility) -> ColumnElement[bool]:
    return and_(table.c.client_id == wanted.c.client_id, table.c.role == role.value, table.c.until.is_(None))


def _count(
    loading: Loading, name: str, source: Any, is_added: ColumnElement[bool], is_changed: ColumnElement[bool]
) -> tuple[int, int]:
    counts = select(func.count().filter(is_added), func.count().filter(is_changed), func.count()).select_from(source)
    added, changed, every = loading.db.execute(counts).one()
    if every:
        tally = loading.tally(name)
        tally.added += added
        tally.changed += changed
        tally.unchanged += every - added - changed
    return added, changed


def _hand_over(loading: Loading, role: Responsibility, wanted: Subquery) -> None:
    present = _is_present(responsibilities, wanted, role)
    loading.db.execute(
        update(responsibilities)
        .values(until=func.greatest(responsibilities.c.since, loading.today))
        .where(present, responsibilities.c.employee_id != wanted.c.employee_id)
    )
    had = and_(responsibilities.c.client_id == wanted.c.client_id, responsibilities.c.role == role.value)
    since = case((exists(select(1).where(had)), literal(loading.today)), else_=literal(FROM_THE_FIRST))
    values = select(wanted.c.client_id, wanted.c.employee_id, literal(role.value), since)
    missing = values.where(~exists(select(1).where(present)))
    loading.db.execute(insert(responsibilities).from_select(["client_id", "employee_id", "role", "since"], missing))


def load_consents(loading: Loading) -> None:
    """Yes gives consent to marketing, no withdraws it; what is so already stays."""
    if not loading.brings("client_marketing_consent"):
        return
    said = _said(loading)
    given = and_(
        consents.c.party_id == said.c.party_id, consents.c.purpose == MARKETING, consents.c.withdrawn_at.is_(None)
    )
    has_given = exists(select(1).where(given))
    _count(loading, "consents", said, and_(said.c.said, ~has_given), and_(~said.c.said, has_given))
    if loading.is_dry_run:
        return
    withdrawn = loading.db.scalars(
        update(consents)
        .values(withdrawn_at=func.greatest(consents.c.given_at, loading.at))
        .where(given, ~said.c.said)
        .returning(consents.c.party_id)
    ).all()
    values = select(said.c.party_id, literal(MARKETING), literal(loading.at), literal(SOURCE))
    missing = values.where(said.c.said, ~has_given)
    loading.db.execute(insert(consents).from_select(["party_id", "purpose", "given_at", "source"], missing))
    kind = "client.consent_withdrawn"
    report_changes(
        loading, [Changed(kind=kind, subject_type="client", subject_id=who) for who in sorted(set(withdrawn))]
    )


def _said(loading: Loading) -> Subquery:
    staged = loading.staged
    return (
        select(parties.c.id.label("party_id"), staged.c.client_marketing_consent.label("said"))
        .select_from(staged.outerjoin(parties, parties.c.number == staged.c.client_number))
        .where(staged.c.client_marketing_consent.is_not(None))
        .ext(distinct_on(staged.c.client_number))
        .order_by(staged.c.client_number, staged.c.row.desc())
    ).subquery("said")
