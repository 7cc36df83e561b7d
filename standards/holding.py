"""Whether a condition holds for one subject: the plain face of what mass selection asks in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from standards.condition import AllOf, AnyOf, Compare, Condition, Negation, Operator, Value
from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit
from standards.working_time.local_time import shift_date

_Test = Callable[[Any, Any], bool]


def holds(condition: Condition, facts: Mapping[str, object], as_of: date, zone: tzinfo = UTC) -> bool:
    """Whether the condition is true of these facts (path -> value) on the day `as_of`, dates read in `zone`.

    Two-valued: a fact that is missing (absent, None, '' or an empty list) makes every comparison but `is empty`
    false, and `not` turns that round. A moment compared with a date counts as its date in `zone`.
    """
    match condition:
        case AllOf():
            return all(holds(part, facts, as_of, zone) for part in condition.parts)
        case AnyOf():
            return any(holds(part, facts, as_of, zone) for part in condition.parts)
        case Negation():
            return not holds(condition.part, facts, as_of, zone)
        case Compare():
            return _compares(condition, facts.get(condition.path), as_of, zone)


def paths_of(condition: Condition) -> tuple[str, ...]:
    """The fields a condition asks for, each once, in the order of reading."""
    match condition:
        case AllOf() | AnyOf():
            return tuple(dict.fromkeys(path for part in condition.parts for path in paths_of(part)))
        case Negation():
            return paths_of(condition.part)
        case Compare():
            return (condition.path,)


def day_of(value: AnchoredMoment, as_of: date) -> date:
    """`today`, or so many days, weeks, months or years before or after it. Raises: DateOutOfReach."""
    if value.duration is None:
        return as_of
    return _moved(as_of, value.duration, forward=value.direction is Direction.AFTER)


def last_day_within(span: Duration, as_of: date) -> date:
    """The last day that is still within the span from `as_of` on. Raises: DateOutOfReach."""
    return _moved(as_of, span, forward=True)


def _moved(day: date, span: Duration, *, forward: bool) -> date:
    count = span.value if forward else -span.value
    match span.unit:
        case Unit.MONTH:
            return shift_date(day, months=count)
        case Unit.YEAR:
            return shift_date(day, months=12 * count)
        case Unit.WEEK:
            return shift_date(day, days=7 * count)
        case _:
            return shift_date(day, days=count)


def _compares(condition: Compare, fact: object, as_of: date, zone: tzinfo) -> bool:
    is_missing = fact is None or fact in ("", (), []) or (isinstance(fact, set | frozenset) and not fact)
    if condition.operator is Operator.IS_EMPTY:
        return is_missing
    if is_missing:
        return False
    wanted = wanted_on(as_of, condition.value, condition.operator)
    return _TESTS[condition.operator](_comparable(fact, wanted, zone), wanted)


def wanted_on(as_of: date, value: Value, operator: Operator) -> Any:
    """What a condition compares with on that day: a date for an anchor, first and last day for `within`."""
    if isinstance(value, AnchoredMoment):
        return day_of(value, as_of)
    if isinstance(value, Duration) and operator is Operator.WITHIN:
        return (as_of, last_day_within(value, as_of))
    return value


def _comparable(fact: object, wanted: object, zone: tzinfo) -> object:
    """A moment as its date where it meets a date; where it meets a moment it stays what it is."""
    first = wanted[0] if isinstance(wanted, tuple) else wanted
    is_day = isinstance(first, date) and not isinstance(first, datetime)
    return fact.astimezone(zone).date() if is_day and isinstance(fact, datetime) else fact


_TESTS: dict[Operator, _Test] = {
    Operator.EQUAL: lambda fact, wanted: fact == wanted,
    Operator.IN: lambda fact, wanted: fact in wanted,
    Operator.NOT_IN: lambda fact, wanted: fact not in wanted,
    Operator.AT_LEAST: lambda fact, wanted: fact >= wanted,
    Operator.AT_MOST: lambda fact, wanted: fact <= wanted,
    Operator.BETWEEN: lambda fact, wanted: wanted[0] <= fact <= wanted[1],
    Operator.BEFORE: lambda fact, wanted: fact < wanted,
    Operator.AFTER: lambda fact, wanted: fact > wanted,
    Operator.WITHIN: lambda fact, wanted: wanted[0] <= fact <= wanted[1],
    Operator.CONTAINS: lambda fact, wanted: wanted in fact,
}
