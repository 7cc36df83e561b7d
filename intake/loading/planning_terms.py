"""Which row of a file is which term of the book: by sequence, by start, or the newest term of its policy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from intake.loading.cargo import Loading, Rows
from models.contracts import insurers, policies, terms

POLICY = ("policy_insurer", "policy_number")
BY_SEQUENCE, BY_START = "term_sequence", "term_starts_on"


def plan_terms(loading: Loading, planned: Table) -> None:
    """Fill `planned` with the term of each row, and refuse rows whose term cannot be told."""
    refuse_contradictions(loading)
    if BY_START in _key_names(loading):
        _refuse_overlaps_in_file(loading)
        _refuse_overlaps_in_book(loading)
    rows = _placed_rows(loading)
    loading.db.execute(insert(planned).from_select(["row", "first_row", "term_id", "sequence"], rows))
    _refuse_impossible(loading, planned)
    loading.db.execute(delete(planned).where(planned.c.row.not_in(select(loading.staged.c.row))))


def _key_names(loading: Loading) -> list[str]:
    return [path.replace(".", "_") for path in loading.key]


def refuse_contradictions(loading: Loading) -> None:
    """Several rows may bring several objects of one term; apart from those they must agree."""
    staged = loading.staged
    first = func.min(staged.c.row).over(partition_by=[staged.c[name] for name in _key_names(loading)])
    seen = select(staged.c.row, first.label("first")).subquery("seen")
    earlier = staged.alias("earlier")
    compared = [name for name in _names(staged) if name != "row" and not name.startswith("object_")]
    has_object = or_(staged.c.object_plate.is_not(None), staged.c.object_label.is_not(None))
    differs = [staged.c[name].is_distinct_from(earlier.c[name]) for name in compared]
    question: Rows = (
        select(seen.c.row, seen.c.first, *differs)
        .select_from(seen.join(staged, staged.c.row == seen.c.row).join(earlier, earlier.c.row == seen.c.first))
        .where(seen.c.row != seen.c.first, or_(~has_object, *differs))
        .order_by(seen.c.row)
    )
    reasons: dict[int, str] = {}
    for found in loading.db.execute(question):
        row, first_row, *different = tuple(found)
        names = [name for name, is_other in zip(compared, different, strict=True) if is_other]
        said = f"and says otherwise in {', '.join(loading.heading(name) for name in names)}" if names else "already"
        reasons[row] = f"row {first_row} is about the same term {said}"
    loading.refuse(reasons, "policy_number")


def _names(staged: Table) -> list[str]:
    return [column.name for column in staged.c]


def known_policy(staged: FromClause) -> FromClause:
    """Each staged row beside its policy in the book, where there is one."""
    with_insurer = staged.outerjoin(insurers, insurers.c.code == staged.c.policy_insurer)
    is_same = and_(policies.c.insurer_id == insurers.c.id, policies.c.number == staged.c.policy_number)
    return with_insurer.outerjoin(policies, is_same)


def _begins_alike(staged: FromClause) -> ColumnElement[bool]:
    """A term known without its start is recognised by its end."""
    return or_(
        terms.c.starts_on == staged.c.term_starts_on,
        and_(terms.c.starts_on.is_(None), terms.c.expires_on == staged.c.term_expires_on),
    )


def _refuse_overlaps_in_file(loading: Loading) -> None:
    staged, other = loading.staged, loading.staged.alias("other")
    until = func.least(other.c.term_expires_on, other.c.term_ended_on)
    same_policy = and_(*(staged.c[name] == other.c[name] for name in POLICY))
    begun_before = and_(other.c.term_starts_on < staged.c.term_starts_on, until > staged.c.term_starts_on)
    overlapping = (
        select(staged.c.row, func.min(other.c.row))
        .select_from(staged.join(other, and_(same_policy, begun_before)))
        .group_by(staged.c.row)
    )
    found = loading.db.execute(overlapping.order_by(staged.c.row)).all()
    reasons = {row: f"the term begins before the one of row {before} is over" for row, before in found}
    loading.refuse(reasons, BY_START)


def _refuse_overlaps_in_book(loading: Loading) -> None:
    """A new term begins when those before are over; else a start was corrected, which needs the sequence to be told."""
    staged, brought, same = loading.staged, loading.staged.alias("brought"), terms.alias("same")
    until = func.least(terms.c.expires_on, terms.c.ended_on)
    is_brought = exists(
        select(1).where(
            *(brought.c[name] == staged.c[name] for name in POLICY), brought.c.term_starts_on == terms.c.starts_on
        )
    )
    is_known = exists(
        select(1).where(
            same.c.policy_id == policies.c.id,
            or_(
                same.c.starts_on == staged.c.term_starts_on,
                and_(same.c.starts_on.is_(None), same.c.expires_on == staged.c.term_expires_on),
            ),
        )
    )
    overlapping = (
        select(staged.c.row, func.max(until))
        .select_from(known_policy(staged).join(terms, terms.c.policy_id == policies.c.id))
        .where(until > staged.c.term_starts_on, ~is_known, ~is_brought)
        .group_by(staged.c.row)
    )
    found = loading.db.execute(overlapping.order_by(staged.c.row)).all()
    reasons = {
        row: f"the policy is covered until {covered_to} already, so this is neither a known term nor the next one; "
        "if a start was corrected, bring term.sequence and make it part of the key"
        for row, covered_to in found
    }
    loading.refuse(reasons, BY_START)


def _newest_terms() -> Subquery:
    return (
        select(terms.c.policy_id, func.max(terms.c.sequence).label("sequence")).group_by(terms.c.policy_id).subquery()
    )


def _placed_rows(loading: Loading) -> Rows:
    """Row, first row about the same term, the term when it is in the book, and its sequence."""
    staged, newest, names = loading.staged, _newest_terms(), _key_names(loading)
    is_same = terms.c.sequence == newest.c.sequence
    if BY_SEQUENCE in names:
        is_same = terms.c.sequence == staged.c.term_sequence
    elif BY_START in names:
        is_same = _begins_alike(staged)
    joined = (
        known_policy(staged)
        .outerjoin(newest, newest.c.policy_id == policies.c.id)
        .outerjoin(terms, and_(terms.c.policy_id == policies.c.id, is_same))
    )
    first_row = func.min(staged.c.row).over(partition_by=[staged.c[name] for name in names])
    new = staged.c.term_sequence if BY_SEQUENCE in names else _next_sequence(staged, newest)
    return select(staged.c.row, first_row, terms.c.id, func.coalesce(terms.c.sequence, new)).select_from(joined)


def _next_sequence(staged: Table, newest: Subquery) -> ColumnElement[Any]:
    """New terms of a policy are numbered in the order of their starts, after those in the book."""
    of_policy = [staged.c[name] for name in POLICY]
    order = (staged.c.term_starts_on, staged.c.term_expires_on)
    place = func.dense_rank().over(partition_by=[*of_policy, terms.c.id.is_(None)], order_by=order)
    return func.coalesce(newest.c.sequence, 0) + place


def _refuse_impossible(loading: Loading, planned: Table) -> None:
    """What the row and the book together say must make sense."""
    staged = loading.staged
    joined = staged.join(planned, planned.c.row == staged.c.row).outerjoin(terms, terms.c.id == planned.c.term_id)
    begins = func.coalesce(staged.c.term_starts_on, terms.c.starts_on)
    _refuse(
        loading, joined, begins > staged.c.term_expires_on, "term_expires_on", "the term would end before it begins"
    )
    has_premium = or_(*(staged.c[f"term_premium_{part}"].is_not(None) for part in ("net", "tax", "levies", "gross")))
    for name, what in (("period", "premium_period"), ("currency", "currency")):
        missing = func.coalesce(staged.c[f"term_{what}"], terms.c[what]).is_(None)
        reason = f"the premium has no {name}, and it is never guessed"
        _refuse(loading, joined, and_(has_premium, missing), f"term_{what}", reason)


def _refuse(loading: Loading, joined: FromClause, condition: ColumnElement[bool], staged: str, reason: str) -> None:
    rows = loading.db.scalars(select(loading.staged.c.row).select_from(joined).where(condition)).all()
    loading.refuse(dict.fromkeys(sorted(rows), reason), staged)
