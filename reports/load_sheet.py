"""Load as a table: a row for each group and week in a file, a column for each week on the screen."""

from __future__ import annotations

from typing import Any

from reports.load import Cell, Load
from reports.sheet import Column, Kind, Report, Sheet


def load_report(told: Load) -> Report:
    """One row for each group and week, and what the schedules will add."""
    groups: list[Column] = []
    for by in told.asked.by:
        groups.append(Column(key=by.value, on_screen=False))
        groups.append(Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT))
    columns = (
        *groups,
        Column(key="week", heading="Week of", kind=Kind.DAY),
        Column(key="tasks", heading="Tasks"),
        Column(key="hours", heading="Work (h)", kind=Kind.HOURS),
        Column(key="planned_hours", heading="planned of it", kind=Kind.HOURS),
        Column(key="capacity_hours", heading="There (h)", kind=Kind.HOURS),
        Column(key="load_share", heading="Load", kind=Kind.SHARE),
        Column(key="is_over", heading="Over", kind=Kind.TEXT),
        Column(key="without_effort", heading="Without effort", when_any=True),
    )
    asked = {
        "as_of": told.at,
        "zone": told.zone_name,
        "weeks": [str(week) for week in told.weeks],
        "by": [by.value for by in told.asked.by],
        "only": told.asked.only_words,
        "counts": "open and planned tasks by due",
        "there": "hours of the person, else of the team a row is told by; else of everybody asked about",
    }
    main = Sheet(name="figures", title="", columns=columns, rows=tuple(_row(told, cell) for cell in told.cells))
    return Report(asked=asked, sheets=(main, _coming_sheet(told)))


def _row(told: Load, cell: Cell) -> dict[str, Any]:
    named = zip(told.asked.by, cell.key, told.names[cell.key], strict=True)
    groups = {name: each for by, key, word in named for name, each in ((by.value, key), (f"{by.value}_name", word))}
    return groups | {
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
    """For the screen: a row for each group, a column for each week, whoever is over 100 % marked."""
    rows: dict[Any, dict[str, Any]] = {}
    for cell in told.cells:
        rows.setdefault(cell.key, {"name": cell.name})[str(cell.week)] = _text(cell)
    for each in told.coming:
        row = rows.setdefault(f"to come: {each.process}", {"name": f"(to come: {each.process})"})
        for week, count, hours in zip(told.weeks, each.cases, each.hours, strict=True):
            row[str(week)] = f"{hours:.0f} h, {count} new" if count else ""
    total = _totals(told)
    weeks = (Column(key=str(week), heading=f"Week of {week}", kind=Kind.HOURS) for week in told.weeks)
    heading = ", ".join(by.heading for by in told.asked.by) or "Work"
    columns = (Column(key="name", heading=heading, kind=Kind.TEXT), *weeks)
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
        there = told.there[week]
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
