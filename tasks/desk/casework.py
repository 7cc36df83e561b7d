"""What a person does to a whole case: starting it by hand, voiding it when it was an error."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from core.actor import Actor
from core.errors import TaktasError
from models import work
from models.work import CaseStatus
from tasks.advancing.advance import advance
from tasks.advancing.beginning import Birth, begin, cycle_of
from tasks.advancing.course import Effects, open_course
from tasks.advancing.ending import VOID, close_case
from tasks.desk.completing import Completion
from tasks.desk.noting import reason_code
from tasks.facts.fields import facts_of_many
from tasks.handbooks import handbook
from tasks.handbooks.handbook import PublishedProcess
from tasks.record.rows import lock_case

_case = work.cases.c
_LAST_ATTEMPT = (
    select(_case.id, _case.attempt, _case.status, _case.end_code)
    .where(
        _case.subject_type == bindparam("subject_type"),
        _case.subject_id == bindparam("subject_id"),
        _case.process_id == bindparam("process_id"),
        _case.cycle_id == bindparam("cycle_id"),
    )
    .order_by(_case.attempt.desc())
    .limit(1)
)


class CannotStartCase(TaktasError):
    """A case that cannot begin."""


class CannotVoidCase(TaktasError):
    """A case that cannot be voided."""


def start_case(
    db: Connection,
    actor: Actor,
    *,
    process: str,
    subject_type: str,
    subject_id: int,
    at: datetime,
    cycle_id: int | None = None,
    assignee_id: int | None = None,
    reason: str | None = None,
) -> int:
    """Start a case by hand; `assignee_id` gets its first task. Returns its number.

    A subject has one case in a cycle; after a void one, another attempt needs a reason. Raises: NotPublished,
    CannotStartCase, ReasonMissing, and what its first steps refuse.
    """
    published = handbook.current(db, process)
    _check_subject(db, published, subject_type, subject_id, at)
    birth = Birth(
        process_id=published.process_id,
        version_id=published.version_id,
        subject_type=subject_type,
        subject_id=subject_id,
        cycle_id=cycle_id,
        assignee_id=assignee_id,
    )
    birth = replace(birth, cycle_id=cycle_of(db, birth, at))
    before = db.execute(_LAST_ATTEMPT, _key(birth)).first()
    if before is not None:
        birth = _again(db, actor, published, birth, before=before, reason=reason, at=at)
    course = begin(db, actor, birth, at=at, effects=Effects())
    if course is None:
        raise _already(published, birth, "somebody else has just started one")
    advance(course)
    return course.case.id


def _check_subject(
    db: Connection, published: PublishedProcess, subject_type: str, subject_id: int, at: datetime
) -> None:
    wanted = published.process.subject
    if subject_type != wanted:
        raise CannotStartCase(
            f"Cannot start {published.process.name} for a {subject_type}: it is about a {wanted}. Name a {wanted}."
        )
    if subject_id not in facts_of_many(db, subject_type, [subject_id], [], at):
        raise CannotStartCase(
            f"Cannot start {published.process.name}: there is no {subject_type} {subject_id}. Check its number."
        )


def _key(birth: Birth) -> dict[str, Any]:
    return {
        "subject_type": birth.subject_type,
        "subject_id": birth.subject_id,
        "process_id": birth.process_id,
        "cycle_id": birth.cycle_id,
    }


def _again(
    db: Connection,
    actor: Actor,
    published: PublishedProcess,
    birth: Birth,
    *,
    before: Any,
    reason: str | None,
    at: datetime,
) -> Birth:
    if before.status == CaseStatus.RUNNING.value:
        raise _already(published, birth, f"case {before.id} is running")
    if before.end_code != VOID:
        raise _already(published, birth, f"case {before.id} has ended as {before.end_code}")
    code = reason_code(
        db,
        actor,
        reason or "",
        listed="restart_reasons",
        what=f"Starting {published.process.name} again after the void case {before.id}",
        on_type="case",
        on_id=before.id,
        client_id=None,
        at=at,
    )
    return replace(birth, attempt=before.attempt + 1, reason=code)


def _already(published: PublishedProcess, birth: Birth, why: str) -> CannotStartCase:
    return CannotStartCase(
        f"Cannot start {published.process.name} for {birth.subject_type} {birth.subject_id} a second time in this "
        f"cycle: {why}. Work on that case; if it was an error, void it first."
    )


def void(db: Connection, actor: Actor, *, case_id: int, reason: str, at: datetime) -> Completion:
    """End a case that was an error or a duplicate; it counts nowhere. A reason is needed.

    Raises: NoSuchCase, CannotVoidCase, ReasonMissing.
    """
    row = lock_case(db, case_id)
    if not row.is_running:
        raise CannotVoidCase(
            f"Cannot void case {case_id}: it has ended as {row.end_code}. If an outcome was wrong, correct that task."
        )
    code = reason_code(
        db,
        actor,
        reason,
        listed="void_reasons",
        what=f"Voiding case {case_id}",
        on_type="case",
        on_id=case_id,
        client_id=row.client_id,
        at=at,
    )
    course = open_course(db, actor, row, at=at)
    close_case(course, VOID, success=None, reason=code, kind="case.voided")
    advance(course)
    return Completion.of(course.effects)
