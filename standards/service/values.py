"""Reading the values of a standard as people write them, and back from how they are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from core.errors import TaktasError, did_you_mean
from standards.service.standard import Base, Field, Fields, Level, Offset, Receiver, Reminder
from standards.working_time.duration import Direction, Duration, Unit, parse_duration

NEVER = "never"

_PERCENT = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,2})?)\s*(?P<unit>.*)")
_COUNTED = re.compile(r"(?P<span>.+?)\s+(?P<side>before|after)\s+(?P<base>.+)")
_NAMED: Mapping[str, Base] = {"when opened": Base.OPENED, "when not started": Base.START_BY, "when overdue": Base.DUE}
_BASES: Mapping[str, Base] = {base.words: base for base in Base}
_AT_ONCE = "at once"
_ANY_HOUR = "any hour"
_DESK_UNITS = {Unit.MINUTE, Unit.HOUR, Unit.WORKING_MINUTE, Unit.WORKING_HOUR}
_RECEIVERS: Mapping[str, Receiver] = {it.words: it for it in Receiver if it is not Receiver.EMPLOYEE}


class StandardNotUnderstood(TaktasError, ValueError):
    """A value of a standard cannot be read."""


def parse_field(name: Field, written: object) -> Any:
    """The value of one field, from how it is written or stored.

    Raises: StandardNotUnderstood, DurationNotUnderstood.
    """
    return _READERS[name](written)


def parse_stored(written: Mapping[str, object]) -> Fields:
    """The fields of a stored resolution. Raises: StandardNotUnderstood, DurationNotUnderstood, ValueError."""
    return Fields(**{Field(name).value: parse_field(Field(name), value) for name, value in written.items()})


def parse_percent(written: object) -> Decimal:
    """`95 %` as 95. Raises: StandardNotUnderstood without the sign, or outside 0 to 100."""
    match = _PERCENT.fullmatch(str(written).strip())
    if match is None or (match["unit"] and match["unit"] != "%"):
        raise StandardNotUnderstood(f"{written!r} is not a share in percent. Write it as 95 %.")
    if not match["unit"]:
        raise StandardNotUnderstood(f"{written!r} has no unit. Write it as {match['number']} %.")
    value = Decimal(match["number"])
    if value > 100:
        raise StandardNotUnderstood(f"{written!r} is more than all. Write a share from 0 % to 100 %.")
    return value


def parse_effort(written: object) -> Duration:
    """`20 minutes` or `1 hour`: time at the desk. Raises: StandardNotUnderstood, DurationNotUnderstood."""
    effort = parse_duration(str(written))
    if effort.unit not in _DESK_UNITS:
        raise StandardNotUnderstood(f"{written!r} is not time at the desk. Write it in minutes or hours.")
    return effort


def parse_offset(written: object) -> Offset:
    """`1 working day before due`, `2 hours after start`, `when opened`, `when not started`, `when overdue`.

    Raises: StandardNotUnderstood, DurationNotUnderstood.
    """
    words = " ".join(str(written).lower().split())
    if words in _NAMED:
        return Offset(base=_NAMED[words])
    match = _COUNTED.fullmatch(words)
    if match is None or match["base"] not in _BASES:
        hint = did_you_mean(words, (*_NAMED, _AT_ONCE)) or "."
        raise StandardNotUnderstood(
            f"{written!r} is no moment of a task{hint} Write 1 working day before due, 2 hours after start, "
            "when opened, when not started or when overdue."
        )
    base, side = _BASES[match["base"]], Direction(match["side"])
    if base is Base.OPENED and side is Direction.BEFORE:
        raise StandardNotUnderstood(f"{written!r} lies before the task exists. Count from opened with after.")
    return Offset(base=base, direction=side, span=parse_duration(match["span"]))


def parse_reminder(written: object) -> Reminder:
    """A moment, `at once`, or a mapping of `when`, `at once` and `any hour`. Raises: as `parse_offset`."""
    if isinstance(written, Mapping):
        _only(written, "a reminder", {"when", _AT_ONCE, _ANY_HOUR}, {"when"})
        at_once, any_hour = (_yes_or_no(written.get(key, False), key) for key in (_AT_ONCE, _ANY_HOUR))
        if any_hour and not at_once:
            raise StandardNotUnderstood("any hour is for what goes out by itself. Write at once: true beside it.")
        return Reminder(when=parse_offset(written["when"]), at_once=at_once, any_hour=any_hour)
    if str(written).strip().lower() == _AT_ONCE:
        return Reminder(when=Offset(base=Base.OPENED), at_once=True)
    return Reminder(when=parse_offset(written))


def parse_level(written: object) -> Level:
    """`{after: 4 working hours, to: team lead}`. Raises: StandardNotUnderstood, DurationNotUnderstood."""
    if not isinstance(written, Mapping):
        raise StandardNotUnderstood(f"{written!r} is not a level. Write it as {{after: 4 working hours, to: manager}}.")
    _only(written, "a level of escalation", {"after", "to"}, {"after", "to"})
    receiver, login = _receiver(str(written["to"]))
    return Level(after=parse_duration(str(written["after"])), to=receiver, login=login)


def parse_expiry(written: object) -> Offset:
    """`30 days after opened`, `10 working days after due`; a bare span counts from opening.

    Raises: StandardNotUnderstood, DurationNotUnderstood.
    """
    words = str(written)
    expiry = parse_offset(words if " after " in words or " before " in words else f"{words} after opened")
    if expiry.direction is not Direction.AFTER:
        raise StandardNotUnderstood(f"{written!r} lets work expire before it is due. Write 10 working days after due.")
    return expiry


def _receiver(written: str) -> tuple[Receiver, str | None]:
    words = " ".join(written.split())
    kind, _, login = words.partition(" ")
    if kind == Receiver.EMPLOYEE and login:
        return Receiver.EMPLOYEE, login
    if words in _RECEIVERS:
        return _RECEIVERS[words], None
    known = ", ".join(_RECEIVERS)
    hint = did_you_mean(words, _RECEIVERS) or "."
    raise StandardNotUnderstood(f"Nobody is called {written!r}{hint} Write {known}, or employee and a login.")


def _only(written: Mapping[Any, Any], what: str, known: set[str], needed: set[str]) -> None:
    for key in written:
        if key not in known:
            hint = did_you_mean(str(key), known) or "."
            raise StandardNotUnderstood(f"{what.capitalize()} has no {key!r}{hint} It has {', '.join(sorted(known))}.")
    for key in sorted(needed - written.keys()):
        raise StandardNotUnderstood(f"{what.capitalize()} says no {key!r}. Add it.")


def _yes_or_no(written: object, what: str) -> bool:
    if not isinstance(written, bool):
        raise StandardNotUnderstood(f"{what} is {written!r}. Write true or false.")
    return written


def _several(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    def read_all(written: object) -> tuple[Any, ...]:
        if written == NEVER:
            return ()
        return tuple(read(one) for one in (written if isinstance(written, list) else [written]))

    return read_all


def _span(written: object) -> Duration:
    return parse_duration(str(written))


_READERS: Mapping[Field, Callable[[object], Any]] = {
    Field.START_WITHIN: _span,
    Field.DUE: _span,
    Field.EFFORT: parse_effort,
    Field.ON_TIME: parse_percent,
    Field.SUCCESS: parse_percent,
    Field.REMIND: _several(parse_reminder),
    Field.ESCALATE: _several(parse_level),
    Field.EXPIRES: parse_expiry,
}
