"""Closing what is alive in a case before its time: tasks, items of shared tasks, and waits."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, update

from models import work
from models.work import TaskStatus
from tasks.advancing.course import FAN, ITEM, TASK, Alive, Course
from tasks.advancing.timers import cancel_timers
from tasks.desk.finishing import KIND, finish, place_of, settle_shared
from tasks.lifecycle import Move
from tasks.record.rows import TaskRow, lock_task_alone

_item, _wait = work.task_items.c, work.waits.c
_CLOSE_ITEM = (
    update(work.task_items)
    .where(_item.id == bindparam("item_id"))
    .values(status=TaskStatus.CANCELLED.value, finished_at=bindparam("at"))
    .returning(_item.task_id)
)
_CLOSE_WAIT = (
    update(work.waits)
    .where(_wait.id == bindparam("wait_id"))
    .values(ended_at=bindparam("at"), ended_by=bindparam("by"))
)


def close_all(course: Course, alive: Iterable[Alive], reason: str) -> None:
    """Close each of them, with the same reason (a code)."""
    for one in alive:
        close(course, one, reason)


def close(course: Course, one: Alive, reason: str) -> None:
    """Close something that is alive; nothing follows from it."""
    if one.kind == TASK:
        close_task(course, lock_task_alone(course.db, one.id), reason)
    elif one.kind == ITEM:
        _close_item(course, one, reason)
    else:
        end_wait(course, one, "cancelled")
        course.note("step.cancelled", one.place, reason=reason)
        if one.kind == "child":
            course.orphaned.append(one.place)
        cancel_timers(course, one.place)


def close_task(course: Course, task: TaskRow, reason: str, move: Move = Move.CANCEL) -> None:
    """Cancel (or let expire) a task of this case alone. Raises: MoveNotAllowed."""
    finish(course.db, task, move, at=course.at)
    course.note(KIND[move], place_of(task), task_id=task.id, reason=reason)
    cancel_timers(course, place_of(task))
    course.changed()


def _close_item(course: Course, one: Alive, reason: str) -> None:
    task_id = course.db.execute(_CLOSE_ITEM, {"item_id": one.id, "at": course.at}).scalar_one()
    course.note("item.cancelled", one.place, task_id=task_id, item_id=one.id, reason=reason)
    cancel_timers(course, one.place)
    course.changed()
    settle_shared(course.db, course.actor, lock_task_alone(course.db, task_id), at=course.at, reason=reason)


def end_wait(course: Course, one: Alive, by: str) -> None:
    """A waiting step comes to its end."""
    course.db.execute(_CLOSE_WAIT, {"wait_id": one.id, "at": course.at, "by": by})
    course.changed()


def listed(course: Course, steps: Iterable[str]) -> list[Alive]:
    """What is alive in these steps."""
    wanted = set(steps)
    return [one for one in course.alive() if one.place.step in wanted]


def is_fan(one: Alive) -> bool:
    """Whether it only waits for the members of a list."""
    return one.kind == FAN
