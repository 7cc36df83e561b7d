"""Invoices into the book: whose money it is, who pays it, which term it is for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from intake.loading.cargo import Loading, Rows
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.named_policies import NamedPolicy
from intake.loading.upserting import ORDER, Upsert, id_of, upsert
from models.contracts import insurers
from models.parties import parties
from models.receivables import receivables

COLUMNS = (
    *("issuer", "number", "kind", "creditor", "collector", "instalment", "issued_on", "due_on", "amount"),
    *("open_amount", "currency", "state", "state_source", "state_as_of", "collect_by", "cover_notice_on"),
    *("cover_suspended_from", "cover_terminated_on", "reinstatable_until"),
)


def load_receivables(loading: Loading) -> None:
    """Everything the staged rows say about receivables."""
    loading.refuse_repeated(("receivable_issuer", "receivable_number"), "invoice")
    loading.refuse_unknown("payer_number", parties.c.number, "client with the number", "Import clients first.")
    loading.refuse_unknown("receivable_insurer", insurers.c.code, "insurer", "Import insurers first.")
    policy = NamedPolicy(loading=loading, insurer_path="receivable.insurer")
    _refuse_impossible(loading)
    policy.refuse_unclear()
    settled = _settled(loading)
    defaults = {
        "instalment": 1,
        "dunning_level": 0,
        "open_amount": lambda rows: case(
            (rows.c.state.in_(["paid", "credited", "written_off"]), 0), else_=rows.c.amount
        ),
        "state": _state,
    }
    upsert(
        loading,
        Upsert(
            name="invoices",
            table=receivables,
            rows=_rows(loading, policy),
            key=("issuer", "number"),
            prefix="receivable",
            defaults=defaults,
        ),
    )
    report_changes(loading, settled)


def _state(rows: Any) -> ColumnElement[Any]:
    """What an invoice is whose row says nothing: paid, part paid or issued, by what is open."""
    is_paid, is_partly_paid = rows.c.open_amount == 0, rows.c.open_amount < rows.c.amount
    return case((is_paid, "paid"), (and_(is_partly_paid, rows.c.amount > 0), "part_paid"), else_="issued")


def _refuse_impossible(loading: Loading) -> None:
    staged = loading.staged
    loading.refuse_where(
        and_(staged.c.receivable_creditor == "insurer", staged.c.receivable_insurer.is_(None)),
        "receivable_insurer",
        "the creditor is an insurer, so receivable.insurer must say which",
    )
    loading.refuse_where(
        and_(staged.c.receivable_kind == "premium", staged.c.receivable_creditor != "insurer"),
        "receivable_creditor",
        "a premium is the insurer's money; only fees are the house's",
    )
    loading.refuse_where(
        staged.c.receivable_due_on < staged.c.receivable_issued_on,
        "receivable_due_on",
        "it would be due before it is issued",
    )
    loading.refuse_where(
        func.abs(staged.c.receivable_open_amount) > func.abs(staged.c.receivable_amount),
        "receivable_open_amount",
        "more is open than was ever owed",
    )


def _rows(loading: Loading, policy: NamedPolicy) -> Rows:
    """The term of an invoice is the one in force when it was issued, else the newest of its policy."""
    staged, payer = loading.staged, parties.alias("payer")
    return select(
        *(staged.c[f"receivable_{name}"].label(name) for name in COLUMNS),
        id_of(payer, staged.c.payer_number).label("payer_id"),
        id_of(insurers, staged.c.receivable_insurer).label("insurer_id"),
        policy.term_on(staged.c.receivable_issued_on).label("term_id"),
        staged.c.row.label(ORDER),
    ).select_from(
        staged.outerjoin(payer, payer.c.number == staged.c.payer_number).outerjoin(
            insurers, insurers.c.code == staged.c.receivable_insurer
        )
    )


def _settled(loading: Loading) -> list[Changed]:
    """Invoices in the book of which the file says for the first time that nothing is open any more."""
    if loading.is_dry_run:
        return []
    staged = loading.staged
    is_same = and_(
        receivables.c.issuer == staged.c.receivable_issuer, receivables.c.number == staged.c.receivable_number
    )
    now_open = func.coalesce(staged.c.receivable_open_amount, receivables.c.open_amount)
    rows = loading.db.execute(
        select(receivables.c.id, literal(0))
        .select_from(staged.join(receivables, is_same))
        .where(receivables.c.open_amount != 0, now_open == 0)
        .order_by(receivables.c.id)
    ).all()
    return [Changed(kind="receivable.settled", subject_type="receivable", subject_id=row) for row, _ in rows]
