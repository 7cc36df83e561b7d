"""Moving running cases to another version of their process: previewed case by case, then done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from core.actor import Actor
from core.errors import TaktasError
from models import work
from models.work import CaseStatus
from standards.process import Process, Step
from standards.working_time.open_time import OpenTime
from tasks.advancing.advance import advance
from tasks.advancing.closing import close
from tasks.advancing.course import FAN, ITEM, TASK, Alive, Course, Enter, open_course
from tasks.advancing.history import Place
from tasks.advancing.timers import Purpose, cancel_timer, fires_at, move_timer, set_timers, timers_of
from tasks.beat.anchors import limited, move_due
from tasks.desk.finishing import place_of
from tasks.facts.case_facts import moment_of
from tasks.handbooks import calendars, handbook
from tasks.handbooks.clocks import clock_of_task
from tasks.record.rows import CaseRow, lock_case, lock_task_alone

_case, _timer = work.cases.c, work.timers.c


class CannotMove(TaktasError):
    """A case that cannot go on under another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One moment that changes: of a task (due, limit) or a timer of a step."""

    what: str
    before: datetime | None
    after: datetime | None


@dataclass(slots=True, kw_only=True)
class CaseMove:
    """What moving does to one case: which steps close, which go on and where, which deadlines change."""

    case_id: int
    from_version_id: int
    to_version_id: int
    closes: list[str] = field(default_factory=list)
    moves: list[tuple[str, str]] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRules:
    """Under which version cases go on.

    `renamed`: old step -> new step. `begin_at`: where a case goes on that has nothing left.
    """

    version_id: int
    renamed: Mapping[str, str] = field(default_factory=dict)
    begin_at: str | None = None


def cases_behind(db: Connection, process_id: int, version_id: int) -> list[int]:
    """The running cases of a process that are under another version."""
    rows = db.execute(
        select(_case.id)
        .where(_case.process_id == process_id, _case.version_id != version_id, _case.status == CaseStatus.RUNNING.value)
        .order_by(_case.id)
    )
    return list(rows.scalars())


def preview(db: Connection, actor: Actor, case_ids: Iterable[int], rules: MoveRules, *, at: datetime) -> list[CaseMove]:
    """What moving would do to each of the cases: it is done, looked at and undone. Raises: NoSuchCase."""
    return [_attempt(db, actor, case_id, rules, at=at, keeps=False) for case_id in case_ids]


def move_cases(
    db: Connection, actor: Actor, case_ids: Iterable[int], rules: MoveRules, *, at: datetime
) -> list[CaseMove]:
    """Move every case that can be moved; one that cannot stays as it is and says why. Raises: NoSuchCase."""
    return [_attempt(db, actor, case_id, rules, at=at, keeps=True) for case_id in sorted(case_ids)]


def _attempt(db: Connection, actor: Actor, case_id: int, rules: MoveRules, *, at: datetime, keeps: bool) -> CaseMove:
    attempt = db.begin_nested()
    try:
        change = move_case(db, actor, case_id, rules, at=at)
    except CannotMove as error:
        attempt.rollback()
        return _refused(lock_case(db, case_id), rules, str(error))
    except BaseException:
        attempt.rollback()
        raise
    if keeps:
        attempt.commit()
    else:
        attempt.rollback()
    return change


def _refused(row: CaseRow, rules: MoveRules, why: str) -> CaseMove:
    return CaseMove(case_id=row.id, from_version_id=row.version_id, to_version_id=rules.version_id, problem=why)


def move_case(db: Connection, actor: Actor, case_id: int, rules: MoveRules, *, at: datetime) -> CaseMove:
    """Let a running case go on under another version: what that has no step for is closed, the rest goes on.

    Raises: NoSuchCase, CannotMove.
    """
    row = lock_case(db, case_id)
    new = handbook.process_version(db, rules.version_id)
    _check(row, new, rules)
    course = open_course(db, actor, row, at=at)
    change = CaseMove(case_id=case_id, from_version_id=row.version_id, to_version_id=rules.version_id)
    staying = _close_what_goes(course, new, rules, change)
    db.execute(_SET_VERSION, {"case_id": case_id, "version": rules.version_id})
    course.note("case.moved", version_from=row.version_id, version_to=rules.version_id)
    course.process = new
    for one in staying:
        _carry(course, one, rules, change)
    if not course.alive():
        _begin_again(course, rules)
    advance(course)
    return change


def _check(row: CaseRow, new: Process, rules: MoveRules) -> None:
    if not row.is_running:
        raise CannotMove(f"Cannot move case {row.id}: it has ended as {row.end_code}. Only running cases move.")
    if row.version_id == rules.version_id:
        raise CannotMove(f"Cannot move case {row.id}: it is under that version already.")
    unknown = [name for name in (*rules.renamed.values(), rules.begin_at) if name and name not in new.steps]
    if unknown:
        raise CannotMove(
            f"Cannot move case {row.id}: the new version has no step {unknown[0]!r}. "
            f"Its steps are {', '.join(new.steps)}."
        )


def _begin_again(course: Course, rules: MoveRules) -> None:
    if rules.begin_at is None:
        raise CannotMove(
            f"Cannot move case {course.case.id}: none of its steps is left in the new version. "
            "Say which step is now called what (--step OLD=NEW), or where it goes on (--begin-at STEP)."
        )
    course.agenda.append(Enter(rules.begin_at))


def _close_what_goes(course: Course, new: Process, rules: MoveRules, change: CaseMove) -> list[Alive]:
    staying = []
    for one in course.alive():
        target = new.steps.get(rules.renamed.get(one.place.step, one.place.step))
        if target is not None and target.kind is course.step(one.place.step).kind:
            staying.append(one)
        else:
            close(course, one, "version_changed")
            change.closes.append(one.place.step)
    return staying


def _carry(course: Course, one: Alive, rules: MoveRules, change: CaseMove) -> None:
    """Take a place over into the new version, under its new name, with the deadlines it has there."""
    step = course.step(rules.renamed.get(one.place.step, one.place.step))
    place = one.place
    if step.name != place.step:
        place = course.next_place(step.name, place.member)
        _rename(course, one, place)
        course.note("step.moved", place, was_step=one.place.step, was_round=one.place.round)
        course.changed()
    change.moves.append((one.place.step, step.name))
    if one.kind == TASK:
        _retime(course, step, one.id, change)
    if one.kind != FAN:
        _reset_timers(course, step, Alive(place, one.kind, one.id), change)


def _rename(course: Course, one: Alive, place: Place) -> None:
    table = {TASK: work.tasks, ITEM: work.task_items}.get(one.kind, work.waits)
    course.db.execute(update(table).where(table.c.id == one.id).values(step=place.step, round=place.round))
    course.db.execute(
        update(work.timers)
        .where(
            _timer.case_id == course.case.id,
            _timer.step == one.place.step,
            _timer.member == one.place.member,
            _timer.round == one.place.round,
        )
        .values(step=place.step, round=place.round)
    )


def _retime(course: Course, step: Step, task_id: int, change: CaseMove) -> None:
    task = lock_task_alone(course.db, task_id)
    limit_at = moment_of(course, step.limit, clock_of_task(course.db, task))
    if limit_at == task.limit_at:
        return
    changed = limited(course, task, limit_at)
    move_due(course, task, changed)
    course.note(
        "task.due_moved",
        place_of(task),
        task_id=task.id,
        was_due_at=task.due_at,
        due_at=changed.due_at,
        was_limit_at=task.limit_at,
        limit_at=limit_at,
    )
    name = f"task {task.id} ({step.name})"
    change.deadlines.append(Deadline(what=f"{name} limit", before=task.limit_at, after=limit_at))
    if changed.due_at != task.due_at:
        change.deadlines.append(Deadline(what=f"{name} due", before=task.due_at, after=changed.due_at))


def _reset_timers(course: Course, step: Step, one: Alive, change: CaseMove) -> None:
    """Timers of the new version's deadlines and waits, counted from when the place began."""
    clock, began_at = _clock_and_beginning(course, one)
    if began_at is None:
        return
    wanted = {(Purpose.DEADLINE, trigger.name): trigger for trigger in step.deadlines}
    purpose = Purpose.WAIT if len(step.wait_for) == 1 else Purpose.RACE
    if one.kind not in {TASK, ITEM}:
        wanted |= {(purpose, it.name): it for it in step.wait_for if it.happening is None}
    known = timers_of(course, one.place)
    for key, timer in known.items():
        if key not in wanted and timer.is_open:
            cancel_timer(course, timer)
            change.deadlines.append(Deadline(what=f"{step.name}: {key[1]}", before=timer.fires_at, after=None))
    for key, trigger in wanted.items():
        moment, there = fires_at(course, trigger, clock, began_at, key[0]), known.get(key)
        if moment is None or (there is not None and (not there.is_open or there.fires_at == moment)):
            continue
        if there is None:
            set_timers(course, one.place, [trigger], clock, key[0], since=began_at)
        else:
            move_timer(course, there, moment)
        before = there.fires_at if there is not None else None
        change.deadlines.append(Deadline(what=f"{step.name}: {trigger.name}", before=before, after=moment))


def _clock_and_beginning(course: Course, one: Alive) -> tuple[OpenTime, datetime | None]:
    """The calendar a place's timers are counted on, and since when; None for a task that has not opened."""
    if one.kind == TASK:
        task = lock_task_alone(course.db, one.id)
        return clock_of_task(course.db, task), task.opened_at
    clock = calendars.calendar_of(course.db)[1]
    if one.kind == ITEM:
        began = select(work.tasks.c.opened_at).join(work.task_items, work.task_items.c.task_id == work.tasks.c.id)
        return clock, course.db.execute(began.where(work.task_items.c.id == one.id)).scalar_one()
    return clock, course.db.execute(select(work.waits.c.began_at).where(work.waits.c.id == one.id)).scalar_one()


_SET_VERSION = update(work.cases).where(_case.id == bindparam("case_id")).values(version_id=bindparam("version"))
