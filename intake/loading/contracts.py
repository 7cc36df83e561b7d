"""Policies into the book, with their terms, programmes and insured objects; and what that tells running cases."""

from __future__ import annotations

from sqlalchemy import FromClause, Table, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from intake.loading.cargo import Loading, Rows
from intake.loading.happening_reports import changed_terms, new_notices, report_changes
from intake.loading.parties import check_clients, load_clients, placed_by_us_means_existing
from intake.loading.planning_terms import known_policy, plan_terms
from intake.loading.reference import declare_codes
from intake.loading.upserting import ORDER, Upsert, id_of, upsert
from models.contracts import insured_objects, insurers, policies, product_lines, programmes, terms
from models.parties import parties

POLICY_COLUMNS = ("channel", "first_started_on", "cancelled_on", "cancel_reason")
TERM_COLUMNS = (
    *("starts_on", "expires_on", "is_estimated", "placed", "renews", "notice_by", "notice_received_on", "stage"),
    *("premium_net", "premium_tax", "premium_levies", "premium_gross", "premium_period", "currency", "instalments"),
    *("ended_on", "end_reason"),
)


def load_policies(loading: Loading, planned: Table) -> None:
    """Everything the staged rows say; first all that can be refused, then all that is written."""
    declare_codes(loading)
    _refuse_unknown(loading)
    check_clients(loading)
    _refuse_undescribed_programmes(loading)
    staged = loading.staged
    reason = "the cover of the object would end before it begins"
    loading.refuse_where(staged.c.object_covered_from > staged.c.object_covered_to, "object_covered_to", reason)
    plan_terms(loading, planned)
    load_clients(loading, standing=placed_by_us_means_existing(loading))
    load_programmes(loading)
    changed = changed_terms(loading, planned)
    upsert(loading, _policies(loading))
    upsert(loading, _terms(loading, planned))
    if not loading.is_dry_run:
        _link_renewals(loading, planned)
    if loading.brings("object_plate") or loading.brings("object_label"):
        upsert(loading, _objects(loading, planned))
    report_changes(loading, [*changed, *new_notices(loading, planned)])


def _refuse_unknown(loading: Loading) -> None:
    loading.refuse_unknown(
        "policy_insurer",
        insurers.c.code,
        "insurer",
        "Import insurers first, or declare it in the mapping under insurers.",
        also=loading.insurers,
    )
    loading.refuse_unknown(
        "policy_product_line",
        product_lines.c.code,
        "product line",
        "Import product lines first, or declare it in the mapping under product lines.",
        also=loading.product_lines,
    )


def _refuse_undescribed_programmes(loading: Loading) -> None:
    staged = loading.staged
    is_new = ~exists(select(1).where(programmes.c.number == staged.c.programme_number))
    undescribed = or_(staged.c.programme_kind.is_(None), staged.c.programme_name.is_(None))
    loading.refuse_where(
        and_(staged.c.programme_number.is_not(None), is_new, undescribed),
        "programme_number",
        "the programme is new, so programme.kind and programme.name are needed; or import programmes first",
    )


def load_programme_file(loading: Loading) -> None:
    """A file of programmes; clients who are not in the book come in with it."""
    loading.refuse_repeated(("programme_number",), "programme")
    check_clients(loading)
    load_clients(loading)
    load_programmes(loading)


def load_programmes(loading: Loading) -> None:
    """The programmes the staged rows name; a programme belongs to the client of its first row."""
    staged = loading.staged
    rows = (
        select(
            staged.c.programme_number.label("number"),
            id_of(parties, staged.c.client_number).label("client_id"),
            staged.c.programme_kind.label("kind"),
            staged.c.programme_name.label("name"),
            staged.c.row.label(ORDER),
        )
        .select_from(staged.outerjoin(parties, parties.c.number == staged.c.client_number))
        .where(staged.c.programme_number.is_not(None))
        .ext(distinct_on(staged.c.programme_number))
        .order_by(staged.c.programme_number, staged.c.row)
    )
    if loading.brings("programme_number"):
        upsert(loading, Upsert(name="programmes", table=programmes, rows=rows, key=("number",), prefix="programme"))


