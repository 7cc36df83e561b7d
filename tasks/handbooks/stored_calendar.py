"""A calendar as it is stored: each kind of day once, and for each date the number of its kind."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from standards.working_time.calendar import CalendarDefinition
from standards.working_time.resolved_calendar import ResolvedCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCalendar:
    """One version ready to be written. The hash covers what was written and every day that follows from it."""

    name: str
    zone: str
    first_day: date
    last_day: date
    definition: Mapping[str, Any]
    resolved: Mapping[str, Any]
    content_hash: str

    @classmethod
    def of(cls, definition: CalendarDefinition, resolved: ResolvedCalendar) -> StoredCalendar:
        """The version that a definition and the days worked out from it make."""
        written, packed = definition.model_dump(mode="json"), pack(resolved)
        return cls(
            name=definition.name,
            zone=resolved.zone.key,
            first_day=resolved.first_day,
            last_day=resolved.last_day,
            definition=written,
            resolved=packed,
            content_hash=hashlib.sha256(orjson.dumps([written, packed], option=orjson.OPT_SORT_KEYS)).hexdigest(),
        )


def pack(calendar: ResolvedCalendar) -> dict[str, Any]:
    """A resolved calendar in a tenth of the room: forty years have some dozens of kinds of days."""
    whole = calendar.to_json()
    kinds: dict[str, int] = {}
    days = [kinds.setdefault(orjson.dumps(facts).decode(), len(kinds)) for _, *facts in whole["days"]]
    return {
        "name": whole["name"],
        "zone": whole["zone"],
        "first_day": str(calendar.first_day),
        "kinds": [orjson.loads(kind) for kind in kinds],
        "days": days,
    }


def unpack(stored: Mapping[str, Any]) -> ResolvedCalendar:
    """The calendar that `pack` packed."""
    first = date.fromisoformat(stored["first_day"])
    days = [[str(first + timedelta(days=n)), *stored["kinds"][kind]] for n, kind in enumerate(stored["days"])]
    return ResolvedCalendar.from_json({"name": stored["name"], "zone": stored["zone"], "days": days})
