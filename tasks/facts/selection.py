"""A condition as SQL, for mass selection: the same answer as the plain check gives for one subject."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Text, and_, cast, false, func, literal, not_, or_, true

from core.settings import settings
from standards.catalogue import FIELDS, FieldType
from standards.condition import AllOf, AnyOf, Compare, Condition, Negation, Operator
from standards.holding import wanted_on
from tasks.facts.computed import holders_of
from tasks.facts.fields import Reading

Expression = ColumnElement[Any]
_Test = Callable[[Expression, Any], ColumnElement[bool]]

_TEXTS = {FieldType.TEXT, FieldType.CODE, FieldType.PERSON}


def holds_in_sql(reading: Reading, condition: Condition) -> ColumnElement[bool]:
    """The condition about the subjects of a reading, true where it holds; false or NULL where it does not.

    Two-valued like the plain check: a missing value makes a comparison NULL, and `not` takes NULL for false.
    Raises: FieldOutOfReach.
    """
    match condition:
        case AllOf():
            return and_(true(), *(holds_in_sql(reading, part) for part in condition.parts))
        case AnyOf():
            return or_(false(), *(holds_in_sql(reading, part) for part in condition.parts))
        case Negation():
            return not_(func.coalesce(holds_in_sql(reading, condition.part), false()))
        case Compare():
            return _compare(reading, condition)


def _compare(reading: Reading, condition: Compare) -> ColumnElement[bool]:
    kind = FIELDS[condition.path].type
    if condition.operator is Operator.IS_EMPTY:
        return _is_empty(reading, condition.path, kind)
    holders = holders_of(condition.path, condition.value) if condition.operator is Operator.CONTAINS else None
    if holders is not None:
        return reading.id_of(condition.path.partition(".")[0]).in_(holders(reading.as_of))
    value = reading.value(condition.path)
    wanted = wanted_on(reading.as_of.day, condition.value, condition.operator)
    present = value if _only_meets_values(condition.operator, wanted) else _nothing_for_empty(value, kind)
    if condition.operator is Operator.CONTAINS:
        return _contains(present, wanted, kind)
    return _TESTS[condition.operator](_comparable(present, wanted, kind), wanted)


def _is_empty(reading: Reading, path: str, kind: FieldType) -> ColumnElement[bool]:
    if kind is FieldType.PERSON:
        return reading.person(path).is_(None)
    return _nothing_for_empty(reading.value(path), kind).is_(None)


def _only_meets_values(operator: Operator, wanted: Any) -> bool:
    """Whether an empty text cannot pass by itself: then the column is compared as it stands, as its index knows it."""
    if operator in {Operator.EQUAL, Operator.CONTAINS}:
        return bool(wanted != "")
    return operator is Operator.IN and "" not in wanted


def _nothing_for_empty(expression: Expression, kind: FieldType) -> Expression:
    """An empty text and an empty list are missing values."""
    if kind in _TEXTS:
        return func.nullif(expression, literal(""))
    if kind is FieldType.CODES:
        return func.nullif(expression, cast(literal([]), ARRAY(Text)))
    return expression


def _comparable(present: Expression, wanted: Any, kind: FieldType) -> Expression:
    """A moment as its date in the house where it meets a date; where it meets a moment it stays what it is."""
    first = wanted[0] if isinstance(wanted, tuple) else wanted
    is_day = isinstance(first, date) and not isinstance(first, datetime)
    return cast(func.timezone(settings().zone, present), Date) if is_day and kind is FieldType.MOMENT else present


def _contains(present: Expression, wanted: Any, kind: FieldType) -> ColumnElement[bool]:
    if kind is FieldType.CODES:
        return literal(wanted) == func.any(present)
    return func.strpos(present, literal(wanted)) > 0


_TESTS: dict[Operator, _Test] = {
    Operator.EQUAL: lambda present, wanted: present == literal(wanted),
    Operator.IN: lambda present, wanted: present.in_(wanted),
    Operator.NOT_IN: lambda present, wanted: present.not_in(wanted),
    Operator.AT_LEAST: lambda present, wanted: present >= literal(wanted),
    Operator.AT_MOST: lambda present, wanted: present <= literal(wanted),
    Operator.BETWEEN: lambda present, wanted: present.between(literal(wanted[0]), literal(wanted[1])),
    Operator.BEFORE: lambda present, wanted: present < literal(wanted),
    Operator.AFTER: lambda present, wanted: present > literal(wanted),
    Operator.WITHIN: lambda present, wanted: present.between(literal(wanted[0]), literal(wanted[1])),
}
