"""Who sees what and may change it: whoever has it on a list of theirs, whoever looks after the client, managers."""

from __future__ import annotations

from sqlalchemy import Boolean, ColumnElement, Connection, Select, literal_column, or_, select

from core.actor import Actor
from core.errors import TaktasError
from models.parties import responsibilities
from tasks.desk.views import staff_of, views
from tasks.record.rows import TaskRow


class NotYours(TaktasError):
    """A task is somebody else's."""


def sees_everything(db: Connection, actor: Actor) -> bool:
    """Managers, and what nobody does by hand."""
    return actor.employee_id is None or staff_of(db, actor.employee_id).is_manager


def clients_of(employee_id: int) -> Select[int]:
    """The clients somebody is responsible for now, in whatever role."""
    held = responsibilities.c
    return select(held.client_id).where(held.employee_id == employee_id, held.until.is_(None))


def visible(db: Connection, actor: Actor) -> ColumnElement[bool]:
    """What of `work.tasks` an actor may see, as one condition."""
    return or_(*(literal_column(f"({view})", Boolean) for view in views(db, actor)))


def check_may_change(db: Connection, actor: Actor, task: TaskRow) -> None:
    """Let only those change a task who see it on a list of theirs. Raises: NotYours."""
    if actor.employee_id is None or task.assignee_id == actor.employee_id:
        return
    me = staff_of(db, actor.employee_id)
    in_my_queue = task.assignee_id is None and (task.team_id is None or task.team_id == me.team_id)
    if me.is_manager or in_my_queue:
        return
    raise NotYours(
        f"Task {task.id} is {_holder(db, task)}, not yours. Ask them or a manager to hand it to you: "
        f"taktas tasks reassign {task.id} --to YOU."
    )


def _holder(db: Connection, task: TaskRow) -> str:
    if task.assignee_id is None:
        return "in the queue of another team"
    return f"{staff_of(db, task.assignee_id).name or 'somebody'}'s"
