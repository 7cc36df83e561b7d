"""Terms whose last day is over: nobody does anything to them then, so the beat reports that they have ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Text, bindparam, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.clock import zone
from core.settings import settings
from models import contracts, work
from models.work import CaseStatus
from tasks.handbooks import handbook

KIND = "term.ended"
LOOKS_BACK = timedelta(days=45)
"""How long after its end a term without a case can still begin one, where a process starts with the end of a term."""

_term, _case, _happening = contracts.terms.c, work.cases.c, work.happenings.c
_KEY: Any = literal(f"{KIND}:") + cast(_term.id, Text) + ":" + cast(_term.expires_on, Text)
_IS_WORKED_ON = exists().where(
    _case.subject_type == "term", _case.subject_id == _term.id, _case.status == CaseStatus.RUNNING.value
)
_MIDNIGHT = func.timezone(bindparam("zone"), cast(_term.expires_on + 1, DateTime), type_=DateTime(timezone=True))
_ENDED = select(_KEY, literal(KIND), literal("term"), _term.id, _MIDNIGHT).where(
    _term.expires_on < bindparam("today", type_=Date),
    _term.ended_on.is_(None),  # whoever writes down an earlier end reports it
    or_(_IS_WORKED_ON, _term.expires_on >= bindparam("since", type_=Date)),
    ~exists().where(_happening.key == _KEY),
)
_INSERT = (
    insert(work.happenings)
    .from_select(["key", "kind", "subject_type", "subject_id", "at"], _ENDED)
    .on_conflict_do_nothing(index_elements=["key"])
)


def report_ended_terms(db: Connection, at: datetime) -> None:
    """Report, once, every term that has run out and that somebody works on or could begin to work on because of it."""
    today = at.astimezone(zone(settings().zone)).date()
    since = today - LOOKS_BACK if _begins_cases(db) else today
    db.execute(_INSERT, {"zone": settings().zone, "today": today, "since": since})


def _begins_cases(db: Connection) -> bool:
    starts = (start for published in handbook.current_processes(db) for start in published.process.starts)
    return any(start.happening == KIND for start in starts)
