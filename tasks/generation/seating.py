"""What Python works out for a run, once per distinct question: who gets the first task, when it is due, what then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from models import people
from models.work import TaskStatus
from standards.process import Route, RouteKind, Trigger
from standards.service.standard import Dimensions, Fields
from standards.working_time.duration import AnchoredMoment
from standards.working_time.open_time import OpenTime
from tasks.generation.plan import Plan
from tasks.generation.stage import NO_DATE, NO_MOMENT, NOBODY
from tasks.handbooks import calendars
from tasks.moments import TaskMoments, next_firing, nudges, task_moments
from tasks.record.ledger import plain
from tasks.seating.desks import desks
from tasks.seating.presence import Desk, absences_in_the_way, seat

NO_OWNER, NOT_DEALT = "no_owner", "not_dealt"

Resolve = Callable[[list[Dimensions]], Mapping[Dimensions, tuple[int | None, Fields]]]
"""Dimensions -> the number of their resolution (None in a dry run, which writes none) and what it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One distinct question: the class of each owner, of whom the team's work was dealt to, the anchors, the timing."""

    classes: tuple[int, ...]
    dealt_class: int
    anchors: tuple[date | datetime, ...]
    timing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the first task lies. `take`: with the owner of that column; else with `employee_id`, else in a queue."""

    clock: OpenTime
    calendar_version_id: int | None
    moments: TaskMoments
    team_id: int | None
    take: int | None = None
    employee_id: int | None = None
    bumped_from_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """The work of a team that is still to be dealt: by which of the plan's team routes, and among whom."""

    route: int
    members: tuple[int, ...]


