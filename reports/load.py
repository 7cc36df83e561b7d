"""Load against capacity: hours of work ahead against the hours people are there, by week and any dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from core.clock import start_of, zone
from core.errors import UsageError
from models.people import employees
from reports.dimension import CALENDAR, By
from reports.labels import label, labels
from reports.load_query import Ahead, Coming, Key, work_ahead, work_coming
from reports.sheet import ALL
from reports.split import Split
from tasks.seating.desks import desks
from tasks.seating.presence import Desk

HOUR = 3600.0  # seconds
FULL = 1.0
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A group's week: hours of work, of it planned, and hours its people are there (None: it has none).

    Its people are the person, else the team, the group is told by; else everybody asked about: of work of one product
    the load says what share of their time it takes.
    """

    key: Key
    name: str
    week: date
    tasks: int
    hours: float
    planned_hours: float
    without_effort: int
    capacity: float | None

    @property
    def load(self) -> float | None:
        """1 is full; None where there is no time at all."""
        return self.hours / self.capacity if self.capacity else None

    @property
    def is_over(self) -> bool:
        """Whether there is more work than time."""
        return self.capacity is not None and self.hours > self.capacity * FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The answer. `there`: hours everybody asked about is there, by week; `names`: of each group, by dimension.

    `coming`: new cases of the house, which nobody has yet; only of who asks about all the work of the house.
    """

    at: datetime
    zone_name: str
    asked: Split
    weeks: tuple[date, ...]
    cells: tuple[Cell, ...]
    names: Mapping[Key, tuple[str, ...]]
    there: Mapping[date, float]
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    number: int
    team_id: int | None
    hours: Mapping[date, float]


def load(
    db: Connection,
    at: datetime,
    *,
    zone_name: str,
    weeks: int = 4,
    asked: Split | None = None,
    language: str = "en",
) -> Load:
    """The present week from that moment on (the next, where nobody works any more in it), and those after it.

    Capacity is the open time of somebody's calendar without their absences, never more than their weekly hours.
    Raises: UsageError for days and months, since load is told by week; BeyondCalendar.
    """
    asked = asked or Split(by=(By.EMPLOYEE,))
    _refuse_days(asked)
    today = at.astimezone(zone(zone_name)).date()
    monday = today - timedelta(days=today.weekday())
    chosen = _chosen(db, today, asked)
    if not any(_there_in(db, chosen, at, (monday,), zone_name).values()):
        monday += WEEK  # what is left of this week is nobody's working time: what is overdue falls into the next
    mondays = tuple(monday + number * WEEK for number in range(weeks))
    ahead = work_ahead(db, max(at, start_of(monday, zone_name)), zone_name, mondays[-1], asked)
    hours = _there_in(db, chosen, at, mondays, zone_name)
    people = [
        _Person(number=number, team_id=team, hours={day: hours[number, day] for day in mondays})
        for number, team in chosen.items()
    ]
    names = _names(db, asked, language, [*_groups_of_people(asked, people), *(row.key for row in ahead)])
    edges = [at, *(start_of(each + WEEK, zone_name) for each in mondays)]
    return Load(
        at=at,
        zone_name=zone_name,
        asked=asked,
        weeks=mondays,
        cells=tuple(_cells(asked, names, mondays, ahead, people)),
        names=names,
        there={day: sum(person.hours[day] for person in people) for day in mondays},
        coming=tuple(work_coming(db, edges)) if asked.is_whole else (),
    )


def _refuse_days(asked: Split) -> None:
    days = [by.value for by in (*asked.by, *(by for by, _ in asked.only)) if by in CALENDAR]
    if days:
        raise UsageError(f"Load is told week by week, not by {days[0]}. Leave {days[0]} out; --weeks says how many.")


def _chosen(db: Connection, today: date, asked: Split) -> dict[int, int | None]:
    """Who works here and is asked about, by name, with their team."""
    here = or_(employees.c.left_on.is_(None), employees.c.left_on > today)
    wanted = select(employees.c.id, employees.c.team_id).where(here).order_by(employees.c.sort_key, employees.c.id)
    if asked.employee_ids is not None:
        wanted = wanted.where(employees.c.id.in_(asked.employee_ids))
    for by, value in asked.only:
        column = {By.EMPLOYEE: employees.c.id, By.TEAM: employees.c.team_id}.get(by)
        wanted = wanted if column is None else wanted.where(column.is_(None) if value is None else column == value)
    return {row.id: row.team_id for row in db.execute(wanted)}


def _there_in(
    db: Connection, people: Iterable[int], at: datetime, mondays: Sequence[date], zone_name: str
) -> dict[tuple[int, date], float]:
    found = desks(db, list(people), at)
    hours = {row.id: float(row.weekly_hours) for row in db.execute(select(employees.c.id, employees.c.weekly_hours))}
    return {
        (number, monday): min(_there(desk, at, monday, zone_name), hours[number])
        for number, desk in found.items()
        for monday in mondays
    }


def _there(desk: Desk, at: datetime, monday: date, zone_name: str) -> float:
    """Open hours of that week from that moment on, without absences."""
    start, end = max(at, start_of(monday, zone_name)), start_of(monday + WEEK, zone_name)
    gaps = [(it.starts_at, it.ends_at) for it in desk.absences if it.starts_at < end and it.ends_at > start]
    clock = desk.open_time.without(gaps) if gaps else desk.open_time
    return max(0, clock.between(start, end)) / HOUR


def _groups_of_people(asked: Split, people: Sequence[_Person]) -> list[Key]:
    """People and teams are told also where they have no work."""
    if asked.by == (By.EMPLOYEE,):
        return [(person.number,) for person in people]
    if asked.by == (By.TEAM,):
        return [(team,) for team in dict.fromkeys(person.team_id for person in people) if team is not None]
    return []


def _names(db: Connection, asked: Split, language: str, keys: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
    """Each group with its names: people in the order of the house, then by name, what nobody has at the end."""
    known = {by: labels(db, by, language) for by in asked.by}
    named: dict[Key, tuple[str, ...]] = {
        key: tuple(label(by, value, known[by]) for by, value in zip(asked.by, key, strict=True))
        for key in dict.fromkeys(keys)
    }
    people = {number: place for place, number in enumerate(_in_order(db))} if By.EMPLOYEE in asked.by else {}

    def place(key: Key) -> tuple[Any, ...]:
        return tuple(
            (value is None, people.get(value, len(people)) if by is By.EMPLOYEE else 0, name)
            for by, value, name in zip(asked.by, key, named[key], strict=True)
        )

    return {key: named[key] for key in sorted(named, key=place)}


def _in_order(db: Connection) -> Iterable[int]:
    return db.scalars(select(employees.c.id).order_by(employees.c.sort_key, employees.c.id))


def _cells(
    asked: Split,
    names: Mapping[Key, tuple[str, ...]],
    mondays: Sequence[date],
    ahead: Iterable[Ahead],
    people: Sequence[_Person],
) -> Iterable[Cell]:
    """Every group and week; of what nobody has only the weeks in which there is any."""
    sums: dict[tuple[Key, date], list[Ahead]] = {}
    for row in ahead:
        sums.setdefault((row.key, row.week), []).append(row)
    for group, told in names.items():
        its = _its_people(asked, group, people)
        for monday in mondays:
            rows = sums.get((group, monday), [])
            if rows or its:
                yield Cell(
                    key=group,
                    name=", ".join(told) or ALL,
                    week=monday,
                    tasks=sum(row.tasks for row in rows),
                    hours=sum(row.hours for row in rows),
                    planned_hours=sum(row.hours for row in rows if row.is_planned),
                    without_effort=sum(row.without_effort for row in rows),
                    capacity=sum(person.hours[monday] for person in its) if its else None,
                )


def _its_people(asked: Split, group: Key, people: Sequence[_Person]) -> list[_Person]:
    told = dict(zip(asked.by, group, strict=True))
    if By.EMPLOYEE in told:
        return [person for person in people if person.number == told[By.EMPLOYEE]]
    if By.TEAM in told:
        return [person for person in people if person.team_id == told[By.TEAM]]
    return list(people)
