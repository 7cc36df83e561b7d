"""How each assigned piece of work fared: on time, late and why, or undecided; in SQL, one row each."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, Subquery, and_, case, cast, func, literal, select

from models.work import cases, resolutions
from reports.assignment import HANDED_ON, Part, Question, units
from reports.dimension import CALENDAR, By


class CountedAs(StrEnum):
    """What an assigned piece of work is counted as: exactly one of these."""

    ON_TIME = "on_time"
    LATE = "late"
    OPEN_IN_TIME = "open_in_time"
    CALLED_OFF = "called_off"
    HANDED_ON = "handed_on"
    DONE_WITHOUT_DUE = "done_without_due"


class Fate(IntEnum):
    """How it fared, in one number: small enough to group millions by; what is done stands below `DONE_BELOW`."""

    ON_TIME = 0
    DONE_LATE = 1
    DONE_WITHOUT_DUE = 2
    OPEN_IN_TIME = 3
    CALLED_OFF = 4
    HANDED_ON = 5
    LATE_OPEN = 6
    LATE_CANCELLED = 7
    LATE_EXPIRED = 8
    LATE_HANDED_ON = 9

    @property
    def counted_as(self) -> CountedAs:
        """The one figure it belongs to."""
        is_late = self is Fate.DONE_LATE or self >= Fate.LATE_OPEN
        return CountedAs.LATE if is_late else CountedAs(self.name.lower())

    @property
    def is_done(self) -> bool:
        """Whether it was finished with an outcome."""
        return self < DONE_BELOW


DONE_BELOW = 3
REASONS = {  # of what is late and not done, where nobody gave a reason
    Fate.LATE_OPEN: "still_open",
    Fate.LATE_CANCELLED: "cancelled",
    Fate.LATE_EXPIRED: "expired",
    Fate.LATE_HANDED_ON: "reassigned",
}


class CaseState(IntEnum):
    """How a case stands in the figures: the two lowest bits of its code."""

    FAILED = 0
    SUCCEEDED = 1
    UNDECIDED = 2


STATES = 4  # a case's code is this many times its number, and its state


def judged(question: Question, part: Part = Part.ALL) -> Subquery:
    """The units (reports.assignment) with their dimensions, fate, reason and case_code.

    `reason`: why it was done late, '' when it was not. `case_code`: four times the number of its case and the case's
    state, nothing for a case that is not judged. Tasks that were cancelled with a voided case are left out. What ended
    after the as-of moment is taken as open.
    """
    unit = units(question, part).subquery("unit")
    asked = (
        select(
            unit,
            *dimensions(),
            _fate(question, unit).label("fate"),
            case_code(question).label("case_code"),
            resolutions.c.effort_minutes,
        )
        .join_from(unit, resolutions, resolutions.c.id == unit.c.resolution_id)
        .outerjoin(cases, cases.c.id == unit.c.case_id)
        .where(~and_(unit.c.status == "cancelled", func.coalesce(cases.c.end_code == "void", False)))
        .offset(0)  # a fence: how it fared is worked out once a row, not once a figure
    )
    return asked.subquery("judged")


def dimensions() -> list[ColumnElement[Any]]:
    """What a resolution says of a task: every dimension but people and days."""
    return [resolutions.c[column_of(by)] for by in By if by not in CALENDAR and by not in {By.EMPLOYEE, By.TEAM}]


def column_of(by: By) -> str:
    """Where a resolution keeps a dimension."""
    return {By.PRODUCT: "product_line"}.get(by, by.value)


def _fate(question: Question, unit: Any) -> ColumnElement[int]:
    """One decision after the other, each asked of as few rows as can be: this is worked out for every task."""
    is_past_due = unit.c.ended_at > unit.c.deadline
    of_done = case(
        (~is_past_due, _code(Fate.ON_TIME)),
        (is_past_due, _code(Fate.DONE_LATE)),
        else_=_code(Fate.DONE_WITHOUT_DUE),
    )
    of_ended = case(
        (unit.c.ended_by == "done", of_done),
        (and_(is_past_due, unit.c.ended_by == "cancelled"), _code(Fate.LATE_CANCELLED)),
        (and_(is_past_due, unit.c.ended_by == "expired"), _code(Fate.LATE_EXPIRED)),
        (is_past_due, _code(Fate.LATE_HANDED_ON)),
        (unit.c.ended_by == HANDED_ON, _code(Fate.HANDED_ON)),
        else_=_code(Fate.CALLED_OFF),
    )
    of_open = case((unit.c.deadline < question.as_of, _code(Fate.LATE_OPEN)), else_=_code(Fate.OPEN_IN_TIME))
    return cast(case((unit.c.ended_at <= question.as_of, of_ended), else_=of_open), SmallInteger)


def _code(fate: Fate) -> ColumnElement[int]:
    return literal(int(fate), SmallInteger)


def case_code(question: Question) -> ColumnElement[int]:
    """The code of a row of `models.work.cases`."""
    its = cases.c
    is_decided = and_(its.status == "ended", its.ended_at <= question.as_of)
    state = case(
        (~is_decided, int(CaseState.UNDECIDED)),
        (its.is_success, int(CaseState.SUCCEEDED)),
        (~its.is_success, int(CaseState.FAILED)),
    )
    return cast(its.id, BigInteger) * STATES + state


def key(by: By, work: Any, zone: str) -> ColumnElement[Any]:
    """The value of a dimension in a row of `judged`; days, weeks … by the name of their first day."""
    if by in CALENDAR:
        local = func.timezone(zone, work.c.began_at)
        return func.to_char(func.date_trunc(by.value, local), "YYYY-MM-DD")
    if by is By.EMPLOYEE:
        return cast(work.c.employee_id, BigInteger)
    if by is By.TEAM:
        return cast(work.c.team_id, BigInteger)
    found: ColumnElement[Any] = work.c[column_of(by)]
    return found


def narrowed(question: Question, work: Any) -> list[ColumnElement[bool]]:
    """What `only` leaves."""
    zone = question.period.zone
    return [
        key(by, work, zone).is_(None) if value is None else key(by, work, zone) == value for by, value in question.only
    ]
