"""The efficiency figures as a person reads them: few columns, counts before percents, ranges where few were counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from reports.efficiency import RATES, Efficiency

FEW = 20  # below so many a percentage looks surer than it is: only the range is shown
SHOWN_REASONS = 2
WHEN_ANY = {  # columns that are left out when there is nothing in them
    "open_in_time": "Still in time",
    "called_off": "Called off",
    "handed_on": "Handed on",
    "done_without_due": "Without due",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Headings, whether each column holds numbers, and the cells of each row."""

    headings: tuple[str, ...]
    are_numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def as_table(figures: Efficiency) -> TextTable:
    """One row per group and, where there are several, one for all together."""
    records = figures.rows.to_dict("records")
    if len(records) > 1:
        records += figures.total.to_dict("records")
    names = {f"{by.value}_name": by.heading for by in figures.question.by}
    some = {key: heading for key, heading in WHEN_ANY.items() if any(row[key] for row in records)}
    has_cases = any(row["cases"] for row in records)
    headings = [*names.values(), "Assigned", "Done", "On time", *some.values(), "Late", "Why late"]
    headings += ["Success"] * has_cases + ["Hours", "Median", "90 %", "Waited"]
    rows = [_cells(row, list(names), list(some), figures.reasons, has_cases=has_cases) for row in records]
    texts = len(names)
    are_numbers = [False] * texts + [heading != "Why late" for heading in headings[texts:]]
    return TextTable(headings=tuple(headings), are_numbers=tuple(are_numbers), rows=tuple(rows))


def _cells(
    row: Mapping[Any, Any], names: list[str], some: list[str], reasons: Mapping[str, str], *, has_cases: bool
) -> tuple[str, ...]:
    """The figures of one group in the order of the headings."""
    return (
        *(str(row[name]) for name in names),
        str(row["assigned"]),
        str(row["done"]),
        rate_text(row, "on_time_rate"),
        *(str(row[key]) for key in some),
        str(row["late"]),
        reasons_text(row["late_reasons"], reasons),
        *([rate_text(row, "success_rate")] if has_cases else []),
        hours_text(row["working_hours_mean"]),
        hours_text(row["working_hours_median"]),
        hours_text(row["working_hours_p90"]),
        hours_text(row["waiting_hours_mean"]),
    )


def rate_text(row: Mapping[Any, Any], rate: str) -> str:
    """`43/50 86 % (74-93)`; of few only the range: `3/4 (30-95 %)`; nothing where nothing was counted."""
    numerator, denominator = (row[part] for part in RATES[rate])
    if not denominator:
        return ""
    low, high = (round(100 * row[f"{rate}_{end}"]) for end in ("low", "high"))
    if denominator < FEW:
        return f"{numerator}/{denominator} ({low}-{high} %)"
    return f"{numerator}/{denominator} {round(100 * numerator / denominator)} % ({low}-{high})"


def reasons_text(counted: Mapping[str, int], names: Mapping[str, str]) -> str:
    """The most frequent reasons, as words; how many others there are."""
    first = list(counted.items())[:SHOWN_REASONS]
    told = [f"{names.get(reason, reason.replace('_', ' '))} {count}" for reason, count in first]
    rest = sum(list(counted.values())[SHOWN_REASONS:])
    return ", ".join(told + [f"other {rest}"] * bool(rest))


def hours_text(hours: float) -> str:
    """`6.4`, nothing where nothing was done."""
    return "" if isnan(hours) else f"{hours:.1f}"
