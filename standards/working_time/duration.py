"""Durations as people write them, with their unit, and the moments counted from an anchor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import TaktasError, did_you_mean
from standards.working_time.schedule import Schedule, parse_schedule

__all__ = [
    "AnchorNotUnderstood",
    "AnchoredMoment",
    "Direction",
    "Duration",
    "DurationNotUnderstood",
    "Schedule",
    "Unit",
    "parse_anchored",
    "parse_duration",
    "parse_schedule",
]

LONGEST = 1_000_000
"""The largest number a duration may have: beyond it every calendar ends, whatever the unit."""

_NUMBER = re.compile(r"(?P<number>[+-]?\d+(?:[.,]\d+)?)\s*(?P<rest>.*)")
_KEEP = re.compile(r"(?P<text>.*?)\s*,\s*keep")
_ANCHORED = re.compile(r"(?P<duration>.*?)\s*\b(?P<direction>before|after)\s+(?P<anchor>.+)")
_ANCHOR = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*|step [^\W\d][\w -]* [^\W\d]\w*")


class Unit(StrEnum):
    """What a duration counts; no unit is ever converted into another."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WORKING_MINUTE = "working_minute"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"

    @property
    def words(self) -> str:
        """The unit as it is written, for one."""
        return self.value.replace("_", " ")

    @property
    def is_working(self) -> bool:
        """Counts open time only."""
        return self in {Unit.WORKING_MINUTE, Unit.WORKING_HOUR, Unit.WORKING_DAY}

    @property
    def is_plain_date(self) -> bool:
        """Moves the date and leaves the clock time."""
        return self in {Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR}


_BY_WORDS = {words: unit for unit in Unit for words in (unit.words, unit.words + "s")}
_OTHER_WORDS = {
    "business day": "working day",
    "business days": "working days",
    "business hour": "working hour",
    "business hours": "working hours",
    "workday": "working day",
    "workdays": "working days",
    "work days": "working days",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "min": "minutes",
    "mins": "minutes",
    "d": "days",
    "w": "weeks",
}


class DurationNotUnderstood(TaktasError, ValueError):
    """A duration cannot be read, or does not make sense."""


class AnchorNotUnderstood(TaktasError, ValueError):
    """A moment counted from an anchor cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """So many of one unit. `keep`: a result on a closed day stays there instead of moving to an open one.

    Raises: DurationNotUnderstood for a negative or endless value, or `keep` on working time.
    """

    value: int
    unit: Unit
    keep: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.value < 0:
            raise DurationNotUnderstood(f"{self} is negative. Write {-self.value} and say before or after.")
        if self.value > LONGEST:
            raise DurationNotUnderstood(f"{self} is longer than any calendar. Use at most {LONGEST}.")
        if self.keep and not self.unit.is_plain_date:
            raise DurationNotUnderstood(
                f"{self} cannot be kept: only days, weeks, months and years are ever moved off a closed day. Drop keep."
            )

    def __str__(self) -> str:
        """As it is written: `2 working days`."""
        plural = "" if self.value == 1 else "s"
        return f"{self.value} {self.unit.words}{plural}{', keep' if self.keep else ''}"


class Direction(StrEnum):
    """On which side of the anchor."""

    BEFORE = "before"
    AFTER = "after"
    AT = "at"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredMoment:
    """A moment counted from a named fact; without a duration it is the anchor itself.

    Raises: AnchorNotUnderstood when duration and direction do not fit together.
    """

    duration: Duration | None
    direction: Direction
    anchor: str

    def __post_init__(self) -> None:
        """A duration needs a side, and a side a duration."""
        if (self.duration is None) != (self.direction is Direction.AT):
            raise AnchorNotUnderstood(
                f"{self.direction} {self.anchor} does not fit a duration of {self.duration}. "
                "Give both a duration and before or after, or neither."
            )

    def __str__(self) -> str:
        """As it is written: `3 working days before term.expires_on`."""
        if self.duration is None:
            return self.anchor
        written, _, keep = str(self.duration).partition(",")
        return f"{written} {self.direction} {self.anchor}{',' if keep else ''}{keep}"


def parse_duration(text: str) -> Duration:
    """`4 working hours`, `2 working days`, `10 days`, `10 days, keep`, `1 month`, `30 minutes`.

    Raises: DurationNotUnderstood: no number, no unit, an unknown unit, a fraction, a negative number.
    """
    words = " ".join(str(text).lower().split())
    kept = _KEEP.fullmatch(words)
    match = _NUMBER.fullmatch(kept["text"] if kept else words)
    if match is None:
        raise DurationNotUnderstood(f"{text!r} is not a duration. Write a number and a unit, such as 2 working days.")
    unit = _unit(match["rest"], match["number"], text)
    return Duration(value=_whole(match["number"], text), unit=unit, keep=kept is not None)


def _unit(words: str, number: str, text: str) -> Unit:
    if not words:
        raise DurationNotUnderstood(f"{text!r} has no unit. Write {number} days or {number} working days, for example.")
    if words in _BY_WORDS:
        return _BY_WORDS[words]
    meant = _OTHER_WORDS.get(words)
    hint = f"; did you mean {meant}?" if meant else did_you_mean(words, _BY_WORDS)
    units = ", ".join(unit.words + "s" for unit in Unit)
    raise DurationNotUnderstood(f"There is no unit {words!r} in {text!r}{hint or '.'} The units are {units}.")


def _whole(number: str, text: str) -> int:
    try:
        value = int(number)
    except ValueError as error:
        message = f"{text!r} is not a whole number of its unit. Write 90 minutes instead of 1.5 hours."
        raise DurationNotUnderstood(message) from error
    if value < 0:
        raise DurationNotUnderstood(f"{text!r} is negative. Write it without the sign and say before or after.")
    return value


def parse_anchored(text: str) -> AnchoredMoment:
    """`3 working days before term.expires_on`, `2 days after step call completed`, `term.expires_on`.

    A `keep` is written last: `10 days before term.expires_on, keep`. Whether the anchor exists is for the
    checks of the definition that uses it.

    Raises: AnchorNotUnderstood, DurationNotUnderstood.
    """
    words = " ".join(str(text).split())
    kept = _KEEP.fullmatch(words)
    match = _ANCHORED.fullmatch(kept["text"] if kept else words)
    if match is None:
        return AnchoredMoment(duration=None, direction=Direction.AT, anchor=_anchor(words, text))
    if not match["duration"]:
        raise AnchorNotUnderstood(f"{text!r} does not say how long. Write it as 3 working days before term.expires_on.")
    duration = parse_duration(match["duration"] + (", keep" if kept else ""))
    return AnchoredMoment(
        duration=duration, direction=Direction(match["direction"]), anchor=_anchor(match["anchor"], text)
    )


def _anchor(words: str, text: str) -> str:
    if _NUMBER.fullmatch(words):
        raise AnchorNotUnderstood(f"{text!r} counts from nothing. Write it as 3 working days before term.expires_on.")
    if _ANCHOR.fullmatch(words) is None:
        raise AnchorNotUnderstood(
            f"{text!r} has no anchor taktas can read. "
            "Write a field such as term.expires_on, or a step such as step call completed."
        )
    return words
