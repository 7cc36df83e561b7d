"""Who may see and change which tasks: everybody their own and their team's queue, managers the whole house."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, true

from core.actor import Actor
from core.errors import TaktasError
from models import people, work
from tasks.rows import TaskRow


class NotYours(TaktasError):
    """A task is somebody else's."""


_STAFF = select(
    people.employees.c.team_id, people.employees.c.is_manager, people.employees.c.name, people.employees.c.left_on
).where(people.employees.c.id == bindparam("id"))


def visible(db: Connection, actor: Actor) -> ColumnElement[bool]:
    """What of `work.tasks` an actor may see, as a condition: own work and the queues of their team and of the house.

    Managers, and what nobody does by hand (a run, an import, the beat), see everything.
    """
    if actor.employee_id is None:
        return true()
    me = db.execute(_STAFF, {"id": actor.employee_id}).first()
    if me is not None and me.is_manager:
        return true()
    task = work.tasks.c
    in_my_queue = and_(
        task.assignee_id.is_(None), or_(task.team_id.is_(None), task.team_id == (me.team_id if me else None))
    )
    return or_(task.assignee_id == actor.employee_id, in_my_queue)


def check_may_change(db: Connection, actor: Actor, task: TaskRow) -> None:
    """Let only those change a task who see it on a list of theirs. Raises: NotYours."""
    if actor.employee_id is None or task.assignee_id == actor.employee_id:
        return
    me = db.execute(_STAFF, {"id": actor.employee_id}).first()
    if me is not None and (me.is_manager or _in_queue_of(task, me.team_id)):
        return
    holder = _holder(db, task)
    raise NotYours(
        f"Task {task.id} is {holder}, not yours. Ask them or a manager to hand it to you: "
        f"taktas tasks reassign {task.id} --to YOU."
    )


def _in_queue_of(task: TaskRow, team_id: Any) -> bool:
    return task.assignee_id is None and (task.team_id is None or task.team_id == team_id)


def _holder(db: Connection, task: TaskRow) -> str:
    if task.assignee_id is None:
        return "in the queue of another team"
    found = db.execute(_STAFF, {"id": task.assignee_id}).first()
    return f"{found.name}'s" if found else "somebody else's"
