"""Conditions as data: what a manager may ask of a subject, never code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from standards.working_time.duration import AnchoredMoment, Duration

Plain = str | int | Decimal | bool | date | datetime
Value = Plain | tuple[Plain, ...] | Duration | AnchoredMoment | None


class Operator(StrEnum):
    """How a field is compared; a missing value makes every comparison but `is empty` false."""

    EQUAL = "equal"
    IN = "in"
    NOT_IN = "not in"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    BETWEEN = "between"
    BEFORE = "before"
    AFTER = "after"
    WITHIN = "within"  # a date within so long a time from the as-of day on, that day included
    IS_EMPTY = "is empty"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """One field against one value (codes are stored with underscores: `by us` is `by_us`)."""

    path: str
    operator: Operator
    value: Value
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """True when every part is; true when there is none."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """True when one part is; false when there is none."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    """True when its part is not: two-valued, also where a value is missing."""

    part: Condition


Condition = Compare | AllOf | AnyOf | Negation
ALWAYS = AllOf(parts=())
