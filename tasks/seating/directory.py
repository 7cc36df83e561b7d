"""Everybody who works here, as whoever sends word to them needs them: languages, superiors, desks and slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models import people
from standards.service.digests import Digests
from standards.working_time.open_time import BeyondCalendar, OpenTime
from tasks.handbooks import handbook
from tasks.seating.desks import desks
from tasks.seating.presence import Desk
from tasks.seating.slots import SlotAt, last_slot, next_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One employee, and whom they answer to."""

    id: int
    login: str
    language: str
    team_id: int | None
    manager_id: int | None
    is_manager: bool
    desk: Desk

    @property
    def is_gone(self) -> bool:
        """Whether they left the house, or have not joined it yet."""
        return self.desk.is_gone


@dataclass(slots=True, kw_only=True)
class Directory:
    """The people of the house at one moment; what is worked out for one of them is kept.

    `known`: room for what others work out from it alone.
    """

    at: datetime
    people: Mapping[int, Colleague]
    digests: Digests = field(default_factory=Digests)
    known: dict[Hashable, Any] = field(default_factory=dict)
    _clocks: dict[int, OpenTime] = field(default_factory=dict)
    _back: dict[int, datetime | None] = field(default_factory=dict)
    _open_now: dict[int, bool] = field(default_factory=dict)
    _leads: dict[int, list[int]] = field(default_factory=dict)
    _slots: dict[int, tuple[SlotAt | None, SlotAt | None]] = field(default_factory=dict)
    _away: dict[int, bool] = field(default_factory=dict)

    def get(self, employee_id: int | None) -> Colleague | None:
        """Somebody by number."""
        return self.people.get(employee_id) if employee_id is not None else None

    def here(self, employee_id: int | None) -> bool:
        """Whether that is somebody who works here now."""
        found = self.get(employee_id)
        return found is not None and not found.is_gone

    def clock(self, employee_id: int) -> OpenTime:
        """Their working time without their absences."""
        if employee_id not in self._clocks:
            desk = self.people[employee_id].desk
            gaps = [(it.starts_at, it.ends_at) for it in desk.absences]
            self._clocks[employee_id] = desk.open_time.without(gaps) if gaps else desk.open_time
        return self._clocks[employee_id]

    def is_at_desk(self, employee_id: int) -> bool:
        """Whether they work at this very moment."""
        desk = self.people[employee_id].desk
        if desk.is_gone or any(it.starts_at <= self.at < it.ends_at for it in desk.absences):
            return False
        key = id(desk.open_time)  # one clock serves all who share a calendar
        if key not in self._open_now:
            try:
                self._open_now[key] = desk.open_time.is_open(self.at)
            except BeyondCalendar:
                self._open_now[key] = False
        return self._open_now[key]

    def is_away(self, employee_id: int) -> bool:
        """Whether the next working day they are here is not the next one they would work."""
        if employee_id not in self._away:
            self._away[employee_id] = self._is_away(employee_id)
        return self._away[employee_id]

    def _is_away(self, employee_id: int) -> bool:
        desk = self.people[employee_id].desk
        if not desk.absences:
            return False
        usual = desk.open_time.next_open(self.at)
        back = self.back_at(employee_id)
        zone = desk.open_time.zone
        return back is None or back.astimezone(zone).date() != usual.astimezone(zone).date()

    def back_at(self, employee_id: int) -> datetime | None:
        """When they next are at their desk: now, if they are; None when no calendar reaches so far."""
        if employee_id not in self._back:
            try:
                self._back[employee_id] = self.clock(employee_id).next_open(self.at)
            except BeyondCalendar:
                self._back[employee_id] = None
        return self._back[employee_id]

    def slots(self, employee_id: int) -> tuple[SlotAt | None, SlotAt | None]:
        """The slot whose digest may leave now, for somebody at their desk, and the next one."""
        if employee_id not in self._slots:
            self._slots[employee_id] = self._slots_of(employee_id)
        return self._slots[employee_id]

    def _slots_of(self, employee_id: int) -> tuple[SlotAt | None, SlotAt | None]:
        clock, daily = self.clock(employee_id), self.digests.daily
        is_there = self.is_at_desk(employee_id)
        try:
            return (last_slot(clock, daily, self.at) if is_there else None), next_slot(clock, daily, self.at)
        except BeyondCalendar:
            return None, None

    def leads(self, team_id: int | None) -> list[int]:
        """The managers in a team, else whoever most of its people answer to."""
        if team_id is None:
            return []
        if team_id not in self._leads:
            self._leads[team_id] = self._leads_of(team_id)
        return self._leads[team_id]

    def _leads_of(self, team_id: int) -> list[int]:
        staff = [it for it in self.people.values() if it.team_id == team_id]
        inside = [it.id for it in staff if it.is_manager and not it.is_gone]
        counted = Counter(it.manager_id for it in staff if it.manager_id is not None)
        most = sorted(counted, key=lambda number: (-counted[number], number))[:1]
        return inside or [number for number in most if self.here(number)]

    def house(self) -> list[int]:
        """Everybody who sees the whole house."""
        return [it.id for it in self.people.values() if it.is_manager and not it.is_gone]


_STAFF = select(
    people.employees.c.id,
    people.employees.c.login,
    people.employees.c.language,
    people.employees.c.team_id,
    people.employees.c.manager_id,
    people.employees.c.is_manager,
).order_by(people.employees.c.id)


def directory(db: Connection, at: datetime, *, only: int | None = None) -> Directory:
    """Everybody who works or worked here, or only one of them, with the slots the house has declared."""
    query = _STAFF if only is None else _STAFF.where(people.employees.c.id == only)
    rows = db.execute(query).mappings().all()
    known = desks(db, [row["id"] for row in rows], at) if rows else {}
    staff = {row["id"]: Colleague(**row, desk=known[row["id"]]) for row in rows if row["id"] in known}
    return Directory(at=at, people=staff, digests=handbook.book(db).book.digests)
