"""Who hears of an overdue task: whoever a level of escalation means, or the next one up who is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from standards.service.standard import Level, Receiver
from tasks.advancing.history import history_of
from tasks.facts.fields import Reading
from tasks.record.ledger import read_case
from tasks.record.rows import TaskRow
from tasks.seating.directory import Directory
from tasks.seating.presence import substitute

ROLES = {
    Receiver.ACCOUNT_MANAGER: "account_manager",
    Receiver.HANDLER: "handler",
    Receiver.PRODUCER: "producer",
    Receiver.COLLECTOR: "collector",
}
"""Receivers that are a role on the client."""


class WhyNot(StrEnum):
    """Why somebody who was meant is not told."""

    ASSIGNEE = "assignee"
    AWAY = "away"
    GONE = "gone"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBy:
    """Somebody who was meant and is not told; nobody by number where there is nobody of that kind."""

    employee_id: int | None
    why: WhyNot

    def facts(self) -> dict[str, int | str | None]:
        """As the ledger and the message keep it."""
        return {"employee_id": self.employee_id, "why": self.why.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who is told, and who was meant instead."""

    to: tuple[int, ...] = ()
    passed_by: tuple[PassedBy, ...] = ()


Roles = dict[tuple[Receiver, int], int | None]
"""Who is that to which client."""


def roles_of(db: Connection, wanted: Iterable[tuple[Receiver, int]], at: datetime) -> Roles:
    """Who has these roles for these clients: one statement for each role."""
    by_role: dict[Receiver, set[int]] = {}
    for role, client_id in wanted:
        by_role.setdefault(role, set()).add(client_id)
    found: Roles = {}
    for role, clients in by_role.items():
        reading = Reading("client", at)
        person = reading.person(f"client.{ROLES[role]}").label("person")
        statement = select(reading.subject_id.label("client"), person).select_from(reading.source)
        rows = db.execute(statement.where(reading.subject_id.in_(sorted(clients))))
        found |= {(role, row.client): row.person for row in rows}
    return found


def hearers(db: Connection, staff: Directory, level: Level, task: TaskRow, roles: Roles) -> Heard:
    """Whom one level tells: never the assignee, nobody who is away or has left; the next one up instead."""
    if level.to is Receiver.HOUSE:
        return _house(staff, task)
    meant = [number for number in _meant(db, staff, level, task, roles) if number is not None]
    if not meant:
        above = _above_task(staff, task)
        found = _climb(staff, above, task)
        missing = PassedBy(employee_id=None, why=WhyNot.MISSING)
        return Heard(to=found.to, passed_by=(missing, *found.passed_by))
    heard = [_climb(staff, number, task) for number in meant]
    return Heard(
        to=tuple(dict.fromkeys(number for one in heard for number in one.to)),
        passed_by=tuple(dict.fromkeys(it for one in heard for it in one.passed_by)),
    )


def _house(staff: Directory, task: TaskRow, passed: tuple[PassedBy, ...] = ()) -> Heard:
    """Everybody who sees the whole house and is there; when nobody is, all of them."""
    house = staff.house()
    there = [number for number in house if not staff.is_away(number) and number != task.assignee_id]
    return Heard(to=tuple(there or house), passed_by=passed)


def _climb(staff: Directory, first: int | None, task: TaskRow) -> Heard:
    """From whoever is meant to the first above them who can hear; in the end to the house."""
    passed: list[PassedBy] = []
    asked: set[int] = set()
    number = first
    while number is not None and number not in asked:
        asked.add(number)
        why = _why_not(staff, number, task)
        if why is None:
            return Heard(to=(number,), passed_by=tuple(passed))
        passed.append(PassedBy(employee_id=number, why=why))
        number = _above(staff, number, asked)
    return _house(staff, task, tuple(passed))


def _why_not(staff: Directory, number: int, task: TaskRow) -> WhyNot | None:
    if number == task.assignee_id:
        return WhyNot.ASSIGNEE
    if not staff.here(number):
        return WhyNot.GONE
    return WhyNot.AWAY if staff.is_away(number) else None


def _above(staff: Directory, number: int, asked: set[int]) -> int | None:
    found = staff.get(number)
    if found is None:
        return None
    leads = [it for it in staff.leads(found.team_id) if it not in asked]
    return found.manager_id if found.manager_id is not None else next(iter(leads), None)


def _above_task(staff: Directory, task: TaskRow) -> int | None:
    holder = staff.get(task.assignee_id)
    if holder is not None and holder.manager_id is not None:
        return holder.manager_id
    return next(iter(staff.leads(task.team_id)), None)


def _meant(db: Connection, staff: Directory, level: Level, task: TaskRow, roles: Roles) -> list[int | None]:
    match level.to:
        case Receiver.SUBSTITUTE:
            return [_substitute(staff, task)]
        case Receiver.MANAGER:
            holder = staff.get(task.assignee_id)
            manager = holder.manager_id if holder is not None else None
            return [manager] if manager is not None else list(staff.leads(task.team_id))
        case Receiver.TEAM_LEAD:
            return list(staff.leads(task.team_id))
        case Receiver.CASE_OWNER:
            return [history_of(read_case(db, task.case_id)).owner_id] if task.case_id else []
        case Receiver.EMPLOYEE:
            return [it.id for it in staff.people.values() if it.login == level.login]
        case _:
            return [roles.get((level.to, task.client_id))] if task.client_id is not None else []


def _substitute(staff: Directory, task: TaskRow) -> int | None:
    """Who stands in for the assignee now, else always."""
    holder = staff.get(task.assignee_id)
    if holder is None:
        return None
    now = tuple(it for it in holder.desk.absences if it.starts_at <= staff.at < it.ends_at)
    return substitute(holder.desk, now)