class Seating:
    """Answers are kept for the whole run of one process: the shards ask the same questions."""

    def __init__(self, db: Connection, plan: Plan, resolve: Resolve) -> None:
        self.plan = plan
        self.at = plan.as_of.at
        self.timings: list[Fields] = []
        self.resolutions: dict[Dimensions, tuple[int | None, int]] = {}
        self.staff = desks(db, db.execute(select(people.employees.c.id)).scalars(), self.at)
        self.class_of = self._classes()
        self._resolve = resolve
        self._alike = {number: self.staff[employee_id] for employee_id, number in self.class_of.items()}
        self._team_ids: dict[str, int] = dict(db.execute(select(people.teams.c.code, people.teams.c.id)).all())
        self._queues = {it: calendars.calendar_of(db, team_id=it) for it in (None, *self._team_ids.values())}
        self._members = {route: _members(db, route) for route in plan.teams}
        self._moments: dict[tuple[int | None, tuple[Any, ...], int], TaskMoments] = {}

    def _classes(self) -> dict[int, int]:
        """Employees without absences are alike when calendar and team are; anybody else is a class of one."""
        kinds: dict[tuple[int | None, int | None], int] = {}
        return {
            it.employee_id: -it.employee_id
            if it.absences or it.is_gone
            else kinds.setdefault((it.calendar_version_id, it.team_id), len(kinds) + 1)
            for it in self.staff.values()
        }

    def resolve(self, wanted: list[Dimensions]) -> None:
        """Learn what the standards ask of these. Raises: AmbiguousStandards."""
        new = [dimensions for dimensions in wanted if dimensions not in self.resolutions]
        for dimensions, (number, fields) in self._resolve(new).items() if new else ():
            if fields not in self.timings:
                self.timings.append(fields)
            self.resolutions[dimensions] = (number, self.timings.index(fields))

    def place(self, inquiry: Inquiry) -> Place | Deal | str:
        """Where the first task lies, a deal that is still to be made, or the reason why it cannot begin.

        Raises: BeyondCalendar.
        """
        meant: list[Desk] = []
        for route in self.plan.routes:
            found = self._by_route(route, inquiry, meant)
            if found is not None:
                return found
        if not meant:
            return NO_OWNER
        return self._in_queue(meant[0].team_id, inquiry, bumped_from_id=meant[0].employee_id)

    def _by_route(self, route: Route, inquiry: Inquiry, meant: list[Desk]) -> Place | Deal | str | None:
        match route.kind:
            case RouteKind.ROLE if route.path in self.plan.roles:
                return self._with_owner(self.plan.roles.index(route.path or ""), inquiry, meant)
            case RouteKind.BY_TURN | RouteKind.BY_LOAD:
                return self._with_team(route, inquiry)
            case RouteKind.QUEUE:
                return self._in_queue(self._team_ids.get(route.team or ""), inquiry)
        return None

    def _with_owner(self, column: int, inquiry: Inquiry, meant: list[Desk]) -> Place | None:
        number = inquiry.classes[column]
        if number == NOBODY:
            return None
        desk = self._alike[number]
        if number > 0:
            return self._at(desk, inquiry, take=column)
        if not desk.is_gone:
            meant.append(desk)
        effort = self.timings[inquiry.timing].effort_minutes
        found = seat(desk.employee_id, self.staff.get, lambda it: self._moments_at(it, inquiry), effort)
        if found is None:
            return None
        is_bumped = found.desk.employee_id != desk.employee_id and not desk.is_gone
        owner_id = desk.employee_id if is_bumped else None
        return self._at(found.desk, inquiry, employee_id=found.desk.employee_id, bumped_from_id=owner_id)

    def _with_team(self, route: Route, inquiry: Inquiry) -> Place | Deal | str | None:
        dealt = self._alike.get(inquiry.dealt_class)
        if dealt is not None and self._is_there(dealt, inquiry):
            return self._at(dealt, inquiry, take=len(self.plan.roles))
        there = tuple(it for it in self._members[route] if self._is_there(self.staff[it], inquiry))
        return Deal(route=self.plan.teams.index(route), members=there) if there else None

    def _is_there(self, desk: Desk, inquiry: Inquiry) -> bool:
        effort = self.timings[inquiry.timing].effort_minutes
        return not desk.is_gone and not absences_in_the_way(desk, self._moments_at(desk, inquiry), effort)

    def _at(self, desk: Desk, inquiry: Inquiry, **more: int | None) -> Place:
        return Place(
            clock=desk.open_time,
            calendar_version_id=desk.calendar_version_id,
            moments=self._moments_at(desk, inquiry),
            team_id=desk.team_id,
            **more,
        )

    def _in_queue(self, team_id: int | None, inquiry: Inquiry, bumped_from_id: int | None = None) -> Place:
        version_id, clock = self._queues[team_id]
        return Place(
            clock=clock,
            calendar_version_id=version_id,
            moments=self._moments_on(clock, version_id, inquiry),
            team_id=team_id,
            bumped_from_id=bumped_from_id,
        )

    def _moments_at(self, desk: Desk, inquiry: Inquiry) -> TaskMoments:
        return self._moments_on(desk.open_time, desk.calendar_version_id, inquiry)

    def _moments_on(self, clock: OpenTime, version_id: int | None, inquiry: Inquiry) -> TaskMoments:
        key = (version_id, inquiry.anchors, inquiry.timing)
        if key not in self._moments:
            step = self.plan.step
            limit_at = self._counted(step.limit, clock, inquiry) if step and step.limit else None
            fields = self.timings[inquiry.timing]
            self._moments[key] = task_moments(fields, clock, opens_at=self.at, limit_at=limit_at)
        return self._moments[key]

    def _counted(self, moment: AnchoredMoment, clock: OpenTime, inquiry: Inquiry) -> datetime | None:
        """The moment counted from an anchor of the subject or of the case; None where the anchor has no value."""
        if moment.anchor == "case.started_at":
            return clock.resolve_anchor(moment, self.at)
        if moment.anchor not in self.plan.anchors:
            return None  # a step that has not been done yet
        anchor = inquiry.anchors[self.plan.anchors.index(moment.anchor)]
        return None if anchor in {NO_DATE, NO_MOMENT} else clock.resolve_anchor(moment, anchor)

    def row(self, number: int, inquiry: Inquiry, found: Place) -> dict[str, Any]:
        """What the table of seats holds of it."""
        moments = found.moments
        following = next_firing(nudges(self.timings[inquiry.timing], found.clock, moments))
        return {
            "seat": number,
            "take": found.take,
            "employee_id": found.employee_id,
            "bumped_from_id": found.bumped_from_id,
            "team_id": found.team_id,
            "calendar_version_id": found.calendar_version_id,
            "start_by": moments.start_by,
            "due_at": moments.due_at,
            "limit_at": moments.limit_at,
            "is_tight": moments.is_tight,
            "next_at": following[0] if following else None,
            "next_what": following[1].value if following else None,
            "data": self._facts(found),
        }

    def _facts(self, found: Place) -> dict[str, Any]:
        """What the ledger remembers, but for the person and the standard, which differ from row to row."""
        facts = {
            "step": self.plan.step.name if self.plan.step else None,
            "round": 1,
            "status": TaskStatus.OPEN.value,
            "team_id": found.team_id,
            "calendar_version_id": found.calendar_version_id,
            "bumped_from_id": found.bumped_from_id,
            "opens_at": self.at,
            "due_at": found.moments.due_at,
            "limit_at": found.moments.limit_at,
        }
        return {name: plain(value) for name, value in facts.items() if value is not None}

    def timer_rows(self, number: int, inquiry: Inquiry, clock: OpenTime) -> list[dict[str, Any]]:
        """The deadlines beside the first step, for everybody with that seat."""
        deadlines = self.plan.step.deadlines if self.plan.step else ()
        rings = ((trigger, self._fires_at(trigger, clock, inquiry)) for trigger in deadlines)
        return [
            {
                "seat": number,
                "branch": trigger.name,
                "fires_at": fires_at,
                "anchor": str(trigger.moment) if trigger.moment else None,
            }
            for trigger, fires_at in rings
            if fires_at is not None
        ]

    def _fires_at(self, trigger: Trigger, clock: OpenTime, inquiry: Inquiry) -> datetime | None:
        span = trigger.span or trigger.every
        if span is not None:
            return clock.add_duration(self.at, span)
        return self._counted(trigger.moment, clock, inquiry) if trigger.moment else None


def _members(db: Connection, route: Route) -> tuple[int, ...]:
    """Whom a team's work can be dealt to; by load, only those who have hours to fill."""
    employee, team = people.employees.c, people.teams.c
    members = select(employee.id).join(people.teams, team.id == employee.team_id).where(team.code == route.team)
    if route.kind is RouteKind.BY_LOAD:
        members = members.where(employee.weekly_hours > 0)
    return tuple(db.execute(members.order_by(employee.id)).scalars())
