"""Terms whose last day is over: nobody does anything to them then, so the beat reports that they have ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Text, bindparam, cast, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import zone
from core.settings import settings
from models import contracts, work
from models.work import CaseStatus
from tasks.handbooks import handbook

KIND = "term.ended"
LOOKS_BACK = timedelta(days=45)
"""How long after its end a term without a case can still begin one, where a process starts with the end of a term."""
MOST = 10_000
"""Terms dealt with at once."""

_term, _case = contracts.terms.c, work.cases.c
_NOT_TOLD = (
    select(_term.id)
    .where(
        _term.expires_on < bindparam("today", type_=Date),
        _term.ended_on.is_(None),  # whoever writes down an earlier end reports it
        _term.end_told_for.is_distinct_from(_term.expires_on),
    )
    .order_by(_term.expires_on)
    .limit(MOST)
)
_RAN_OUT = (
    update(contracts.terms)
    .where(_term.id.in_(_NOT_TOLD.with_for_update(skip_locked=True)))
    .values(end_told_for=_term.expires_on)
    .returning(_term.id, _term.expires_on)
    .cte("ran_out")
)
_ended = _RAN_OUT.c
_KEY: Any = literal(f"{KIND}:") + cast(_ended.id, Text) + ":" + cast(_ended.expires_on, Text)
_IS_WORKED_ON = exists().where(
    _case.subject_type == "term", _case.subject_id == _ended.id, _case.status == CaseStatus.RUNNING.value
)
_MIDNIGHT = func.timezone(bindparam("zone"), cast(_ended.expires_on + 1, DateTime), type_=DateTime(timezone=True))
_TOLD = (
    insert(work.happenings)
    .from_select(
        ["key", "kind", "subject_type", "subject_id", "at"],
        select(_KEY, literal(KIND), literal("term"), _ended.id, _MIDNIGHT).where(
            or_(_IS_WORKED_ON, _ended.expires_on >= bindparam("since", type_=Date))
        ),
    )
    .on_conflict_do_nothing(index_elements=["key"])
    .cte("told")
)
_TELL = select(func.count()).select_from(_RAN_OUT).add_cte(_TOLD)
_ANY = select(exists(_NOT_TOLD.order_by(None).limit(1)))


def report_ended_terms(db: Connection, at: datetime) -> bool:
    """Report every term that has run out and that somebody works on or could begin to work on because of it, once.

    Each is looked at once for each expiry it has; what nobody works on then stays silent. Returns whether there may be
    more than were dealt with now.
    """
    today = at.astimezone(zone(settings().zone)).date()
    if not db.execute(_ANY, {"today": today}).scalar_one():
        return False
    since = today - LOOKS_BACK if _begins_cases(db) else today
    dealt_with: int = db.execute(_TELL, {"zone": settings().zone, "today": today, "since": since}).scalar_one()
    return dealt_with == MOST


def _begins_cases(db: Connection) -> bool:
    starts = (start for published in handbook.current_processes(db) for start in published.process.starts)
    return any(start.happening == KIND for start in starts)
