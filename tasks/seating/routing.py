"""Who gets a task: a role, a team by turn or by load, whoever did an earlier step, or the queue nobody owns yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Numeric, bindparam, cast, func, select, update

from models import people, work
from models.work import LIVE
from standards.process import Route, RouteKind
from standards.working_time.open_time import OpenTime
from tasks.handbooks import calendars
from tasks.moments import TaskMoments
from tasks.seating.desks import desk, desks
from tasks.seating.presence import Desk, absences_in_the_way, seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """Where a task lies: with a person, or in a queue (of a team, or of the house); and its moments there.

    `bumped_from_id`: whose it would have been, were they not away; it goes back when they return.
    """

    employee_id: int | None
    team_id: int | None
    calendar_version_id: int
    clock: OpenTime
    moments: TaskMoments
    bumped_from_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What routing needs to know of a task that looks for its person.

    `moments_on` gives its moments on a calendar; `person_of` whom a role means; `doer_of` who did an earlier step.
    """

    db: Connection
    at: datetime
    effort_minutes: int
    moments_on: Callable[[OpenTime], TaskMoments]
    person_of: Callable[[str], int | None]
    doer_of: Callable[[str], int | None]


def find_seat(search: Search, routes: Sequence[Route], first: int | None = None) -> Seated:
    """The place of a task: with `first`, when somebody is named already, else by the first route that finds one.

    Nobody who left is ever found. When everybody is away, it waits in the queue of the team of the first that was
    meant, and goes back to them when they return. Raises: BeyondCalendar.
    """
    meant: list[int] = []
    found = _with_person(search, first, meant) if first is not None else None
    for route in routes:
        found = found or _by_route(search, route, meant)
    return found or _nobody_is_there(search, meant)


def _by_route(search: Search, route: Route, meant: list[int]) -> Seated | None:
    match route.kind:
        case RouteKind.ROLE:
            return _with_person(search, search.person_of(route.path or ""), meant)
        case RouteKind.SAME_AS:
            return _with_person(search, search.doer_of(route.step or ""), meant)
        case RouteKind.BY_TURN:
            return _by_turn(search, route.team or "")
        case RouteKind.BY_LOAD:
            return _by_load(search, route.team or "")
        case RouteKind.QUEUE:
            return in_queue(search, _team_id(search.db, route.team))


def _with_person(search: Search, employee_id: int | None, meant: list[int]) -> Seated | None:
    """With that person, or visibly with whoever stands in for them."""
    if employee_id is None:
        return None
    meant.append(employee_id)
    asked: dict[int, Desk] = {}

    def desk_of(number: int) -> Desk | None:
        found = desk(search.db, number, search.at)
        if found is not None:
            asked[number] = found
        return found

    found = seat(employee_id, desk_of, lambda it: search.moments_on(it.open_time), search.effort_minutes)
    if found is None:
        return None
    owner = asked[employee_id]
    is_bumped = found.desk.employee_id != employee_id and not owner.is_gone
    return _seated(found.desk, found.moments, bumped_from_id=employee_id if is_bumped else None)


def _seated(found: Desk, moments: TaskMoments, bumped_from_id: int | None = None) -> Seated:
    return Seated(
        employee_id=found.employee_id,
        team_id=found.team_id,
        calendar_version_id=found.calendar_version_id or 0,
        clock=found.open_time,
        moments=moments,
        bumped_from_id=bumped_from_id,
    )


def in_queue(search: Search, team_id: int | None, bumped_from_id: int | None = None) -> Seated:
    """In the queue of a team, or of the house when no team is named."""
    version_id, clock = calendars.calendar_of(search.db, team_id=team_id)
    return Seated(
        employee_id=None,
        team_id=team_id,
        calendar_version_id=version_id,
        clock=clock,
        moments=search.moments_on(clock),
        bumped_from_id=bumped_from_id,
    )


def _nobody_is_there(search: Search, meant: list[int]) -> Seated:
    staying = [it for it in desks(search.db, meant, search.at).values() if not it.is_gone] if meant else []
    by_number = {it.employee_id: it for it in staying}
    owner = next((by_number[number] for number in meant if number in by_number), None)
    return in_queue(search, owner.team_id if owner else None, owner.employee_id if owner else None)


def _present(search: Search, found: Desk) -> bool:
    moments = search.moments_on(found.open_time)
    return not found.is_gone and not absences_in_the_way(found, moments, search.effort_minutes)


def _by_turn(search: Search, team: str) -> Seated | None:
    """The next in the order of the team's people, passing over whoever is away."""
    dealt = search.db.execute(_TURN, {"team": team}).first()
    if dealt is None:
        return None
    members = list(desks(search.db, _members(search.db, team), search.at).values())
    start = (dealt.turn - 1) % len(members) if members else 0
    for found in (*members[start:], *members[:start]):
        if _present(search, found):
            return _seated(found, search.moments_on(found.open_time))
    return None


def _by_load(search: Search, team: str) -> Seated | None:
    """Whoever has the least open effort for the hours they work, passing over whoever is away."""
    lightest_first = search.db.execute(_LOAD, {"team": team}).scalars().all()
    known = desks(search.db, lightest_first, search.at) if lightest_first else {}
    for number in lightest_first:
        if number in known and _present(search, known[number]):
            return _seated(known[number], search.moments_on(known[number].open_time))
    return None


def _members(db: Connection, team: str) -> Sequence[int]:
    return db.execute(_MEMBERS, {"team": team}).scalars().all()


def _team_id(db: Connection, team: str | None) -> int | None:
    return db.execute(_TEAM, {"team": team}).scalar_one_or_none() if team else None


_TEAM = select(people.teams.c.id).where(people.teams.c.code == bindparam("team"))
_TURN = (
    update(people.teams)
    .where(people.teams.c.code == bindparam("team"))
    .values(turn=people.teams.c.turn + 1)
    .returning(people.teams.c.turn)
)
_MEMBERS = (
    select(people.employees.c.id)
    .join(people.teams, people.teams.c.id == people.employees.c.team_id)
    .where(people.teams.c.code == bindparam("team"))
    .order_by(people.employees.c.id)
)
_OPEN_EFFORT = (
    select(func.coalesce(func.sum(func.greatest(work.resolutions.c.effort_minutes, 1)), 0))
    .select_from(work.tasks)
    .join(work.resolutions, work.resolutions.c.id == work.tasks.c.resolution_id)
    .where(
        work.tasks.c.assignee_id == people.employees.c.id,
        work.tasks.c.status.in_([status.value for status in LIVE]),
    )
    .correlate(people.employees)
    .scalar_subquery()
)
_LOAD = (
    select(people.employees.c.id)
    .join(people.teams, people.teams.c.id == people.employees.c.team_id)
    .where(people.teams.c.code == bindparam("team"), people.employees.c.weekly_hours > 0)
    .order_by(cast(_OPEN_EFFORT, Numeric) / people.employees.c.weekly_hours, people.employees.c.id)
)
