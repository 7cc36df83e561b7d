"""Everything of somebody who leaves the house, handed to somebody else: previewed, then done in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, insert, literal, select, update

from core.actor import Actor
from core.errors import TaktasError
from models import parties, people, work
from models.work import LIVE, CaseStatus
from tasks.beat import happening
from tasks.desk.assigning import check_works_here, move_to, search_anew
from tasks.facts.computed import AsOf
from tasks.record.rows import lock_cases, lock_task
from tasks.seating.routing import find_seat


class CannotHandOver(TaktasError):
    """Somebody's work cannot be handed over like that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What changes hands: clients by role, running cases, open tasks; and whom else they stood in for."""

    employee_id: int
    to_employee_id: int
    on: date
    clients: dict[str, int]
    case_ids: tuple[int, ...]
    task_ids: tuple[int, ...]
    substitute_for: tuple[int, ...]


_held, _employee, _task = parties.responsibilities, people.employees, work.tasks.c
_CLIENTS = (
    select(_held.c.role, func.count())
    .where(_held.c.employee_id == bindparam("employee_id"), _held.c.until.is_(None))
    .group_by(_held.c.role)
    .order_by(_held.c.role)
)
_TASKS = (
    select(_task.id)
    .where(_task.assignee_id == bindparam("employee_id"), _task.status.in_([status.value for status in LIVE]))
    .order_by(_task.id)
)
_STANDS_IN = (
    select(_employee.c.id).where(_employee.c.substitute_id == bindparam("employee_id")).order_by(_employee.c.id)
)
_event, _case = work.events.c, work.cases.c
_HANDED = (
    select(cast(_event.data["to"].astext, BigInteger))
    .where(_event.case_id == _case.id, _event.kind == "case.handed_over")
    .order_by(_event.number.desc())
    .limit(1)
    .scalar_subquery()
)
_FIRST = (
    select(cast(_event.data["assignee_id"].astext, BigInteger))
    .where(_event.case_id == _case.id, _event.data["assignee_id"].is_not(None))
    .order_by(_event.number)
    .limit(1)
    .scalar_subquery()
)
_CASES = (
    select(_case.id)
    .where(_case.status == CaseStatus.RUNNING.value, func.coalesce(_HANDED, _FIRST) == bindparam("employee_id"))
    .order_by(_case.id)
)


def preview(db: Connection, *, employee_id: int, to_employee_id: int, on: date | None = None, at: datetime) -> Handover:
    """What leaving would change. Nothing is written. Raises: CannotHandOver, CannotReassign."""
    if employee_id == to_employee_id:
        raise CannotHandOver("Cannot hand somebody's work over to themselves. Name somebody else.")
    check_works_here(db, to_employee_id, "hand work over to", at)
    key = {"employee_id": employee_id}
    return Handover(
        employee_id=employee_id,
        to_employee_id=to_employee_id,
        on=on or AsOf.of(at).day,
        clients={row[0]: row[1] for row in db.execute(_CLIENTS, key)},
        case_ids=tuple(db.execute(_CASES, key).scalars()),
        task_ids=tuple(db.execute(_TASKS, key).scalars()),
        substitute_for=tuple(db.execute(_STANDS_IN, key).scalars()),
    )


def leave(
    db: Connection, actor: Actor, *, employee_id: int, to_employee_id: int, on: date | None = None, at: datetime
) -> Handover:
    """Let somebody leave: clients, cases and open tasks go to somebody else, and nothing new comes to them.

    Commission that was earned stays theirs: the producer's past is closed, not rewritten. Raises: as `preview`.
    """
    plan = preview(db, employee_id=employee_id, to_employee_id=to_employee_id, on=on, at=at)
    lock_cases(db, plan.case_ids)
    _hand_over_cases(db, actor, plan, at)
    db.execute(update(_employee).where(_employee.c.id == employee_id).values(left_on=plan.on))
    stood_in = update(_employee).where(_employee.c.substitute_id == employee_id)
    db.execute(stood_in.values(substitute_id=func.nullif(to_employee_id, _employee.c.id)))
    _hand_over_clients(db, plan)
    db.execute(update(work.tasks).where(_task.bumped_from_id == employee_id).values(bumped_from_id=to_employee_id))
    for task_id in plan.task_ids:
        _hand_over_task(db, actor, plan, task_id, at)
    happening.report(
        db,
        kind="employee.left",
        subject_type="employee",
        subject_id=employee_id,
        at=at,
        key=f"employee.left:{employee_id}:{plan.on}",
        data={"to": to_employee_id, "on": plan.on},
    )
    return plan


def _hand_over_cases(db: Connection, actor: Actor, plan: Handover, at: datetime) -> None:
    if not plan.case_ids:
        return
    facts = {"from": plan.employee_id, "to": plan.to_employee_id}
    last = select(func.max(_event.number)).where(_event.case_id == _case.id).correlate(work.cases).scalar_subquery()
    columns = {
        "case_id": _case.id,
        "number": last + 1,
        "kind": literal("case.handed_over"),
        "at": literal(at, work.events.c.at.type),
        "employee_id": literal(actor.employee_id, BigInteger),
        "on_behalf_of": literal(actor.on_behalf_of, BigInteger),
        "door": literal(actor.door.value),
        "data": literal(facts, work.events.c.data.type),
    }
    rows = select(*columns.values()).where(_case.id == func.any(list(plan.case_ids)))
    db.execute(insert(work.events).from_select(list(columns), rows))


def _hand_over_clients(db: Connection, plan: Handover) -> None:
    """Close what was theirs and begin the other's, from the same day on."""
    role = _held.c
    theirs = (role.employee_id == plan.employee_id, role.until.is_(None))
    ended = update(_held).where(*theirs).values(until=func.greatest(role.since, plan.on))
    closed = ended.returning(role.client_id, role.role, role.until)
    rows: list[dict[str, Any]] = [
        {"client_id": row.client_id, "role": row.role, "since": row.until, "employee_id": plan.to_employee_id}
        for row in db.execute(closed)
    ]
    if rows:
        db.execute(insert(_held), rows)


def _hand_over_task(db: Connection, actor: Actor, plan: Handover, task_id: int, at: datetime) -> None:
    task = lock_task(db, task_id).task
    if task.assignee_id != plan.employee_id or task.status not in LIVE:
        return
    seated = find_seat(search_anew(db, task, at), (), first=plan.to_employee_id)
    move_to(db, actor, task, seated, at=at)
