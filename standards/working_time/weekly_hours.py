"""Opening hours as they are written, and arithmetic on the stretches of one day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from core.errors import TaktasError, did_you_mean

Span = tuple[int, int]
"""From and to, in wall-clock seconds since the midnight its day begins with; `to` may lie in the next day."""

HOUR = 3600
DAY = 24 * HOUR

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DASH = re.compile(r"\s*[-–]\s*")
_RANGE = re.compile(r"\s*(?:-|–|\bto\b)\s*")


class HoursNotUnderstood(TaktasError, ValueError):
    """Opening hours cannot be read."""


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK = tuple(Weekday)
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BY_NAME: dict[str, Weekday] = dict(zip((*_FULL_NAMES, *WEEK), WEEK * 2, strict=True))


def parse_clock(text: str) -> int:
    """`09:00` or `24:00` as seconds since midnight. Raises: HoursNotUnderstood."""
    match = _CLOCK.fullmatch(str(text).strip())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 60, 0)
    at = hours * HOUR + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or at > DAY:
        raise HoursNotUnderstood(f"{text!r} is not a time of day. Write it as 09:00; the end of the day is 24:00.")
    return at


def write_clock(seconds: int) -> str:
    """Seconds since midnight as `09:00`; times of the next day start from 00:00 again."""
    clock = seconds if seconds <= DAY else seconds - DAY
    written = f"{clock // HOUR:02}:{clock // 60 % 60:02}"
    return f"{written}:{clock % 60:02}" if clock % 60 else written


def write_span(span: Span) -> str:
    """A stretch as `09:00-17:00`."""
    return f"{write_clock(span[0])}-{write_clock(span[1])}"


def parse_span(written: object) -> Span:
    """`09:00-17:00` or a pair; an end at or before its start lies in the next day. Raises: HoursNotUnderstood."""
    parts = _DASH.split(written.strip()) if isinstance(written, str) else written
    if not isinstance(parts, Sequence) or len(parts) != 2:
        raise HoursNotUnderstood(f"{written!r} are not opening hours. Write them as 09:00-17:00.")
    start, end = parse_clock(parts[0]), parse_clock(parts[1])
    if start == DAY:
        raise HoursNotUnderstood(f"{written!r} open when the day is over. Start at 00:00 of the next day.")
    return start, end if end > start else end + DAY


def parse_spans(written: object) -> tuple[Span, ...]:
    """The hours of one day: `09:00-12:00, 13:00-17:00`, a list of such or of pairs; `closed` or nothing for none.

    Raises: HoursNotUnderstood.
    """
    if written is None or written == "closed":
        return ()
    if isinstance(written, str):
        written = written.split(",")
    if not isinstance(written, Sequence):
        raise HoursNotUnderstood(f"{written!r} are not opening hours. Write them as 09:00-17:00.")
    return tuple(sorted(parse_span(part) for part in written))


def parse_weekday(text: str) -> Weekday:
    """`monday` or `mon`. Raises: HoursNotUnderstood."""
    name = str(text).strip().lower()
    if name not in _BY_NAME:
        hint = did_you_mean(name, _BY_NAME) or "."
        raise HoursNotUnderstood(f"There is no weekday {text!r}{hint}")
    return _BY_NAME[name]


def parse_weekdays(key: str) -> tuple[Weekday, ...]:
    """`monday`, `mon`, `monday to friday` or `mon-fri`. Raises: HoursNotUnderstood."""
    ends = [parse_weekday(name) for name in _RANGE.split(str(key).strip().lower())]
    first, last = WEEK.index(ends[0]), WEEK.index(ends[-1])
    if len(ends) > 2 or last < first:
        raise HoursNotUnderstood(f"{key!r} is not a range of weekdays. Write it as monday to friday.")
    return WEEK[first : last + 1]


def merge_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order, each moment once; stretches that only touch stay two."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of `spans` outside all `holes`."""
    left = tuple(spans)
    for hole_start, hole_end in holes:
        pieces = [
            piece
            for start, end in left
            for piece in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if piece[0] < piece[1]
        ]
        left = tuple(pieces)
    return left


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """What lies in both."""
    windows = tuple(others)
    kept = ((max(start, low), min(end, high)) for start, end in spans for low, high in windows)
    return merge_overlaps(span for span in kept if span[0] < span[1])
