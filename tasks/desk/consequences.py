"""What followed from one outcome: found through the ledger, taken back where nobody has touched it, else listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import bindparam, delete, select, update

from models import outbox, work
from models.outbox import MessageState
from models.work import CaseStatus, TaskStatus
from tasks.advancing.closing import close_task, end_wait
from tasks.advancing.course import FAN, Course, open_course
from tasks.advancing.ending import VOID, close_case
from tasks.advancing.history import Place
from tasks.advancing.timers import cancel_timers
from tasks.record.ledger import Entry
from tasks.record.rows import lock_cases, lock_task_alone

UNTOUCHED = (TaskStatus.PLANNED, TaskStatus.OPEN)


@dataclass(slots=True, kw_only=True)
class Reckoning:
    """What was taken back, what is left for a person to look at, and what was cancelled and may live again."""

    withdrawn: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    unfired: list[str] = field(default_factory=list)
    revived: list[Place] = field(default_factory=list)


def take_back(course: Course, caused: Iterable[Entry], place: Place) -> Reckoning:
    """Take back what these events began, in the reverse order; `place` is where the wrong outcome was given."""
    reckoning = Reckoning()
    for entry in reversed(list(caused)):
        undo = _UNDO.get(entry.kind)
        if undo is not None:
            undo(course, entry, reckoning)
    _leave_joins(course, place, reckoning)
    if course.is_over:
        reckoning.left.append(f"case {course.case.id} did not end because of this, and stays ended")
    return reckoning


def _place(entry: Entry) -> Place:
    data = entry.data
    return Place(data["step"], data.get("member", ""), data.get("round", 1))


def _words(place: Place) -> str:
    return place.step.replace("_", " ")


def _task(course: Course, entry: Entry, reckoning: Reckoning) -> None:
    task = lock_task_alone(course.db, entry.task_id or 0)
    what = f"task {task.id} ({_words(_place(entry))})"
    if task.status in UNTOUCHED:
        close_task(course, task, "corrected")
        reckoning.withdrawn.append(what)
        reckoning.places.append(_place(entry))
    elif task.status not in {TaskStatus.CANCELLED, TaskStatus.EXPIRED}:
        reckoning.left.append(f"{what} is {task.status.value}")


def _wait(course: Course, entry: Entry, reckoning: Reckoning) -> None:
    place = _place(entry)
    one = next((it for it in course.alive() if it.place == place), None)
    if one is None:
        reckoning.left.append(f"the wait at {_words(place)} is over, and what came of it stands")
        return
    end_wait(course, one, "withdrawn")
    cancel_timers(course, place)
    reckoning.places.append(place)
    if one.kind != FAN:
        reckoning.withdrawn.append(f"the wait at {_words(place)}")
    if one.kind == "child":
        _children(course, place, reckoning)


def _letter(course: Course, entry: Entry, reckoning: Reckoning) -> None:
    number = entry.data["message_id"]
    dropped = course.db.execute(_DROP, {"its_message": number}).first()
    words = f"letter {number} ({_words(_place(entry))})"
    if dropped is not None:
        reckoning.withdrawn.append(words)
    else:
        reckoning.left.append(f"{words} has left the house")


def _passed(course: Course, entry: Entry, reckoning: Reckoning) -> None:
    """An automatic step: what it changed in the book is not changed back without a person."""
    data, place = entry.data, _place(entry)
    reckoning.places.append(place)
    if "set" in data:
        reckoning.left.append(f"{_words(place)} has set {', '.join(data['set'])}")
    if "term_id" in data:
        reckoning.left.append(f"{_words(place)} has recorded term {data['term_id']}")
    if data.get("cases"):
        _void_untouched(course, data["cases"], reckoning)


def _children(course: Course, place: Place, reckoning: Reckoning) -> None:
    key = {"parent_id": course.case.id, "step": place.step, "member": place.member, "round": place.round}
    _void_untouched(course, course.db.execute(_BEGUN_THERE, key).scalars().all(), reckoning)


def _void_untouched(course: Course, case_ids: Iterable[int], reckoning: Reckoning) -> None:
    """Sub-processes nobody has worked on are void; the others are named."""
    for row in lock_cases(course.db, case_ids):
        is_touched = course.db.execute(_TOUCHED, {"case_id": row.id}).first() is not None
        if is_touched or not row.is_running:
            reckoning.left.append(f"case {row.id} goes on" if row.is_running else f"case {row.id} has ended")
            continue
        child = open_course(course.db, course.actor, row, at=course.at, effects=course.effects)
        close_case(child, VOID, success=None, reason="corrected", kind="case.voided")
        child.close()
        reckoning.withdrawn.append(f"case {row.id}")


def _ended(course: Course, entry: Entry, reckoning: Reckoning) -> None:
    """The case lives again, through an event of its own; its parent has not heard of the end, or is named."""
    course.db.execute(_REOPEN, {"case_id": course.case.id})
    course.is_over = False
    course.changed()
    course.note("case.reopened", was=entry.data.get("end"))
    reckoning.withdrawn.append(f"the end of case {course.case.id} as {entry.data.get('end')}")
    begun = course.db.execute(_BEGUN_BY_END, {"parent_id": course.case.id, "at": entry.at}).scalars().all()
    _void_untouched(course, begun, reckoning)
    if course.case.parent_id is not None:
        key = f"case.ended:{course.case.id}:{entry.number}"
        if course.db.execute(_UNHEARD, {"its_key": key, "now": course.at}).first() is None:
            reckoning.left.append(f"case {course.case.parent_id} has gone on after the end of case {course.case.id}")


def _closed(_course: Course, entry: Entry, reckoning: Reckoning) -> None:
    reckoning.revived.append(_place(entry))


def _fired(_course: Course, entry: Entry, reckoning: Reckoning) -> None:
    reckoning.unfired.append(entry.data["step"])


_UNDO: dict[str, Callable[[Course, Entry, Reckoning], None]] = {
    "task.opened": _task,
    "task.planned": _task,
    "step.waited": _wait,
    "step.passed": _passed,
    "letter.queued": _letter,
    "task.cancelled": _closed,
    "item.cancelled": _closed,
    "step.cancelled": _closed,
    "join.fired": _fired,
    "case.ended": _ended,
}


def _leave_joins(course: Course, place: Place, reckoning: Reckoning) -> None:
    """The branch has not arrived after all; a join that fired later with its help stands."""
    for join_step in course.process.joins_of.get(place.step, ()):
        fired = course.history.last_firing(join_step)
        decided = fired.round if fired is not None and join_step not in reckoning.unfired else 0
        key = {
            "case_id": course.case.id,
            "join_step": join_step,
            "from_step": place.step,
            "member": place.member,
            "decided": decided,
        }
        taken_back = course.db.execute(_LEAVE, key).first() is not None
        if not taken_back and decided and course.db.execute(_ARRIVED, key).first() is not None:
            reckoning.left.append(f"{_words(Place(join_step))} has begun, counting this branch")


def reopen_fan(course: Course, place: Place) -> bool:
    """Let a list that was given up be gone through again. Returns whether the place is one."""
    key = {"its_case": course.case.id, "its_step": place.step, "its_round": place.round}
    is_fan = not place.member and course.db.execute(_REOPEN_FAN, key).first() is not None
    course.changed()
    return is_fan


_message, _case = outbox.messages.c, work.cases.c
_arrival, _wait_of, _happening = work.arrivals.c, work.waits.c, work.happenings.c
_DROP = (
    update(outbox.messages)
    .where(
        _message.id == bindparam("its_message"),
        _message.state.in_([MessageState.PENDING.value, MessageState.RETRY.value]),
    )
    .values(state=MessageState.DROPPED.value)
    .returning(_message.id)
)
_BEGUN_THERE = select(_case.id).where(
    _case.parent_id == bindparam("parent_id"),
    _case.parent_step == bindparam("step"),
    _case.parent_member == bindparam("member"),
    _case.parent_round == bindparam("round"),
)
_BEGUN_BY_END = select(_case.id).where(
    _case.parent_id == bindparam("parent_id"), _case.parent_step.is_(None), _case.started_at == bindparam("at")
)
_TOUCHED = select(work.tasks.c.id).where(
    work.tasks.c.case_id == bindparam("case_id"),
    work.tasks.c.status.not_in([status.value for status in UNTOUCHED]),
)
_REOPEN = (
    update(work.cases)
    .where(_case.id == bindparam("case_id"))
    .values(status=CaseStatus.RUNNING.value, ended_at=None, end_code=None, is_success=None, reason=None)
)
_UNHEARD = (
    update(work.happenings)
    .where(
        _happening.id.in_(
            select(_happening.id)
            .where(_happening.key == bindparam("its_key"), _happening.handled_at.is_(None))
            .with_for_update(skip_locked=True)
        )
    )
    .values(handled_at=bindparam("now"), problem="withdrawn by a correction")
    .returning(_happening.id)
)
_LEAVE = (
    delete(work.arrivals)
    .where(
        _arrival.case_id == bindparam("case_id"),
        _arrival.join_step == bindparam("join_step"),
        _arrival.from_step == bindparam("from_step"),
        _arrival.member == bindparam("member"),
        _arrival.join_round > bindparam("decided"),
    )
    .returning(_arrival.id)
)
_ARRIVED = select(_arrival.id).where(
    _arrival.case_id == bindparam("case_id"),
    _arrival.join_step == bindparam("join_step"),
    _arrival.from_step == bindparam("from_step"),
    _arrival.member == bindparam("member"),
)
_REOPEN_FAN = (
    update(work.waits)
    .where(
        _wait_of.case_id == bindparam("its_case"),
        _wait_of.step == bindparam("its_step"),
        _wait_of.round == bindparam("its_round"),
        _wait_of.kind == FAN,
    )
    .values(ended_at=None, ended_by=None)
    .returning(_wait_of.id)
)
