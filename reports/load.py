"""Load against capacity: hours of work ahead against the hours people are there, by person and week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from core.clock import start_of, zone
from models.people import employees
from reports.labels import NOBODY
from reports.load_query import Ahead, Coming, work_ahead, work_coming
from reports.sheet import Column, Kind, Report, Sheet
from tasks.seating.desks import desks
from tasks.seating.presence import Desk

HOUR = 3600.0  # seconds
FULL = 1.0
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One person's week: hours of work, of it planned, and hours they are there (None: nobody's)."""

    employee_id: int | None
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
    """The answer. `coming`: new cases of the house, which nobody has yet; only of who sees the whole house."""

    at: datetime
    weeks: tuple[date, ...]
    cells: tuple[Cell, ...]
    coming: tuple[Coming, ...]


def load(
    db: Connection, at: datetime, *, zone_name: str, weeks: int = 4, employee_ids: Sequence[int] | None = None
) -> Load:
    """The present week from that moment on (the next, where nobody works any more in it), and those after it.

    Of these people, or of the whole house.

    Capacity is the open time of somebody's calendar without their absences, never more than their weekly hours.
    Raises: BeyondCalendar.
    """
    today = at.astimezone(zone(zone_name)).date()
    monday = today - timedelta(days=today.weekday())
    people = _people(db, today, employee_ids)
    if not any(_capacities(db, people, at, (monday,), zone_name).values()):
        monday += WEEK  # what is left of this week is nobody's working time: what is overdue falls into the next
    mondays = tuple(monday + number * WEEK for number in range(weeks))
    ahead = work_ahead(db, max(at, start_of(monday, zone_name)), zone_name, mondays[-1])
    capacity = _capacities(db, people, at, mondays, zone_name)
    cells = list(_cells(people, mondays, ahead, capacity))
    if employee_ids is None:
        cells += _cells({None: NOBODY}, mondays, ahead, {})
    edges = [at, *(start_of(each + WEEK, zone_name) for each in mondays)]
    coming = work_coming(db, edges) if employee_ids is None else []
    return Load(at=at, weeks=mondays, cells=tuple(cells), coming=tuple(coming))


def _people(db: Connection, today: date, employee_ids: Sequence[int] | None) -> dict[int | None, str]:
    here = or_(employees.c.left_on.is_(None), employees.c.left_on > today)
    asked = select(employees.c.id, employees.c.name).where(here).order_by(employees.c.sort_key, employees.c.id)
    if employee_ids is not None:
        asked = asked.where(employees.c.id.in_(employee_ids))
    return {row.id: row.name for row in db.execute(asked)}


def _capacities(
    db: Connection, people: Mapping[int | None, str], at: datetime, mondays: Sequence[date], zone_name: str
) -> dict[tuple[int | None, date], float]:
    found = desks(db, [number for number in people if number is not None], at)
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


def _cells(
    people: Mapping[int | None, str],
    mondays: Sequence[date],
    ahead: Iterable[Ahead],
    capacity: Mapping[tuple[int | None, date], float],
) -> Iterable[Cell]:
    """Every person and week; nobody's only where there is any."""
    sums: dict[tuple[int | None, date], list[Ahead]] = {}
    for row in ahead:
        sums.setdefault((row.employee_id, row.week), []).append(row)
    for number, name in people.items():
        for monday in mondays:
            rows = sums.get((number, monday), [])
            if rows or number is not None:
                yield Cell(
                    employee_id=number,
                    name=name,
                    week=monday,
                    tasks=sum(row.tasks for row in rows),
                    hours=sum(row.hours for row in rows),
                    planned_hours=sum(row.hours for row in rows if row.is_planned),
                    without_effort=sum(row.without_effort for row in rows),
                    capacity=capacity.get((number, monday)),
                )


