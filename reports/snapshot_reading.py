"""The efficiency figures as of the last snapshot: added up from kept rows, the same to the last digit as if counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, type_coerce
from sqlalchemy.types import NullType

from core.collector import no_collecting
from core.errors import TaktasError
from models.snapshots import snapshot_figures
from reports.assignment import Question, Rows
from reports.dimension import CALENDAR, By
from reports.efficiency import Efficiency, shaped
from reports.efficiency_query import COLLECTIONS, FACTS, VERDICT
from reports.judging import column_of
from reports.period import Period
from reports.snapshot import DAY, KEPT, MONTH, newest

ONE_DAY = timedelta(days=1)
_kept = snapshot_figures.c


class NoSnapshot(TaktasError):
    """No snapshot was taken yet, or it was taken in another zone."""


class NotKept(TaktasError):
    """The snapshot does not keep the figures by that."""


def efficiency_of_snapshot(db: Connection, question: Question, *, language: str = "en") -> Efficiency:
    """The figures as of the last snapshot (its moment takes the place of the question's).

    Raises: NoSnapshot, NotKept.
    """
    _check_kept(question)
    last = newest(db)
    if last is None or last.zone != question.period.zone:
        raise NoSnapshot(
            "There are no figures of last night yet: no snapshot was taken. "
            "Leave out --last-night to count them now, or let the nightly schedule take one (taktas up)."
        )
    asked = replace(question, as_of=last.taken_at, is_of_snapshot=True)
    with no_collecting():
        return shaped(db, asked, db.execute(kept_cells(asked)), language)


def _check_kept(question: Question) -> None:
    wanted = [*question.by, *(by for by, _ in question.only)]
    missing = [by.value for by in wanted if by not in KEPT and by not in CALENDAR]
    if missing:
        raise NotKept(
            f"The figures of last night are not kept by {' and '.join(missing)}. "
            f"Leave out --last-night, or split by {', '.join(by.value for by in KEPT)} and days, weeks or months."
        )
    if not question.tells_people_apart:
        raise NotKept(
            "The figures of last night are kept person by person, and this report would count each task once. "
            "Leave out --last-night, or split by employee too."
        )


def kept_cells(question: Question) -> Rows:
    """Rows like those of reports.efficiency_query.cells, from what is kept, each day's or month's by itself."""
    keys = [_key(by).label(by.value) for by in question.by]
    facts = [_kept[name] for name in (*VERDICT, *FACTS)]
    collections = [type_coerce(_kept[name], NullType()) for name in COLLECTIONS]  # as they come: not copied one by one
    return select(*keys, *facts, *collections).where(_within(question), *_narrowed(question))


def _key(by: By) -> ColumnElement[Any]:
    if by in CALENDAR:
        return func.to_char(func.date_trunc(by.value, _kept.first_day), "YYYY-MM-DD")
    found: ColumnElement[Any] = _kept[{By.EMPLOYEE: "employee_id", By.TEAM: "team_id"}.get(by) or column_of(by)]
    return found


def _narrowed(question: Question) -> list[ColumnElement[bool]]:
    asked = [_key(by).is_(None) if value is None else _key(by) == value for by, value in question.only]
    if question.employee_ids is not None:
        asked.append(_kept.employee_id.in_(question.employee_ids))
    return asked


def _within(question: Question) -> ColumnElement[bool]:
    """Whole months as such, where nothing asks for days; what is left over by the day."""
    period = question.period
    needs_days = any(by in {By.DAY, By.WEEK} for by in [*question.by, *(by for by, _ in question.only)])
    months = [] if needs_days else whole_months(period)
    if not months:
        return and_(_kept.grain == DAY, _kept.first_day.between(period.first, period.last))
    after = _next_month(months[-1])
    rest = or_(
        _kept.first_day.between(period.first, months[0] - ONE_DAY) if period.first < months[0] else false(),
        _kept.first_day.between(after, period.last) if after <= period.last else false(),
    )
    return or_(and_(_kept.grain == MONTH, _kept.first_day.in_(months)), and_(_kept.grain == DAY, rest))


def whole_months(period: Period) -> list[date]:
    """The first days of the months that lie wholly in the period."""
    month = period.first if period.first.day == 1 else _next_month(period.first)
    found = []
    while _next_month(month) - ONE_DAY <= period.last:
        found.append(month)
        month = _next_month(month)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
