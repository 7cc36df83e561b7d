"""Who could take a task: an employee's calendar, absences and substitute, read as work sees them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from models import people
from tasks.facts.computed import AsOf
from tasks.handbooks import calendars
from tasks.handbooks.clocks import clock_of
from tasks.record.hot import Hot
from tasks.seating.presence import Absence, Desk

_CALENDARS = calendars.employee_calendars().subquery("their_calendars")
_STAFF = Hot(
    select(
        people.employees.c.id,
        people.employees.c.team_id,
        people.employees.c.substitute_id,
        people.employees.c.joined_on,
        people.employees.c.left_on,
        people.absences.c.starts_at,
        people.absences.c.ends_at,
        people.absences.c.substitute_id.label("stand_in_id"),
        _CALENDARS.c.calendar_version_id,
    )
    .join_from(
        people.employees,
        people.absences,
        and_(people.absences.c.employee_id == people.employees.c.id, people.absences.c.ends_at > bindparam("at")),
        isouter=True,
    )
    .join(_CALENDARS, _CALENDARS.c.employee_id == people.employees.c.id)
    .where(people.employees.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(people.employees.c.id, people.absences.c.starts_at)
)


class _Staff(NamedTuple):
    """One employee with one absence, or without any."""

    id: int
    team_id: int | None
    substitute_id: int | None
    joined_on: date | None
    left_on: date | None
    starts_at: Any
    ends_at: Any
    stand_in_id: int | None
    calendar_version_id: int | None


def desks(db: Connection, employee_ids: Iterable[int], at: datetime) -> dict[int, Desk]:
    """Their desks by number, in order of it; whoever does not exist is left out."""
    rows: dict[int, list[_Staff]] = {}
    for row in _STAFF.rows(db, {"ids": sorted(set(employee_ids)), "at": at}):
        rows.setdefault(row[0], []).append(_Staff(*row))
    day = AsOf.of(at).day
    return {number: _desk(db, found, day) for number, found in rows.items()}


def desk(db: Connection, employee_id: int, at: datetime) -> Desk | None:
    """One employee's desk; None when there is no such employee."""
    return desks(db, [employee_id], at).get(employee_id)


def _desk(db: Connection, rows: list[_Staff], day: date) -> Desk:
    first = rows[0]
    version_id = first.calendar_version_id or calendars.calendar_of(db, employee_id=first.id)[0]
    return Desk(
        employee_id=first.id,
        open_time=clock_of(db, version_id),
        calendar_version_id=version_id,
        absences=tuple(_absence(row) for row in rows if row.starts_at is not None),
        substitute_id=first.substitute_id,
        team_id=first.team_id,
        is_gone=(first.left_on is not None and first.left_on <= day)
        or (first.joined_on is not None and first.joined_on > day),
    )


def _absence(row: _Staff) -> Absence:
    return Absence(starts_at=row.starts_at, ends_at=row.ends_at, substitute_id=row.stand_in_id)
