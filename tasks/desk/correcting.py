"""A wrong outcome is corrected by a compensating event: the ledger keeps both, and what followed is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from core.actor import Actor
from core.errors import TaktasError
from models import work
from models.work import TaskStatus
from standards.lists import code_of
from standards.process import EVERYTHING, Transition
from tasks.advancing.advance import advance, within_limit
from tasks.advancing.course import Course, Effects, Enter, Take, open_course
from tasks.advancing.history import Place
from tasks.desk.access import check_may_change
from tasks.desk.answering import store_answers
from tasks.desk.completing import Completion, Result, check_result
from tasks.desk.consequences import Reckoning, reopen_fan, take_back
from tasks.desk.finishing import place_of
from tasks.desk.noting import reason_code
from tasks.desk.order import check_in_order
from tasks.facts.case_facts import ANSWERS
from tasks.facts.titles import name_of
from tasks.record.ledger import Entry, read_case
from tasks.record.recording import write
from tasks.record.rows import Locked, TaskRow, lock_task

_OUTCOMES = frozenset({"task.completed", "item.completed", "task.corrected"})


class CannotCorrect(TaktasError):
    """There is no wrong outcome to correct."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was withdrawn, what somebody has to look at, and what follows from the right outcome."""

    withdrawn: tuple[str, ...]
    left_for_a_person: tuple[str, ...]
    followed: Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """A case's share of a finished task: where it belongs and how it came out."""

    place: Place
    outcome: str | None
    item_id: int | None = None


def correct(
    db: Connection,
    actor: Actor,
    *,
    task_id: int,
    case_id: int | None = None,
    outcome: str,
    answers: Mapping[str, object] | None = None,
    reason: str,
    at: datetime,
) -> Correction:
    """Give a finished task the outcome it should have had.

    Letters not yet sent and successors nobody has touched are withdrawn, the rest is listed for a person; a case that
    ended with the wrong outcome lives again; what the wrong outcome cancelled begins anew. `case_id`: whose share of
    a shared task. Raises: NoSuchTask, NotYours, CannotCorrect, BeforeTheLast, ReasonMissing, and what completing
    refuses.
    """
    locked = lock_task(db, task_id)
    task = locked.task
    check_may_change(db, actor, task)
    course, share = _share(db, actor, locked, case_id, at)
    check_in_order(db, task, "correct", at)
    result = Result(outcome=code_of(outcome), answers=answers or {}, late_reason=None, spent_minutes=None)
    _check_differs(db, task, share, result, at)
    code = reason_code(
        db,
        actor,
        reason,
        listed="correction_reasons",
        what=f"Correcting task {task.id}",
        on_type="task",
        on_id=task.id,
        client_id=task.client_id,
        at=at,
    )
    reckoning = _compensate(course, task, share, result, code)
    return Correction(
        withdrawn=tuple(reckoning.withdrawn),
        left_for_a_person=tuple(reckoning.left),
        followed=Completion.of(course.effects),
    )


def _share(db: Connection, actor: Actor, locked: Locked, case_id: int | None, at: datetime) -> tuple[Course, _Share]:
    task = locked.task
    if task.status is not TaskStatus.DONE and task.case_id is not None:
        raise CannotCorrect(
            f"Cannot correct {name_of(db, task, at)} because it is {task.status.value}. "
            "Only finished work has an outcome to correct."
        )
    if not locked.cases:
        raise CannotCorrect(
            f"Cannot correct {name_of(db, task, at)}: nothing followed from it, as it belongs to no case. "
            "Add a note to it."
        )
    case = next((row for row in locked.cases if case_id in {None, row.id}), None)
    if case is None or (case_id is None and len(locked.cases) > 1):
        numbers = ", ".join(str(row.id) for row in locked.cases)
        asked = "without its case" if case_id is None else f"for case {case_id}, which has no share in it"
        raise CannotCorrect(f"Cannot correct task {task.id} {asked}. Name one of its cases: {numbers}.")
    course = open_course(db, actor, case, at=at, effects=Effects())
    if task.case_id is not None:
        return course, _Share(place=place_of(task), outcome=task.outcome)
    item = db.execute(_ITEM, {"task_id": task.id, "case_id": case.id}).first()
    if item is None:
        raise CannotCorrect(
            f"Cannot correct task {task.id} for case {case.id}: its share is not finished. Complete it instead."
        )
    return course, _Share(place=Place(item.step, item.member, item.round), outcome=item.outcome, item_id=item.id)


