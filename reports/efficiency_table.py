"""The efficiency figures as a sheet, of which the screen shows what a person can take in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isnan
from typing import Any

from reports import sheet
from reports.asking import asked
from reports.efficiency import COUNTS, HOURS, RATES, Efficiency
from reports.sheet import Column, Kind, Report, Sheet

_HOW_WELL = (
    Column(key="assigned", heading="Assigned"),
    Column(key="done", heading="Done"),
    Column(key="on_time_rate", heading="On time", kind=Kind.RATE, of=RATES["on_time_rate"]),
    Column(key="open_in_time", heading="Still in time", when_any=True),
    Column(key="called_off", heading="Called off", when_any=True),
    Column(key="handed_on", heading="Handed on", when_any=True),
    Column(key="done_without_due", heading="Without due", when_any=True),
    Column(key="late", heading="Late"),
    Column(key="late_reasons", heading="Why late", kind=Kind.REASONS),
    Column(key="success_rate", heading="Success", kind=Kind.RATE, of=RATES["success_rate"], when_any=True),
)
_HOW_LONG = (
    Column(key="done", heading="Done"),
    Column(key="working_hours_mean", heading="Hours", kind=Kind.HOURS),
    Column(key="working_hours_median", heading="Median", kind=Kind.HOURS),
    Column(key="working_hours_p90", heading="90 %", kind=Kind.HOURS),
    Column(key="waiting_hours_mean", heading="Waited", kind=Kind.HOURS),
    Column(key="effort_ratio", heading="Effort", kind=Kind.RATIO, when_any=True),
)


def as_report(figures: Efficiency) -> Report:
    """What was asked and every figure; the screen shows some of them."""
    question = figures.question
    told = asked(
        question,
        counts="each person's time with a task" if question.tells_people_apart else "each task once",
        rates="share, and the low and high end of its Wilson 95 % interval",
    )
    return Report(asked=told, sheets=(_sheet(figures),))


def _sheet(figures: Efficiency) -> Sheet:
    """Every figure there is."""
    told = {column.key: column for column in (*_HOW_WELL, *_HOW_LONG)}
    rest = [Column(key=name) for name in COUNTS]
    rest += [Column(key=name, kind=Kind.RATIO) for name in HOURS]
    rest += [Column(key=rate, kind=Kind.RATE, of=of) for rate, of in RATES.items()]
    return _of(figures, (*told.values(), *(column for column in rest if column.key not in told)))


def _of(figures: Efficiency, columns: tuple[Column, ...]) -> Sheet:
    groups: list[Column] = []
    for by in figures.question.by:
        groups.append(Column(key=by.value, kind=Kind.TEXT, on_screen=False))
        groups.append(Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT))
    named = (replace(it, names=figures.reasons) if it.kind is Kind.REASONS else it for it in columns)
    rows, totals = (_records(frame) for frame in (figures.rows, figures.total))
    return Sheet(
        name="figures",
        title="",
        columns=(*groups, *named),
        rows=tuple(rows),
        total=totals[0] if totals and figures.question.by else None,
    )


def _records(frame: Any) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def as_screens(figures: Efficiency) -> tuple[Sheet, Sheet]:
    """For the screen: how much and how well, and how long it took; one table would be too wide."""
    return _of(figures, _HOW_WELL), _of(figures, _HOW_LONG)


def rate_text(row: Mapping[Any, Any], rate: str) -> str:
    """A rate of one row, as the table shows it."""
    part, whole = (row[name] for name in RATES[rate])
    return sheet.rate_text(part, whole, row[f"{rate}_low"], row[f"{rate}_high"])


def hours_text(hours: float) -> str:
    """`6.4`, nothing where nothing was done."""
    return "" if isnan(hours) else f"{hours:.1f}"
