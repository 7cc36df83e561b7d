"""A calendar worked out day by day: what publishing stores, so that no later change moves a due time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import TaktasError
from standards.working_time.weekly_hours import Span


class NoOpenTime(TaktasError):
    """A calendar never opens: nothing could ever be due on it."""


class DayKind(StrEnum):
    """Why a day has the hours it has."""

    ORDINARY = "ordinary"
    PUBLIC_HOLIDAY = "public holiday"
    MOVED_WORKING_DAY = "moved working day"
    CLOSED = "closed"
    SHORTENED = "shortened"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedDay:
    """One date: its open stretches in wall-clock seconds since its midnight, and why."""

    day: date
    spans: tuple[Span, ...]
    kind: DayKind = DayKind.ORDINARY
    label: str = ""

    @property
    def reason(self) -> str:
        """`public holiday: Christmas Day`, `closed: Team day`; empty on an ordinary day."""
        if self.kind is DayKind.ORDINARY:
            return ""
        return f"{self.kind}: {self.label}" if self.label else self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedCalendar:
    """Every day from the first to the last, without gaps. Raises: NoOpenTime when none of them opens."""

    name: str
    zone: ZoneInfo
    days: tuple[ResolvedDay, ...]

    def __post_init__(self) -> None:
        """Refuse a calendar that never opens."""
        if not any(day.spans for day in self.days):
            raise NoOpenTime(f"The calendar {self.name!r} has no open time at all. Give at least one weekday hours.")

    @property
    def first_day(self) -> date:
        """The first resolved day."""
        return self.days[0].day

    @property
    def last_day(self) -> date:
        """The last resolved day."""
        return self.days[-1].day

    def to_json(self) -> dict[str, Any]:
        """As plain data for storing, hours in wall-clock seconds; `from_json` gives the same calendar back."""
        return {
            "name": self.name,
            "zone": self.zone.key,
            "days": [[str(it.day), [list(span) for span in it.spans], it.kind.value, it.label] for it in self.days],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ResolvedCalendar:
        """The calendar that `to_json` stored."""
        days = tuple(
            ResolvedDay(
                day=date.fromisoformat(day),
                spans=tuple((start, end) for start, end in spans),
                kind=DayKind(kind),
                label=label,
            )
            for day, spans, kind, label in stored["days"]
        )
        return cls(name=stored["name"], zone=ZoneInfo(stored["zone"]), days=days)
