"""Payments into the book, each matched with the invoice it names as far as that is open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Subquery, and_, case, exists, func, insert, literal, or_, select, update

from intake.loading.cargo import Loading
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.upserting import ORDER, Upsert, id_of, upsert
from models.parties import parties
from models.receivables import payment_matches, payments, receivables

COLUMNS = ("source", "reference", "received_on", "amount", "currency", "payer_text")


def load_payments(loading: Loading) -> None:
    """Payments are added once and never changed; what they pay is worked out when they come in."""
    loading.refuse_repeated(("payment_source", "payment_reference"), "payment")
    loading.refuse_unknown("payer_number", parties.c.number, "client with the number", "Import clients first.")
    _refuse_unknown_invoices(loading)
    _refuse_changed_amounts(loading)
    upsert(loading, _payments(loading))
    shares = _count_matches(loading)
    if not loading.is_dry_run and shares:
        report_changes(loading, _match(loading))


def _is_invoice(loading: Loading) -> Any:
    staged = loading.staged
    return and_(receivables.c.number == staged.c.receivable_number, receivables.c.issuer == staged.c.receivable_issuer)


def _refuse_unknown_invoices(loading: Loading) -> None:
    staged = loading.staged
    names_one = staged.c.receivable_number.is_not(None)
    loading.refuse_where(
        and_(names_one, staged.c.receivable_issuer.is_(None)),
        "receivable_issuer",
        "an invoice's number is unique with its issuer only; bring receivable.issuer",
    )
    loading.refuse_where(
        and_(names_one, ~exists(select(1).where(_is_invoice(loading)))),
        "receivable_number",
        "there is no such invoice of that issuer; import invoices first",
    )
    other_currency = exists(select(1).where(_is_invoice(loading), receivables.c.currency != staged.c.payment_currency))
    loading.refuse_where(
        other_currency, "payment_currency", "the invoice is in another currency; a person must decide what it pays"
    )


def _is_same(loading: Loading) -> Any:
    staged = loading.staged
    return and_(payments.c.source == staged.c.payment_source, payments.c.reference == staged.c.payment_reference)


def _refuse_changed_amounts(loading: Loading) -> None:
    staged = loading.staged
    differs = or_(
        payments.c.amount != staged.c.payment_amount,
        payments.c.currency != staged.c.payment_currency,
        payments.c.received_on != staged.c.payment_received_on,
    )
    loading.refuse_where(
        exists(select(1).where(_is_same(loading), differs)),
        "payment_amount",
        "the payment is in the book with another amount, currency or date; a payment is never changed, only reversed",
    )


def _payments(loading: Loading) -> Upsert:
    staged, payer = loading.staged, parties.alias("payer")
    rows = select(
        *(staged.c[f"payment_{name}"].label(name) for name in COLUMNS),
        id_of(payer, staged.c.payer_number).label("payer_id"),
        staged.c.row.label(ORDER),
    ).select_from(staged.outerjoin(payer, payer.c.number == staged.c.payer_number))
    return Upsert(
        name="payments",
        table=payments,
        rows=rows,
        key=("source", "reference"),
        prefix="payment",
        defaults={"unmatched_amount": lambda rows: rows.c.amount},
    )


def _shares(loading: Loading) -> Subquery:
    """How much of each invoice each payment pays: the earlier rows first, never more than is open."""
    staged = loading.staged
    free = func.coalesce(payments.c.unmatched_amount, staged.c.payment_amount)
    before = func.coalesce(
        func.sum(free).over(partition_by=receivables.c.id, order_by=staged.c.row, rows=(None, -1)), literal(0)
    )
    matched = exists(
        select(1).where(
            payment_matches.c.payment_id == payments.c.id, payment_matches.c.receivable_id == receivables.c.id
        )
    )
    share = func.greatest(func.least(free, receivables.c.open_amount - before), 0).label("amount")
    rows = (
        select(staged.c.row, payments.c.id.label("payment_id"), receivables.c.id.label("receivable_id"), share)
        .select_from(staged.join(receivables, _is_invoice(loading)).outerjoin(payments, _is_same(loading)))
        .where(free > 0, receivables.c.open_amount > 0, ~matched)
    ).subquery("shares")
    return select(rows).where(rows.c.amount > 0).subquery("paying")


def _count_matches(loading: Loading) -> int:
    shares = _shares(loading)
    added = loading.db.scalar(select(func.count()).select_from(shares)) or 0
    if added:
        loading.tally("matches").added += added
    return added


def _match(loading: Loading) -> list[Changed]:
    shares = _shares(loading)
    values = select(
        shares.c.payment_id,
        shares.c.receivable_id,
        shares.c.amount,
        literal(loading.at, payment_matches.c.matched_at.type),
        literal(loading.actor.employee_id, payment_matches.c.matched_by.type),
    )
    names = ["payment_id", "receivable_id", "amount", "matched_at", "matched_by"]
    statement = insert(payment_matches).from_select(names, values.order_by(shares.c.row))
    made = list(loading.db.scalars(statement.returning(payment_matches.c.id)))
    paid = (
        select(payment_matches.c.receivable_id, func.sum(payment_matches.c.amount).label("amount"))
        .where(payment_matches.c.id.in_(made))
        .group_by(payment_matches.c.receivable_id)
        .subquery("paid")
    )
    left = receivables.c.open_amount - paid.c.amount
    settled = update(receivables).values(
        open_amount=left,
        state=case((left == 0, "paid"), else_="part_paid"),
        settled_on=case((left == 0, loading.today), else_=receivables.c.settled_on),
        state_source="house",
        state_as_of=loading.at,
    )
    rows = loading.db.execute(
        settled.where(receivables.c.id == paid.c.receivable_id).returning(
            receivables.c.id, paid.c.amount, receivables.c.open_amount, receivables.c.currency
        )
    ).all()
    _use_up(loading, made)
    return [change for row in rows for change in _befell(*row)]


def _use_up(loading: Loading, made: list[int]) -> None:
    used = (
        select(payment_matches.c.payment_id, func.sum(payment_matches.c.amount).label("amount"))
        .where(payment_matches.c.id.in_(made))
        .group_by(payment_matches.c.payment_id)
        .subquery("used")
    )
    left = payments.c.unmatched_amount - used.c.amount
    loading.db.execute(update(payments).values(unmatched_amount=left).where(payments.c.id == used.c.payment_id))


def _befell(receivable: int, paid: Any, left: Any, currency: str) -> list[Changed]:
    data = {"amount": paid, "open_amount": left, "currency": currency}
    changes = [Changed(kind="payment.matched", subject_type="receivable", subject_id=receivable, data=data)]
    if left == 0:
        changes.append(Changed(kind="receivable.settled", subject_type="receivable", subject_id=receivable))
    return changes
