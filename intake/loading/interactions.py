"""Contacts with clients into the book: calls, letters, enquiries and complaints, and which of them are news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, and_, any_, case, cast, func, literal, or_, select

from core.settings import settings
from intake.loading.cargo import Loading, Rows
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.named_policies import NamedPolicy
from intake.loading.parties import check_clients, load_clients, refuse_unknown_employee
from intake.loading.upserting import ORDER, Upsert, id_of, upsert
from models.contacts import InteractionKind, complaints, interactions
from models.contracts import insurers
from models.parties import parties
from models.people import employees

NEWS_FOR = timedelta(days=30)
"""Contacts older than that are history: nobody waits for them any more."""
COLUMNS = ("number", "kind", "direction", "channel", "topic", "at")
CARE = ("cause", "answer_by", "answered_at", "closed_at", "finding", "corrective_action")
COMPLAINT = InteractionKind.COMPLAINT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What is new about contacts, by their numbers, before they are written."""

    contacts: frozenset[str]
    complaints: frozenset[str]
    closed: frozenset[str]


def load_interactions(loading: Loading) -> None:
    """Everything the staged rows say; clients who are not in the book come in with them, as leads."""
    loading.refuse_repeated(("interaction_number",), "contact")
    check_clients(loading)
    refuse_unknown_employee(loading, "interaction_employee")
    loading.refuse_unknown("policy_insurer", insurers.c.code, "insurer", "Import insurers first.")
    policy = NamedPolicy(loading=loading, insurer_path="policy.insurer")
    policy.refuse_unclear()
    _refuse_impossible(loading)
    _refuse_impossible_complaints(loading)
    load_clients(loading, are_leads=True)
    news = _news(loading)
    rows = _rows(loading, policy)
    upsert(loading, Upsert(name="contacts", table=interactions, rows=rows, key=("number",), prefix="interaction"))
    upsert(
        loading,
        Upsert(
            name="complaints", table=complaints, rows=_complaints(loading), key=("interaction_id",), prefix="complaint"
        ),
    )
    report_changes(loading, _reported(loading, news))


def _refuse_impossible(loading: Loading) -> None:
    staged = loading.staged
    loading.refuse_where(staged.c.interaction_at > loading.at, "interaction_at", "the moment lies in the future")
    known = select(interactions.c.kind).where(interactions.c.number == staged.c.interaction_number).scalar_subquery()
    loading.refuse_where(
        and_(known == COMPLAINT, staged.c.interaction_kind != COMPLAINT),
        "interaction_kind",
        "it is in the book as a complaint, which can be closed but not unsaid; bring complaint.closed_at",
    )


def _refuse_impossible_complaints(loading: Loading) -> None:
    staged = loading.staged
    is_complaint = staged.c.interaction_kind == COMPLAINT
    reason = "a complaint comes in; what we answer belongs under complaint.answered_at"
    loading.refuse_where(and_(is_complaint, staged.c.interaction_direction != "in"), "interaction_direction", reason)
    for name in ("received_at", *CARE):
        cell = staged.c[f"complaint_{name}"]
        loading.refuse_where(
            and_(~is_complaint, cell.is_not(None)), f"complaint_{name}", "only a contact of the kind complaint has one"
        )
    received = func.coalesce(staged.c.complaint_received_at, staged.c.interaction_at)
    for name in ("answered_at", "closed_at"):
        cell = staged.c[f"complaint_{name}"]
        loading.refuse_where(cell < received, f"complaint_{name}", "it lies before the complaint was received")


def _rows(loading: Loading, policy: NamedPolicy) -> Rows:
    staged = loading.staged
    day = cast(func.timezone(settings().zone, staged.c.interaction_at), Date)
    return select(
        *(staged.c[f"interaction_{name}"].label(name) for name in COLUMNS),
        id_of(parties, staged.c.client_number).label("party_id"),
        employees.c.id.label("employee_id"),
        policy.term_on(day).label("term_id"),
        staged.c.row.label(ORDER),
    ).select_from(
        staged.outerjoin(parties, parties.c.number == staged.c.client_number).outerjoin(
            employees, employees.c.login == staged.c.interaction_employee
        )
    )


def _complaints(loading: Loading) -> Rows:
    """A complaint was received when the contact took place, unless its row says otherwise."""
    staged = loading.staged
    is_new = complaints.c.interaction_id.is_(None)
    received = func.coalesce(staged.c.complaint_received_at, case((is_new, staged.c.interaction_at)))
    return (
        select(
            interactions.c.id.label("interaction_id"),
            received.label("received_at"),
            *(staged.c[f"complaint_{name}"].label(name) for name in CARE),
            staged.c.row.label(ORDER),
        )
        .select_from(_joined(loading))
        .where(staged.c.interaction_kind == COMPLAINT)
    )


def _joined(loading: Loading) -> Any:
    """The staged rows beside what the book has of them."""
    staged = loading.staged
    return staged.outerjoin(interactions, interactions.c.number == staged.c.interaction_number).outerjoin(
        complaints, complaints.c.interaction_id == interactions.c.id
    )


def _news(loading: Loading) -> _News:
    if loading.is_dry_run:
        return _News(contacts=frozenset(), complaints=frozenset(), closed=frozenset())
    staged = loading.staged
    is_new, is_in = interactions.c.id.is_(None), staged.c.interaction_direction == "in"
    is_recent = staged.c.interaction_at >= loading.at - NEWS_FOR
    is_closed = staged.c.complaint_closed_at.is_not(None)
    is_open = and_(~is_closed, staged.c.complaint_answered_at.is_(None))
    is_complaint = staged.c.interaction_kind == COMPLAINT
    was_none = or_(is_new, interactions.c.kind != COMPLAINT)
    was_open = and_(complaints.c.interaction_id.is_not(None), complaints.c.closed_at.is_(None))
    return _News(
        contacts=_numbers(loading, and_(is_new, is_in, is_recent)),
        complaints=_numbers(loading, and_(was_none, is_complaint, is_open)),
        closed=_numbers(loading, and_(was_open, is_closed)),
    )


def _numbers(loading: Loading, condition: ColumnElement[bool]) -> frozenset[str]:
    query = select(loading.staged.c.interaction_number).select_from(_joined(loading)).where(condition)
    return frozenset(loading.db.scalars(query))


def _reported(loading: Loading, news: _News) -> list[Changed]:
    wanted = [*(news.contacts | news.complaints | news.closed)]
    query = (
        select(interactions, complaints.c.received_at, complaints.c.closed_at)
        .select_from(interactions.outerjoin(complaints, complaints.c.interaction_id == interactions.c.id))
        .where(interactions.c.number == any_(literal(wanted)))
        .order_by(interactions.c.at, interactions.c.id)
    )
    return [change for row in loading.db.execute(query) for change in _befell(row, news)] if wanted else []


def _befell(row: Row[Any], news: _News) -> Iterator[Changed]:
    about: dict[str, Any] = {"subject_type": "interaction", "subject_id": row.id}
    if row.number in news.complaints:
        yield Changed(kind="complaint.received", at=row.received_at, **about)
    if row.number in news.contacts:
        yield Changed(kind="interaction.received", at=row.at, **about)
        yield Changed(
            kind="client.answered",
            subject_type="client",
            subject_id=row.party_id,
            at=row.at,
            data={"interaction_id": row.id},
        )
    if row.number in news.closed:
        yield Changed(kind="complaint.closed", at=row.closed_at, **about)
