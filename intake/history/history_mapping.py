"""What a mapping says about an event log: whose the events are, what becomes of those without a partner, where a
table has what."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from intake.cells.formats import Formats
from intake.mappings.mapping import FileLayout


class Unpaired(StrEnum):
    """What becomes of an event that neither begins nor ends a work item with a partner: it has no duration."""

    KEEP = "keep"  # as a moment of its case
    LEAVE_OUT = "leave_out"


class Strangers(StrEnum):
    """What becomes of an event by somebody nobody here knows."""

    MAKE_FORMER = "make_former"  # an employee who left with their last event
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """Where a table of events has what: headings. Either `at`, or `start` and `complete` for a row per work item."""

    case: str
    activity: str
    at: str = ""
    start: str = ""
    complete: str = ""
    transition: str = ""
    employee: str = ""
    instance: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Every heading it names."""
        every = (self.case, self.activity, self.at, self.start, self.complete, self.transition, self.employee)
        return tuple(heading for heading in (*every, self.instance) if heading)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedRows:
    """A table of finished cases without moments, one a row, all of one term: its first and last day are declared.

    `case` is a heading; empty means that rows are told apart by their number.
    """

    first_day: date
    last_day: date
    case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRule:
    """What says how a case ended: a column, or the last of certain activities. `codes`: what it says -> the end."""

    codes: Pairs[str, str]
    column: str = ""  # empty: activities


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMapping:
    """A whole mapping; without one, everybody must be known and what has no partner is left out."""

    file: str = ""
    process: str = ""
    title: str = ""
    layout: FileLayout = field(default_factory=FileLayout)
    formats: Formats = field(default_factory=Formats)
    strangers: Strangers = Strangers.REFUSE
    logins: Pairs[str, str] = field(default_factory=dict)  # as the log calls somebody -> login
    unpaired: Unpaired = Unpaired.LEAVE_OUT
    columns: EventColumns | None = None
    worked: WorkedRows | None = None
    attributes: Pairs[str, int] = field(default_factory=dict)  # headings kept with each event -> line
    case_attributes: Pairs[str, int] = field(default_factory=dict)
    leave_out: Pairs[str, int] = field(default_factory=dict)
    end: EndRule | None = None
    ends: Pairs[str, bool | None] = field(default_factory=dict)  # code -> success; None: not counted

    @property
    def headings(self) -> dict[str, int]:
        """The headings it asks a table for, each with its line."""
        named = dict.fromkeys(self.columns.named if self.columns else (), 0)
        if self.worked is not None and self.worked.case:
            named[self.worked.case] = 0
        if self.end is not None and self.end.column:
            named[self.end.column] = 0
        return {**named, **self.attributes, **self.case_attributes}
