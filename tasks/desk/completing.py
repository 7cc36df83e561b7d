"""Completing a task: its outcome and answers are checked and kept, and what follows is created in the same breath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import TaktasError, did_you_mean
from models.work import TaskStatus
from standards.lists import code_of
from standards.process import Step, Transition
from tasks.advancing.advance import advance
from tasks.advancing.course import Course, Effects, Take, open_course
from tasks.advancing.requirements import check_requirements
from tasks.advancing.timers import cancel_timers
from tasks.desk.access import check_may_change
from tasks.desk.answering import Given, check_answers, store_answers
from tasks.desk.assigning import claim
from tasks.desk.finishing import finish, place_of, settle_shared
from tasks.desk.items import Item, open_items, settle_item
from tasks.desk.noting import write_note
from tasks.desk.order import check_in_order
from tasks.facts.case_facts import ANSWERS, answers_of
from tasks.facts.titles import name_of
from tasks.handbooks import handbook
from tasks.handbooks.code_lists import with_choices
from tasks.lifecycle import Move, decide
from tasks.record.rows import Locked, TaskRow, lock_task
from tasks.record.task_ledger import ledger_of, note

AD_HOC_OUTCOMES = ("done", "not_done")
"""How a task without a process can come out."""
LATE_RULE = "late_needs_a_reason"
"""The code in the house's list of rules (`house_rules`) that makes a late completion say why."""
_PLAIN = Transition()


class OutcomeNotKnown(TaktasError):
    """An outcome the step does not have."""


class LateReasonMissing(TaktasError):
    """The house wants to know why work is late."""