def _policies(loading: Loading) -> Upsert:
    """One row per policy: the one with its last term."""
    staged = loading.staged
    joined = (
        staged.outerjoin(insurers, insurers.c.code == staged.c.policy_insurer)
        .outerjoin(parties, parties.c.number == staged.c.client_number)
        .outerjoin(product_lines, product_lines.c.code == staged.c.policy_product_line)
        .outerjoin(programmes, programmes.c.number == staged.c.programme_number)
    )
    rows = (
        select(
            insurers.c.id.label("insurer_id"),
            staged.c.policy_number.label("number"),
            id_of(parties, staged.c.client_number).label("client_id"),
            id_of(product_lines, staged.c.policy_product_line).label("product_line_id"),
            id_of(programmes, staged.c.programme_number).label("programme_id"),
            *(staged.c[f"policy_{name}"].label(name) for name in POLICY_COLUMNS),
            staged.c.row.label(ORDER),
        )
        .select_from(joined)
        .ext(distinct_on(staged.c.policy_insurer, staged.c.policy_number))
        .order_by(staged.c.policy_insurer, staged.c.policy_number, staged.c.term_expires_on.desc(), staged.c.row)
    )
    return Upsert(name="policies", table=policies, rows=rows, key=("insurer_id", "number"), prefix="policy")


def _with_policy(loading: Loading, planned: Table) -> FromClause:
    is_planned = planned.c.row == loading.staged.c.row
    return known_policy(loading.staged).join(planned, is_planned)


def _terms(loading: Loading, planned: Table) -> Upsert:
    staged = loading.staged
    rows: Rows = (
        select(
            policies.c.id.label("policy_id"),
            planned.c.sequence.label("sequence"),
            *(staged.c[f"term_{name}"].label(name) for name in TERM_COLUMNS),
            staged.c.row.label(ORDER),
        )
        .select_from(_with_policy(loading, planned))
        .where(planned.c.row == planned.c.first_row)
    )
    defaults = {
        "is_estimated": False,
        "placed": "by_us",
        "renews": "by_offer",
        "stage": "in_force",
        "instalments": 1,
    }
    key = ("policy_id", "sequence")
    return Upsert(name="terms", table=terms, rows=rows, key=key, prefix="term", defaults=defaults)


def _link_renewals(loading: Loading, planned: Table) -> None:
    """A term that follows another of the same policy renews it."""
    before = terms.alias("before")
    added = (
        select(terms.c.id)
        .select_from(_with_policy(loading, planned).join(terms, terms.c.policy_id == policies.c.id))
        .where(planned.c.term_id.is_(None), terms.c.sequence == planned.c.sequence, terms.c.sequence > 1)
    )
    loading.db.execute(
        update(terms)
        .values(renewed_term_id=before.c.id)
        .where(
            terms.c.id.in_(added),
            terms.c.renewed_term_id.is_(None),
            before.c.policy_id == terms.c.policy_id,
            before.c.sequence == terms.c.sequence - 1,
        )
    )


def _objects(loading: Loading, planned: Table) -> Upsert:
    """One row per object of a term; a plate, else kind and label, tell it apart: a row with neither brings none."""
    staged = loading.staged
    kind = func.coalesce(staged.c.object_kind, "other")
    label = func.coalesce(staged.c.object_label, staged.c.object_plate)
    is_term = and_(terms.c.policy_id == policies.c.id, terms.c.sequence == planned.c.sequence)
    identity = func.coalesce(staged.c.object_plate, kind + ":" + label)
    rows = (
        select(
            terms.c.id.label("term_id"),
            kind.label("kind"),
            label.label("label"),
            *(staged.c[f"object_{name}"].label(name) for name in ("plate", "covered_from", "covered_to", "facts")),
            staged.c.row.label(ORDER),
        )
        .select_from(_with_policy(loading, planned).outerjoin(terms, is_term))
        .where(or_(staged.c.object_plate.is_not(None), staged.c.object_label.is_not(None)))
        .ext(distinct_on(planned.c.first_row, identity))
        .order_by(planned.c.first_row, identity, staged.c.row)
    )
    return Upsert(
        name="insured objects",
        table=insured_objects,
        rows=rows,
        key=("term_id",),
        prefix="object",
        identity=lambda each: func.coalesce(each.c.plate, each.c.kind + literal(":") + each.c.label),
    )
