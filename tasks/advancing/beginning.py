"""The beginning of a case: its row, unique by process, subject, cycle and attempt, and the steps it opens with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.actor import Actor
from models import work
from standards.process import Route, StepKind
from tasks.advancing.course import Course, Effects, Enter
from tasks.advancing.history import History
from tasks.facts.computed import AsOf
from tasks.facts.fields import client_and_campaign
from tasks.handbooks import handbook
from tasks.record.cycle import START, cycle_number
from tasks.record.ledger import Ledger
from tasks.record.rows import CASE_COLUMNS, CaseRow

_INSERT = (
    insert(work.cases)
    .on_conflict_do_nothing(index_elements=["subject_type", "subject_id", "process_id", "cycle_id", "attempt"])
    .returning(*CASE_COLUMNS)
)
_OWN_NUMBER = select(func.nextval(func.pg_get_serial_sequence("happenings", "id")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A case that is to begin: of which version, about what, in which cycle, and for which parent."""

    process_id: int
    version_id: int
    subject_type: str
    subject_id: int
    cycle_id: int | None = None
    attempt: int = 1
    assignee_id: int | None = None
    routes: tuple[Route, ...] = ()
    reason: str | None = None
    parent_id: int | None = None
    parent_step: str | None = None
    parent_member: str | None = None
    parent_round: int | None = None


def begin(db: Connection, actor: Actor, birth: Birth, *, at: datetime, effects: Effects) -> Course | None:
    """Write the case and put its first steps on the agenda; None when there is one in this cycle already."""
    process = handbook.process_version(db, birth.version_id)
    client_id, _ = client_and_campaign(db, birth.subject_type, birth.subject_id, at)
    cycle_id = birth.cycle_id if birth.cycle_id is not None else cycle_of(db, birth, at)
    row = db.execute(_INSERT, _row(birth, cycle_id, client_id, at)).first()
    if row is None:
        return None
    course = Course(
        db=db,
        actor=actor,
        at=at,
        case=CaseRow(*row),
        process=process,
        history=History(),
        ledger=Ledger(actor=actor, at=at, last=0, case_id=row.id),
        effects=effects,
        first_assignee_id=birth.assignee_id,
        first_routes=birth.routes,
    )
    effects.started.append(row.id)
    _come_to_first_steps(course, birth)
    return course


def cycle_of(db: Connection, birth: Birth, at: datetime) -> int:
    """The cycle a case beginning now belongs to, unless one is named."""
    if birth.cycle_id is not None:
        return birth.cycle_id
    cycle = handbook.process_version(db, birth.version_id).cycle
    _, campaign_id = client_and_campaign(db, birth.subject_type, birth.subject_id, at)
    own = db.execute(_OWN_NUMBER).scalar_one() if cycle == START else 0
    day = AsOf.of(at).day
    return cycle_number(cycle, subject_id=birth.subject_id, campaign_id=campaign_id, day=day, own_start=own)


def _row(birth: Birth, cycle_id: int, client_id: int | None, at: datetime) -> dict[str, Any]:
    return {
        "process_id": birth.process_id,
        "version_id": birth.version_id,
        "subject_type": birth.subject_type,
        "subject_id": birth.subject_id,
        "cycle_id": cycle_id,
        "attempt": birth.attempt,
        "client_id": client_id,
        "started_at": at,
        "parent_id": birth.parent_id,
        "parent_step": birth.parent_step,
        "parent_member": birth.parent_member,
        "parent_round": birth.parent_round,
    }


def _come_to_first_steps(course: Course, birth: Birth) -> None:
    """The first event of a case that begins with a person's work is written with its task, else at once."""
    first = course.step(course.process.begin[0])
    if first.kind is not StepKind.TASK or first.for_each is not None or birth.reason is not None:
        course.note("case.started", reason=birth.reason)
    course.agenda.extend(Enter(name) for name in course.process.begin)
