"""Ending by hand a case in which nothing is left to do: a person says which of its ends it came to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from core.actor import Actor
from core.errors import TaktasError, did_you_mean
from models import work
from models.work import CaseStatus
from standards.lists import code_of
from standards.process import Transition
from tasks.advancing.advance import advance
from tasks.advancing.course import Course, Effects, open_course
from tasks.advancing.ending import end_case
from tasks.desk.case_views import visible_cases
from tasks.desk.completing import Completion
from tasks.desk.noting import reason_code
from tasks.record.rows import NoSuchCase, lock_case

_case = work.cases.c
_WAITING_PARENT = (
    select(work.waits.c.case_id)
    .join(work.cases, _case.parent_id == work.waits.c.case_id)
    .where(
        _case.id == bindparam("case_id"),
        work.waits.c.kind == "child",
        work.waits.c.ended_at.is_(None),
        work.waits.c.step == _case.parent_step,
        work.waits.c.member == _case.parent_member,
        work.waits.c.round == _case.parent_round,
    )
)


class CannotEndCase(TaktasError):
    """A case that cannot be ended by hand, or not so."""


class EndNeeded(TaktasError):
    """Somebody waits for how a case ends, and its last task is about to be cancelled."""


def end_by_hand(
    db: Connection, actor: Actor, *, case_id: int, end: str, reason: str | None = None, at: datetime
) -> Completion:
    """End a case in which nothing is left to do, as one of the ends its process has.

    Whatever waits for it hears, and what that end starts begins. Raises: NoSuchCase, CannotEndCase.
    """
    seen = db.execute(select(_case.id).where(_case.id == case_id, visible_cases(db, actor))).first()
    if seen is None:
        raise NoSuchCase(f"There is no case {case_id} on your lists. `taktas cases list` shows those there are.")
    row = lock_case(db, case_id)
    if row.status != CaseStatus.RUNNING.value:
        raise CannotEndCase(f"Cannot end case {case_id}: it has ended as {row.end_code} already.")
    course = open_course(db, actor, row, at=at)
    alive = course.alive()
    if alive:
        steps = ", ".join(dict.fromkeys(one.place.step.replace("_", " ") for one in alive))
        raise CannotEndCase(
            f"Cannot end case {case_id} by hand: {steps} is still under way. Finish or cancel that first; "
            f"a case that was an error is voided (taktas cases void {case_id})."
        )
    _end(course, end, reason)
    return Completion.of(course.effects)


def end_stranded(db: Connection, actor: Actor, stranded: list[int], end: str, *, at: datetime) -> Effects:
    """End cases that have just lost their last task. Raises: CannotEndCase."""
    effects = Effects()
    for case_id in stranded:
        _end(open_course(db, actor, lock_case(db, case_id), at=at, effects=effects), end, None)
    return effects


def _end(course: Course, end: str, reason: str | None) -> None:
    code, case = checked_end(course, end), course.case
    why = None
    if reason:
        why = reason_code(
            course.db,
            course.actor,
            reason,
            listed="end_reasons",
            what=f"Ending case {case.id}",
            on_type="case",
            on_id=case.id,
            client_id=case.client_id,
            at=course.at,
        )
    end_case(course, Transition(end=code, reason=why))
    advance(course)


def checked_end(course: Course, end: str) -> str:
    """The end a person meant. Raises: CannotEndCase."""
    code, ends = code_of(end), course.process.ends
    if code not in ends:
        hint = did_you_mean(code, ends) or "."
        known = ", ".join(name.replace("_", " ") for name in ends)
        raise CannotEndCase(f"{course.process.name} has no end {end!r}{hint} It ends as one of: {known}.")
    return code


def need_an_end(db: Connection, actor: Actor, what: str, stranded: list[int], *, at: datetime) -> None:
    """Refuse to leave a case with nothing to do for whose end another waits. Raises: EndNeeded."""
    for case_id in stranded:
        parent_id = db.execute(_WAITING_PARENT, {"case_id": case_id}).scalar()
        if parent_id is not None:
            ends = open_course(db, actor, lock_case(db, case_id), at=at).process.ends
            known = " or ".join(name.replace("_", " ") for name in ends)
            raise EndNeeded(
                f"{what} is the last thing to do in case {case_id}, and case {parent_id} waits for how that ends. "
                f"Say how it ends: --end, one of {known}."
            )
