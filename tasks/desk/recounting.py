"""Agreeing to a new due time: a task whose step asks first is counted again from its corrected anchor."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import TaktasError
from tasks.advancing.course import open_course
from tasks.beat.anchors import recount_case
from tasks.desk.access import check_may_change
from tasks.desk.finishing import place_of
from tasks.desk.items import items_of
from tasks.facts.titles import name_of
from tasks.lifecycle import FINISHED
from tasks.record.rows import Locked, TaskRow, lock_task, read_task


class NothingToRecount(TaktasError):
    """A task whose moments hang on no anchor, or that is finished."""


def recount(db: Connection, actor: Actor, *, task_id: int, at: datetime) -> TaskRow:
    """Count a task's limit, due time and deadlines again from its anchors as they are now. Returns it as it stands.

    Raises: NoSuchTask, NotYours, NothingToRecount.
    """
    locked = lock_task(db, task_id)
    check_may_change(db, actor, locked.task)
    if locked.task.status in FINISHED or not locked.cases:
        why = f"it is {locked.task.status.value}" if locked.cases else "it belongs to no case, so it hangs on no anchor"
        raise NothingToRecount(f"Cannot count {name_of(db, locked.task, at)} again: {why}. Look at it with tasks show.")
    _recount(db, actor, locked, at)
    return read_task(db, task_id)


def _recount(db: Connection, actor: Actor, locked: Locked, at: datetime) -> None:
    task = locked.task
    for case in locked.cases:
        course = open_course(db, actor, case, at=at)
        for place in [place_of(task)] if task.step else items_of(db, task.id, case.id):
            recount_case(course, agreed=place)
        course.close()