def _check_differs(db: Connection, task: TaskRow, share: _Share, result: Result, at: datetime) -> None:
    if share.outcome == result.outcome and not result.answers:
        raise CannotCorrect(
            f"Cannot correct {name_of(db, task, at)} to {result.outcome!r}: that is its outcome. "
            "Give another outcome, or the answers that were wrong."
        )


def _compensate(course: Course, task: TaskRow, share: _Share, result: Result, reason: str) -> Reckoning:
    entries = read_case(course.db, course.case.id)
    said = max((it for it in entries if _is_outcome(it, task, share)), key=lambda it: it.number)
    course.db.execute(
        _WITHDRAW,
        {"its_case": course.case.id, "its_task": task.id, "its_step": share.place.step, "now": course.at},
    )
    course.facts.pop(ANSWERS, None)
    step = course.step(share.place.step)
    transition, given = check_result(course, step, task, result)
    taken = course.history.was_taken(step.name, share.place.member, result.outcome or "")
    reckoning = take_back(course, [it for it in entries if it.data.get("cause") == said.number], share.place)
    event = course.note(
        "task.corrected",
        share.place,
        task_id=task.id,
        item_id=share.item_id,
        corrects=said.number,
        was=share.outcome,
        outcome=result.outcome,
        reason=reason,
        withdrawn=[[it.step, it.member, it.round] for it in reckoning.places],
        unfired=reckoning.unfired or None,
    )
    course.cause = event.number
    _write_outcome(course, task, share, result)
    store_answers(
        course.db,
        given,
        case_id=course.case.id,
        client_id=course.case.client_id,
        task_id=task.id,
        place=share.place,
        at=course.at,
    )
    course.facts.clear()
    _revive(course, within_limit(transition, taken), reckoning)
    course.agenda.append(Take(share.place, transition, taken, task))
    advance(course)
    return reckoning


def _is_outcome(entry: Entry, task: TaskRow, share: _Share) -> bool:
    return entry.kind in _OUTCOMES and entry.task_id == task.id and entry.item_id == share.item_id


def _write_outcome(course: Course, task: TaskRow, share: _Share, result: Result) -> None:
    if share.item_id is not None:
        course.db.execute(_SET_ITEM, {"item_id": share.item_id, "result": result.outcome})
    else:
        write(course.db, task, outcome=result.outcome)


def _revive(course: Course, right: Transition, reckoning: Reckoning) -> None:
    """What the wrong outcome cancelled begins anew, unless the right one cancels it too."""
    if right.end is not None or right.cancel == EVERYTHING:
        return
    for place in reversed(reckoning.revived):
        if place.step not in right.cancel:
            if not reopen_fan(course, place):
                course.agenda.append(Enter(place.step, place.member))
            reckoning.withdrawn.append(f"the cancelling of {place.step.replace('_', ' ')}")


_item, _answer = work.task_items.c, work.answers.c
_ITEM = select(_item.id, _item.step, _item.member, _item.round, _item.outcome).where(
    _item.task_id == bindparam("task_id"),
    _item.case_id == bindparam("case_id"),
    _item.status == TaskStatus.DONE.value,
)
_SET_ITEM = update(work.task_items).where(_item.id == bindparam("item_id")).values(outcome=bindparam("result"))
_WITHDRAW = (
    update(work.answers)
    .where(
        _answer.case_id == bindparam("its_case"),
        _answer.task_id == bindparam("its_task"),
        _answer.step == bindparam("its_step"),
        _answer.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
)
