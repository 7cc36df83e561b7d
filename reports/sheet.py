"""A table of figures before anybody decided how it is written: columns that know their kind, rows, and what to note."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isnan
from typing import Any

FEW = 20  # below so many a percentage looks surer than it is: only the range is shown
NARROW = 0.02  # a range this narrow is lost in whole percents
SHOWN_REASONS = 2
MANY_HOURS = 100  # from here on minutes are noise
ALL = "all together"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    HOURS = "hours"
    SPAN = "span"  # hours too, but from seconds to weeks in one column: on screen in hours and minutes
    RATIO = "ratio"  # a plain number of about one
    SHARE = "share"  # without an interval
    RATE = "rate"  # a share with its numerator, denominator and interval
    MONEY = "money"  # in the currency of its row
    MOMENT = "moment"
    DAY = "day"
    REASONS = "reasons"  # reason -> how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `of`: a rate's numerator and denominator. `when_any`: left out on screen where nothing is in it."""

    key: str
    heading: str = ""
    kind: Kind = Kind.COUNT
    of: tuple[str, str] = ("", "")
    when_any: bool = False
    on_screen: bool = True
    names: Mapping[str, str] = field(default_factory=dict)  # of reasons: what they are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`rows` hold a value for each column (None or NaN where there is none); a rate also `<key>_low`, `<key>_high`."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    total: Mapping[str, Any] | None = None
    totals: tuple[Mapping[str, Any], ...] = ()  # where one sum would mix currencies: one for each
    notes: tuple[str, ...] = ()

    @property
    def sums(self) -> tuple[Mapping[str, Any], ...]:
        """What stands below the rows."""
        return (*([self.total] if self.total is not None else []), *self.totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was asked, and its answer: the first sheet is the main one."""

    asked: Mapping[str, Any]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Headings, whether each column holds numbers, and the cells of each row."""

    headings: tuple[str, ...]
    are_numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def text_table(sheet: Sheet, moment: Callable[[datetime], str] = str) -> TextTable:
    """As a person reads it: few columns, counts before percents, and the sum where there are several rows.

    `moment` says how a moment is written.
    """
    rows = [*sheet.rows, *(sheet.sums if len(sheet.rows) > len(sheet.sums) else [])]
    columns = [column for column in sheet.columns if _is_shown(column, rows)]
    return TextTable(
        headings=tuple(column.heading for column in columns),
        are_numbers=tuple(column.kind not in {Kind.TEXT, Kind.REASONS, Kind.MOMENT, Kind.DAY} for column in columns),
        rows=tuple(tuple(shown(column, row, moment) for column in columns) for row in rows),
    )


def _is_shown(column: Column, rows: Iterable[Mapping[str, Any]]) -> bool:
    if not column.on_screen:
        return False
    if not column.when_any:
        return True
    key = column.of[1] if column.kind is Kind.RATE else column.key
    return any(bool(row[key]) and not is_missing(row[key]) for row in rows)


def span(hours: float) -> str:
    """A stretch of time as people say it: `45 s`, `8 min`, `1 h 03 min`, from a hundred hours on `425 h`."""
    seconds = round(hours * 3600)
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(hours * 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{hours:,.0f} h" if hours >= MANY_HOURS else f"{minutes // 60} h {minutes % 60:02d} min"


_FORMATS = {Kind.HOURS: "{:.1f}", Kind.RATIO: "{:.2f}", Kind.SHARE: "{:.0%}", Kind.MONEY: "{:,.2f}"}


def is_missing(value: Any) -> bool:
    """Whether nothing was counted."""
    return value is None or (isinstance(value, float) and isnan(value))


def shown(column: Column, row: Mapping[str, Any], moment: Callable[[datetime], str] = str) -> str:
    """One cell as text."""
    value: Any = row.get(column.key)
    if column.kind is Kind.RATE:
        ends = (row[f"{column.key}_low"], row[f"{column.key}_high"])
        return rate_text(row[column.of[0]], row[column.of[1]], *ends)
    if is_missing(value):
        return ""
    if column.kind is Kind.REASONS:
        return reasons_text(value, column.names)
    if column.kind is Kind.MOMENT:
        return moment(value)
    if column.kind is Kind.SPAN:
        return span(value)
    return _FORMATS.get(column.kind, "{}").format(value)


def rate_text(part: int, whole: int, low: float, high: float) -> str:
    """`43/50 86 % (74-93)`; of few only the range: `3/4 (30-95 %)`; nothing where nothing was counted.

    Where the range is so narrow that whole percents would blur it, with a decimal: `870/1000 87.0 % (84.8-88.9)`.
    """
    if not whole:
        return ""
    if whole < FEW:
        return f"{part}/{whole} ({round(100 * low)}-{round(100 * high)} %)"
    places = 1 if high - low < NARROW else 0
    rate, least, most = (f"{100 * share:.{places}f}" for share in (part / whole, low, high))
    return f"{part}/{whole} {rate} % ({least}-{most})"


def reasons_text(counted: Mapping[str, int], names: Mapping[str, str]) -> str:
    """The most frequent reasons, as words; how many others there are."""
    first = list(counted.items())[:SHOWN_REASONS]
    told = [f"{names.get(reason, reason.replace('_', ' '))} {count}" for reason, count in first]
    rest = sum(list(counted.values())[SHOWN_REASONS:])
    return ", ".join(told + [f"other {rest}"] * bool(rest))


def sorted_reasons(counted: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first."""
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def with_rates(row: Mapping[str, Any], rates: Sequence[Column]) -> dict[str, Any]:
    """The row with each rate and the two ends of its interval, worked out of its counts."""
    from reports.interval import wilson

    told = dict(row)
    for rate in rates:
        part, whole = (int(row[name]) for name in rate.of)
        low, high = wilson(part, whole) if whole else (None, None)
        told |= {rate.key: part / whole if whole else None, f"{rate.key}_low": low, f"{rate.key}_high": high}
    return told
