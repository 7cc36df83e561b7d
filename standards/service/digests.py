"""When the people of the house are written to about their work, and how a manager declares it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import IntEnum
from typing import Any

from core.errors import TaktasError, did_you_mean
from standards.working_time.duration import Duration, Unit, parse_duration

OPENING = "opening"
_NEWS = "something new"
_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
_KEYS = ("daily", "weekly", "uncovered")


class DigestsNotUnderstood(TaktasError, ValueError):
    """What was declared about digests cannot be read."""


class Weekday(IntEnum):
    """A day of the week, counted as dates count them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def words(self) -> str:
        """As it is written."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A moment of somebody's working day at which a digest may leave: its opening, or a time on their own clock.

    `only_news`: only when a reminder has come since the one before.
    """

    at: time | None = None
    only_news: bool = False

    def written(self) -> str | dict[str, str]:
        """As it is written."""
        clock = f"{self.at:%H:%M}" if self.at else OPENING
        return {"at": clock, "if": _NEWS} if self.only_news else clock


_USUAL_DAY = (Slot(), Slot(at=time(13), only_news=True))
_USUAL_SPAN = Duration(value=14, unit=Unit.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What leaves when: each person's digest, the manager's, and how near an expiry is too near without a case."""

    daily: tuple[Slot, ...] = _USUAL_DAY
    weekly: Weekday | None = Weekday.MONDAY
    uncovered: Duration = field(default=_USUAL_SPAN)

    def written(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "daily": [slot.written() for slot in self.daily] or "never",
            "weekly": self.weekly.words if self.weekly is not None else "never",
            "uncovered": str(self.uncovered),
        }


def parse_digests(written: object) -> Digests:
    """The declaration as plain values. Raises: DigestsNotUnderstood, DurationNotUnderstood."""
    if not isinstance(written, Mapping):
        raise DigestsNotUnderstood("digests: says when they leave. Write daily, weekly and uncovered below it.")
    for key in written:
        if key not in _KEYS:
            hint = did_you_mean(str(key), _KEYS) or "."
            raise DigestsNotUnderstood(f"Digests have no {key!r}{hint} They have {', '.join(_KEYS)}.")
    found: dict[str, Any] = {}
    if "daily" in written:
        found["daily"] = _slots(written["daily"])
    if "weekly" in written:
        found["weekly"] = _weekday(str(written["weekly"]))
    if "uncovered" in written:
        found["uncovered"] = _days(str(written["uncovered"]))
    return Digests(**found)


def _slots(written: object) -> tuple[Slot, ...]:
    if written == "never":
        return ()
    return tuple(dict.fromkeys(_slot(one) for one in (written if isinstance(written, list) else [written])))


def _slot(written: object) -> Slot:
    condition = None
    if isinstance(written, Mapping):
        if "at" not in written or written.keys() - {"at", "if"}:
            raise DigestsNotUnderstood(f"A slot has at and if, not {', '.join(map(str, written))}. Write at: 13:00.")
        condition, written = written.get("if"), written["at"]
    if condition is not None and condition != _NEWS:
        raise DigestsNotUnderstood(f"A slot cannot hang on {condition!r}. Write if: {_NEWS}, or leave it out.")
    clock = " ".join(str(written).split())
    match = _CLOCK.fullmatch(clock)
    if match is None and clock != OPENING:
        raise DigestsNotUnderstood(f"{clock!r} is no time of a working day. Write {OPENING}, or a time such as 13:00.")
    at = time(int(match["hour"]), int(match["minute"])) if match else None
    return Slot(at=at, only_news=condition is not None)


def _weekday(written: str) -> Weekday | None:
    if written == "never":
        return None
    known = {day.words: day for day in Weekday}
    if written not in known:
        hint = did_you_mean(written, known) or "."
        raise DigestsNotUnderstood(f"{written!r} is no day of the week{hint} Write monday, or never.")
    return known[written]


def _days(written: str) -> Duration:
    span = parse_duration(written)
    if not (span.unit.is_plain_date or span.unit is Unit.WORKING_DAY):
        raise DigestsNotUnderstood(f"{written!r} is too fine for an expiry, which is a day. Write it in days or weeks.")
    return span