def load_report(told: Load) -> Report:
    """One row for each person and week, and what the schedules will add."""
    columns = (
        Column(key="employee", on_screen=False),
        Column(key="employee_name", heading="Employee", kind=Kind.TEXT),
        Column(key="week", heading="Week of", kind=Kind.DAY),
        Column(key="tasks", heading="Tasks"),
        Column(key="hours", heading="Work (h)", kind=Kind.HOURS),
        Column(key="planned_hours", heading="planned of it", kind=Kind.HOURS),
        Column(key="capacity_hours", heading="There (h)", kind=Kind.HOURS),
        Column(key="load_share", heading="Load", kind=Kind.SHARE),
        Column(key="is_over", heading="Over", kind=Kind.TEXT),
        Column(key="without_effort", heading="Without effort", when_any=True),
    )
    asked = {"as_of": told.at, "weeks": [str(week) for week in told.weeks], "counts": "open and planned tasks by due"}
    main = Sheet(name="figures", title="", columns=columns, rows=tuple(_row(cell) for cell in told.cells))
    return Report(asked=asked, sheets=(main, _coming_sheet(told)))


def _row(cell: Cell) -> dict[str, Any]:
    return {
        "employee": cell.employee_id,
        "employee_name": cell.name,
        "week": cell.week,
        "tasks": cell.tasks,
        "hours": cell.hours,
        "planned_hours": cell.planned_hours,
        "capacity_hours": cell.capacity,
        "load_share": cell.load,
        "is_over": cell.is_over,
        "without_effort": cell.without_effort,
    }


def _coming_sheet(told: Load) -> Sheet:
    columns = (
        Column(key="process", heading="Process", kind=Kind.TEXT),
        Column(key="week", heading="Week of", kind=Kind.DAY),
        Column(key="cases", heading="New cases"),
        Column(key="hours", heading="First tasks (h)", kind=Kind.HOURS),
    )
    rows = tuple(
        {"process": each.process, "week": week, "cases": count, "hours": hours}
        for each in told.coming
        for week, count, hours in zip(told.weeks, each.cases, each.hours, strict=True)
    )
    return Sheet(name="coming", title="", columns=columns, rows=rows)


def load_table(told: Load) -> Sheet:
    """For the screen: a row for each person, a column for each week, whoever is over 100 % marked."""
    rows: dict[str, dict[str, Any]] = {}
    for cell in told.cells:
        rows.setdefault(str(cell.employee_id), {"name": cell.name})[str(cell.week)] = _text(cell)
    for each in told.coming:
        row = rows.setdefault(each.process, {"name": f"(to come: {each.process})"})
        for week, count, hours in zip(told.weeks, each.cases, each.hours, strict=True):
            row[str(week)] = f"{hours:.0f} h, {count} new" if count else ""
    total = _totals(told)
    weeks = (Column(key=str(week), heading=f"Week of {week}", kind=Kind.HOURS) for week in told.weeks)
    columns = (Column(key="name", heading="Employee", kind=Kind.TEXT), *weeks)
    texts = [{column.key: _Text(row.get(column.key, "")) for column in columns} for row in [*rows.values(), total]]
    return Sheet(name="load", title="", columns=columns, rows=tuple(texts))


class _Text(str):
    """A cell that is written already."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return str(self)


def _text(cell: Cell) -> str:
    if cell.capacity is None:
        return f"{cell.hours:.0f} h"
    share = "away" if cell.load is None else f"{100 * cell.load:.0f} %"
    return f"{cell.hours:.0f}/{cell.capacity:.0f} h {share}" + (" !" if cell.is_over else "")


def _totals(told: Load) -> dict[str, str]:
    total = {"name": "all together"}
    for place, week in enumerate(told.weeks):
        mine = [cell for cell in told.cells if cell.week == week]
        hours = sum(cell.hours for cell in mine) + sum(each.hours[place] for each in told.coming)
        there = sum(cell.capacity or 0.0 for cell in mine)
        total[str(week)] = f"{hours:.0f}/{there:.0f} h" + (f" {100 * hours / there:.0f} %" if there else "")
    return total


def over_full(told: Load) -> list[str]:
    """A sentence for each week in which somebody has more work than time."""
    sentences = []
    for week in told.weeks:
        names = [cell.name for cell in told.cells if cell.week == week and cell.is_over]
        if names:
            sentences.append(f"Week of {week}: more work than time for {', '.join(names)}.")
    return sentences
