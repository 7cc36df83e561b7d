"""What an import changes that running cases must hear: reported as happenings, never acted upon here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from intake.loading.cargo import Loading, Rows
from intake.loading.planning_terms import known_policy
from models.contracts import policies, terms
from tasks.beat.happening import report


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that befell a subject; `at`: when, where that is not the moment of the import."""

    kind: str
    subject_type: str
    subject_id: int
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def report_changes(loading: Loading, changes: Iterable[Changed]) -> None:
    """Once per import, subject and moment."""
    for change in changes:
        when = f":{change.at.isoformat()}" if change.at else ""
        report(
            loading.db,
            kind=change.kind,
            subject_type=change.subject_type,
            subject_id=change.subject_id,
            at=change.at or loading.at,
            key=f"{loading.batch}:{change.kind}:{change.subject_id}{when}",
            data=change.data,
            reported_by=loading.actor.employee_id,
        )


def changed_terms(loading: Loading, planned: Table) -> list[Changed]:
    """What the staged rows are about to change about terms and policies in the book; nothing in a dry run."""
    if loading.is_dry_run:
        return []
    return [
        *_corrected(loading, planned),
        *_ended(loading, planned),
        *_noticed(loading, planned),
        *_cancelled(loading),
    ]


def new_notices(loading: Loading, planned: Table) -> list[Changed]:
    """Terms that have just come into the book, still run, and whose client has given notice already."""
    if loading.is_dry_run:
        return []
    staged = loading.staged
    is_first = and_(planned.c.row == staged.c.row, planned.c.row == planned.c.first_row)
    is_term = and_(terms.c.policy_id == policies.c.id, terms.c.sequence == planned.c.sequence)
    rows = loading.db.execute(
        select(terms.c.id, terms.c.notice_received_on)
        .select_from(known_policy(staged).join(planned, is_first).join(terms, is_term))
        .where(planned.c.term_id.is_(None), terms.c.notice_received_on.is_not(None), terms.c.ended_on.is_(None))
        .where(terms.c.expires_on >= loading.today)
        .order_by(terms.c.id)
    ).all()
    return [_notice(*row) for row in rows]


def _notice(term: int, day: date) -> Changed:
    return Changed(kind="term.notice_received", subject_type="term", subject_id=term, data={"notice_received_on": day})


def _known(loading: Loading, planned: Table, *columns: Any) -> Rows:
    staged = loading.staged
    is_first = and_(planned.c.row == staged.c.row, planned.c.row == planned.c.first_row)
    joined = staged.join(planned, is_first).join(terms, terms.c.id == planned.c.term_id)
    return select(terms.c.id, *columns).select_from(joined).order_by(terms.c.id)


def _corrected(loading: Loading, planned: Table) -> list[Changed]:
    after = loading.staged.c.term_expires_on
    rows = loading.db.execute(
        _known(loading, planned, terms.c.expires_on, after).where(terms.c.expires_on != after)
    ).all()
    kind = "term.expiry_corrected"
    return [
        Changed(kind=kind, subject_type="term", subject_id=row[0], data={"from": row[1], "to": row[2]}) for row in rows
    ]


def _ended(loading: Loading, planned: Table) -> list[Changed]:
    ended_on = loading.staged.c.term_ended_on
    rows = loading.db.execute(
        _known(loading, planned, ended_on).where(terms.c.ended_on.is_(None), ended_on.is_not(None))
    ).all()
    return [
        Changed(kind="term.ended", subject_type="term", subject_id=row[0], data={"ended_on": row[1]}) for row in rows
    ]


def _noticed(loading: Loading, planned: Table) -> list[Changed]:
    day = loading.staged.c.term_notice_received_on
    rows = loading.db.execute(
        _known(loading, planned, day).where(terms.c.notice_received_on.is_(None), day.is_not(None))
    ).all()
    return [_notice(*row) for row in rows]


def _cancelled(loading: Loading) -> list[Changed]:
    staged = loading.staged
    rows = loading.db.execute(
        select(policies.c.id, staged.c.policy_cancelled_on)
        .select_from(known_policy(staged))
        .where(policies.c.cancelled_on.is_(None), staged.c.policy_cancelled_on.is_not(None), policies.c.id.is_not(None))
        .ext(distinct_on(policies.c.id))
        .order_by(policies.c.id, staged.c.term_expires_on.desc())
    ).all()
    return [
        Changed(kind="policy.cancelled", subject_type="policy", subject_id=policy, data={"cancelled_on": day})
        for policy, day in rows
    ]
