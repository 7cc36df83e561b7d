"""Who hears of an overdue task: the receivers of an escalation, as numbers of employees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from models import people
from standards.service.standard import Receiver
from tasks.advancing.history import history_of
from tasks.facts.computed import AsOf
from tasks.facts.prepared import Question, ask
from tasks.record.ledger import read_case
from tasks.record.rows import TaskRow

_employee = people.employees.c
_WORKS_HERE = or_(_employee.left_on.is_(None), _employee.left_on > bindparam("day"))
_HOUSE = select(_employee.id).where(_employee.is_manager, _WORKS_HERE).order_by(_employee.id)
_THOSE_HERE = select(_employee.id).where(_employee.id == func.any(bindparam("ids")), _WORKS_HERE).order_by(_employee.id)
_MANAGER = select(_employee.manager_id).where(_employee.id == bindparam("id"))
_LOGIN = select(_employee.id).where(_employee.login == bindparam("login"))
_MANAGERS_OF_TEAM = (
    select(func.coalesce(_employee.manager_id, 0))
    .where(_employee.team_id == bindparam("team_id"), _employee.manager_id.is_not(None))
    .group_by(_employee.manager_id)
    .order_by(func.count().desc(), _employee.manager_id)
    .limit(1)
)
_LEADERS_IN_TEAM = select(_employee.id).where(_employee.team_id == bindparam("team_id"), _employee.is_manager)


def receivers_of(db: Connection, to: Receiver, task: TaskRow, at: datetime, login: str | None = None) -> list[int]:
    """Whom an escalation tells; the managers of the house where it finds nobody who still works here.

    `login`: who is meant when it names an employee.
    """
    day = AsOf.of(at).day
    found = _meant(db, to, task, at, login)
    here = db.execute(_THOSE_HERE, {"ids": found, "day": day}).scalars().all() if found else []
    return list(here or db.execute(_HOUSE, {"day": day}).scalars())


def _meant(db: Connection, to: Receiver, task: TaskRow, at: datetime, login: str | None) -> list[int]:
    match to:
        case Receiver.MANAGER:
            manager = db.execute(_MANAGER, {"id": task.assignee_id}).scalar() if task.assignee_id else None
            return [manager] if manager is not None else _leads(db, task)
        case Receiver.TEAM_LEAD:
            return _leads(db, task)
        case Receiver.ACCOUNT_MANAGER:
            return _account_manager(db, task, at)
        case Receiver.CASE_OWNER:
            owner = history_of(read_case(db, task.case_id)).owner_id if task.case_id else None
            return [owner] if owner is not None else []
        case Receiver.EMPLOYEE:
            return list(db.execute(_LOGIN, {"login": login}).scalars())
        case Receiver.HOUSE:
            return []


def _leads(db: Connection, task: TaskRow) -> list[int]:
    """The managers in the task's team, else whoever most of its people answer to."""
    if task.team_id is None:
        return []
    inside = db.execute(_LEADERS_IN_TEAM, {"team_id": task.team_id}).scalars().all()
    return list(inside or db.execute(_MANAGERS_OF_TEAM, {"team_id": task.team_id}).scalars())


def _account_manager(db: Connection, task: TaskRow, at: datetime) -> list[int]:
    if task.client_id is None:
        return []
    question = Question(subject_type="client", people=("client.account_manager",))
    found = ask(db, question, task.client_id, at).people["client.account_manager"]
    return [found] if found is not None else []