class ItemNotOpen(TaktasError):
    """A case has no open share in a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What came of completing a task. `task_ids`: opened or planned next; `stranded`: cases with nothing left to do."""

    task_ids: tuple[int, ...] = ()
    ended: tuple[tuple[int, str], ...] = ()
    started: tuple[int, ...] = ()
    message_ids: tuple[int, ...] = ()
    stranded: tuple[int, ...] = ()
    is_late: bool = False

    def and_then(self, later: Completion) -> Completion:
        """This and what came after it; cases that have ended since are not left with nothing to do."""
        return Completion(
            task_ids=(*self.task_ids, *later.task_ids),
            ended=(*self.ended, *later.ended),
            started=(*self.started, *later.started),
            message_ids=(*self.message_ids, *later.message_ids),
            stranded=tuple({*self.stranded, *later.stranded} - {number for number, _ in later.ended}),
            is_late=self.is_late,
        )

    @classmethod
    def of(cls, effects: Effects, *, is_late: bool = False) -> Completion:
        """What a course did, for whoever asked."""
        return cls(
            task_ids=tuple(effects.opened),
            ended=tuple(effects.ended),
            started=tuple(effects.started),
            message_ids=tuple(effects.messages),
            stranded=tuple(effects.stranded),
            is_late=is_late,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a person says of a finished piece of work."""

    outcome: str | None
    answers: Mapping[str, object]
    late_reason: str | None
    spent_minutes: int | None


def complete(
    db: Connection,
    actor: Actor,
    *,
    task_id: int,
    outcome: str | None,
    answers: Mapping[str, object] | None = None,
    case_id: int | None = None,
    late_reason: str | None = None,
    spent_minutes: int | None = None,
    note: str | None = None,
    at: datetime,
) -> Completion:
    """Complete a task with an outcome and the answers it asks for; what comes next is created with it.

    Of a task that several cases share, `case_id` names the one whose item is settled; without it all that are open.
    Raises: NoSuchTask, NotYours, MoveNotAllowed, OutcomeNotKnown, AnswersRefused, LateReasonMissing, CodeNotKnown,
    RequirementMissing, ItemNotOpen, BeforeTheLast, ChangedByAnother, and what the steps that follow refuse.
    """
    locked = lock_task(db, task_id)
    check_may_change(db, actor, locked.task)
    decide(Move.COMPLETE, locked.task.status, lambda: name_of(db, locked.task, at))
    if locked.task.waited_seconds:
        check_in_order(db, locked.task, "complete", at)
    task = claim(db, actor, locked.task, at=at)
    result = Result(
        outcome=code_of(outcome) if outcome else None,
        answers=answers or {},
        late_reason=_late_reason(db, task, late_reason, at),
        spent_minutes=spent_minutes,
    )
    if note:
        write_note(db, actor, body=note, purpose="note", on_type="task", on_id=task.id, client_id=task.client_id, at=at)
    effects = Effects()
    if task.case_id is not None:
        _complete_step(db, actor, Locked(task=task, cases=locked.cases), result, effects=effects, at=at)
    elif locked.cases:
        shared = Locked(task=task, cases=locked.cases)
        _complete_items(db, actor, shared, result, effects=effects, at=at, case_id=case_id)
    else:
        _complete_ad_hoc(db, actor, task, result, at)
    return Completion.of(effects, is_late=is_late(task, at))


def is_late(task: TaskRow, at: datetime) -> bool:
    """Whether finishing now is later than due."""
    return task.due_at is not None and at > task.due_at


def _late_reason(db: Connection, task: TaskRow, given: str | None, at: datetime) -> str | None:
    if given is None and not is_late(task, at):
        return None
    lists = handbook.lists(db)
    if given is not None:
        return lists.checked("late_reasons", given)
    if LATE_RULE in lists.codes("house_rules"):
        known = ", ".join(lists.codes("late_reasons"))
        raise LateReasonMissing(
            f"Cannot complete {name_of(db, task, at)} without saying why it is late. "
            f"Add --late-reason, one of: {known}."
        )
    return None


def _complete_step(
    db: Connection, actor: Actor, locked: Locked, result: Result, *, effects: Effects, at: datetime
) -> None:
    task = locked.task
    course = open_course(db, actor, locked.cases[0], at=at, effects=effects)
    step = course.step(task.step or "")
    transition, given = check_result(course, step, task, result)
    taken = course.history.was_taken(step.name, task.member, result.outcome or "")
    finish(db, task, Move.COMPLETE, at=at, **_columns(result))
    event = course.note("task.completed", place_of(task), task_id=task.id, **_facts(task, result))
    course.cause = event.number
    _go_on(course, Take(place_of(task), transition, taken, task), given)


def _go_on(course: Course, taking: Take, given: Sequence[Given]) -> None:
    task, case = taking.after, course.case
    store_answers(
        course.db,
        given,
        case_id=case.id,
        client_id=case.client_id,
        task_id=task.id if task else None,
        place=taking.place,
        at=course.at,
    )
    course.facts.pop(ANSWERS, None)
    cancel_timers(course, taking.place)
    course.changed()
    course.agenda.append(taking)
    advance(course)


def check_result(course: Course, step: Step, task: TaskRow, result: Result) -> tuple[Transition, tuple[Given, ...]]:
    """The transition an outcome takes, and the answers as they will be kept.

    Raises: OutcomeNotKnown, RequirementMissing, AnswersRefused.
    """
    transition = _transition(course, step, task, result.outcome)
    check_requirements(course, step, lambda: f"complete {name_of(course.db, task, course.at)}")
    questions = with_choices(course.db, step.ask + transition.ask)
    known = answers_of(course) if questions else {}
    asker = f"Outcome {result.outcome!r} of task {task.id}"
    return transition, check_answers(questions, result.answers, known, asker=asker)


def _transition(course: Course, step: Step, task: TaskRow, outcome: str | None) -> Transition:
    if not step.outcomes and outcome in {None, *AD_HOC_OUTCOMES}:
        return step.goes_on if step.for_each is None else _PLAIN
    if outcome is None or outcome not in step.outcomes:
        asked = f"with outcome {outcome!r}" if outcome else "without an outcome"
        hint = (did_you_mean(outcome, step.outcomes) if outcome else "") or "."
        raise OutcomeNotKnown(
            f"Cannot complete {name_of(course.db, task, course.at)} {asked}{hint} "
            f"Its outcomes are: {', '.join(step.outcomes)}."
        )
    return step.outcomes[outcome]


def _columns(result: Result) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "late_reason": result.late_reason,
        "spent_minutes": result.spent_minutes,
    }


def _facts(task: TaskRow, result: Result) -> dict[str, Any]:
    return {**_columns(result), "assignee_id": task.assignee_id, "due_at": task.due_at}


def _complete_items(
    db: Connection,
    actor: Actor,
    locked: Locked,
    result: Result,
    *,
    effects: Effects,
    at: datetime,
    case_id: int | None,
) -> None:
    task = locked.task
    items = [item for item in open_items(db, task.id) if case_id is None or item.case_id == case_id]
    if not items:
        numbers = ", ".join(str(case.id) for case in locked.cases)
        raise ItemNotOpen(
            f"Cannot complete task {task.id} for case {case_id}: that case has no open share in it. "
            f"The task is shared by the cases {numbers}."
        )
    by_id = {case.id: case for case in locked.cases}
    for item in items:
        course = open_course(db, actor, by_id[item.case_id], at=at, effects=effects)
        _complete_item(course, task, item, result)
    settle_shared(db, actor, task, at=at, **_columns(result))


def _complete_item(course: Course, task: TaskRow, item: Item, result: Result) -> None:
    step, place = course.step(item.place.step), item.place
    transition, given = check_result(course, step, task, result)
    taken = course.history.was_taken(step.name, place.member, result.outcome or "")
    settle_item(course.db, item, TaskStatus.DONE, outcome=result.outcome, at=course.at)
    event = course.note("item.completed", place, task_id=task.id, item_id=item.id, **_facts(task, result))
    course.cause = event.number
    _go_on(course, Take(place, transition, taken, task), given)


def _complete_ad_hoc(db: Connection, actor: Actor, task: TaskRow, result: Result, at: datetime) -> None:
    outcome = result.outcome or AD_HOC_OUTCOMES[0]
    if outcome not in AD_HOC_OUTCOMES:
        hint = did_you_mean(outcome, AD_HOC_OUTCOMES) or "."
        raise OutcomeNotKnown(
            f"Cannot complete {name_of(db, task, at)} with outcome {outcome!r}{hint} "
            f"Its outcomes are: {', '.join(AD_HOC_OUTCOMES)}."
        )
    check_answers((), result.answers, (), asker=f"Outcome {outcome!r} of task {task.id}")
    columns = _columns(result) | {"outcome": outcome}
    finish(db, task, Move.COMPLETE, at=at, **columns)
    ledger = ledger_of(db, actor, task, at)
    note(ledger, "task.completed", task, **columns, assignee_id=task.assignee_id, due_at=task.due_at)
    ledger.flush(db)
