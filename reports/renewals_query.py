"""Renewals as they stand: one row for each term that expires in the period and has a case, and the money at stake."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from core.clock import zone
from models.contracts import PremiumPeriod, Stage, terms
from models.definitions import processes
from models.receivables import commission_entries
from models.work import cases, resolutions, task_items, tasks
from reports.assignment import Question, Rows
from reports.dimension import CALENDAR, By
from reports.efficiency_query import numbers
from reports.judging import column_of

MONTHS = {PremiumPeriod.MONTH: 1, PremiumPeriod.QUARTER: 3, PremiumPeriod.HALF_YEAR: 6, PremiumPeriod.YEAR: 12}
DAYS_A_MONTH = 30.436875  # of the Gregorian calendar, on average
A_YEAR = 12  # months; what a term without a beginning is taken for


class State(StrEnum):
    """How a renewal ended, or that it has not."""

    WON = "won"
    LOST = "lost"
    LAPSED = "lapsed"
    UNDECIDED = "undecided"
    NOT_COUNTED = "not_counted"


COMMISSION = ("expected", "earned", "stated", "received", "clawed_back")


def renewals(question: Question, process: str) -> Subquery:
    """case_id, term_id, next_id, state, reason, employee_id, team_id and the dimensions of every renewal.

    The person is whoever has or had the case's last task; the dimensions are those of its first.
    """
    term, following = terms.alias("term"), _following()
    first, last = task_of_case(func.min).subquery("first"), task_of_case(func.max).subquery("last")
    first_task, last_task = tasks.alias("first_task"), tasks.alias("last_task")
    state = _state(question, following.c.stage)
    asked = (
        select(
            cases.c.id.label("case_id"),
            term.c.id.label("term_id"),
            func.coalesce(term.c.expires_on, cast(func.timezone(question.period.zone, cases.c.ended_at), Date)).label(
                "expires_on"
            ),
            following.c.id.label("next_id"),
            state.label("state"),
            _reason(state, following.c.stage).label("reason"),
            last_task.c.assignee_id.label("employee_id"),
            last_task.c.team_id,
            *(func.coalesce(resolutions.c[name], "").label(name) for name in _dimensions()),
        )
        .join_from(cases, processes, and_(processes.c.id == cases.c.process_id, processes.c.name == process))
        .outerjoin(term, and_(cases.c.subject_type == "term", term.c.id == cases.c.subject_id))
        .outerjoin(following, following.c.renewed_term_id == term.c.id)
        .outerjoin(first, first.c.case_id == cases.c.id)
        .outerjoin(first_task, first_task.c.id == first.c.task_id)
        .outerjoin(resolutions, resolutions.c.id == first_task.c.resolution_id)
        .outerjoin(last, last.c.case_id == cases.c.id)
        .outerjoin(last_task, last_task.c.id == last.c.task_id)
        .where(
            or_(term.c.expires_on.between(question.period.first, question.period.last), _imported(question)),
            cases.c.started_at <= question.as_of,
            func.coalesce(cases.c.end_code, "") != "void",
        )
    )
    if question.employee_ids is not None:
        asked = asked.where(last_task.c.assignee_id.in_(question.employee_ids))
    return asked.subquery("renewals")


def _imported(question: Question) -> ColumnElement[bool]:
    """Renewals of another system: their declared term ends when the case does."""
    its, period = cases.c, question.period
    return and_(its.subject_type == "imported_case", its.ended_at >= period.start, its.ended_at < period.end)


def _dimensions() -> list[str]:
    return [column_of(by) for by in By if by not in CALENDAR and by not in {By.EMPLOYEE, By.TEAM}]


def _following() -> Subquery:
    """The term that renews another: the first, were there several."""
    every, its = terms.alias("every_following"), terms.alias("renewing")
    first = select(func.min(every.c.id)).where(every.c.renewed_term_id.is_not(None)).group_by(every.c.renewed_term_id)
    return select(its).where(its.c.id.in_(first)).subquery("following")


def task_of_case(which: Any) -> Rows:
    """case_id and task_id: the first (`func.min`) or last (`func.max`) task of each case, alone or shared."""
    every = union_all(
        select(tasks.c.case_id, tasks.c.id.label("task_id")).where(tasks.c.case_id.is_not(None)),
        select(task_items.c.case_id, task_items.c.task_id),
    ).subquery("every")
    return select(every.c.case_id, which(every.c.task_id).label("task_id")).group_by(every.c.case_id)


def _state(question: Question, next_stage: ColumnElement[str]) -> ColumnElement[str]:
    is_decided = and_(cases.c.status == "ended", cases.c.ended_at <= question.as_of)
    is_undone = func.coalesce(next_stage == Stage.NOT_TAKEN_UP.value, False)
    return case(
        (~is_decided, literal(State.UNDECIDED.value)),
        (cases.c.is_success.is_(None), literal(State.NOT_COUNTED.value)),
        (and_(cases.c.is_success, ~is_undone), literal(State.WON.value)),
        (cases.c.end_code == State.LAPSED.value, literal(State.LAPSED.value)),
        else_=literal(State.LOST.value),
    )


def _reason(state: ColumnElement[str], next_stage: ColumnElement[str]) -> ColumnElement[str]:
    given = func.coalesce(func.nullif(cases.c.reason, ""), cases.c.end_code)
    not_taken_up = literal(Stage.NOT_TAKEN_UP.value)
    return case(
        (~state.in_([State.LOST.value, State.LAPSED.value]), literal("")),
        (cases.c.is_success, not_taken_up),
        else_=given,
    )


def counted_renewals(question: Question, process: str) -> Rows:
    """One row per group, state and reason: how many."""
    its = renewals(question, process)
    groups = [*_keys(question, its), its.c.state, its.c.reason]
    return (
        select(*groups, func.count().label("count"))
        .where(*_narrowed(question, its))
        .group_by(*numbers(len(groups)))
    )  # fmt: skip


def _key(by: By, its: Subquery) -> ColumnElement[Any]:
    if by in CALENDAR:
        return func.to_char(func.date_trunc(by.value, cast(its.c.expires_on, Date)), "YYYY-MM-DD")
    found: ColumnElement[Any] = its.c[{By.EMPLOYEE: "employee_id", By.TEAM: "team_id"}.get(by) or column_of(by)]
    return found


def _keys(question: Question, its: Subquery) -> list[Any]:
    return [_key(by, its).label(by.value) for by in question.by]


def _narrowed(question: Question, its: Subquery) -> list[ColumnElement[bool]]:
    return [_key(by, its).is_(None) if value is None else _key(by, its) == value for by, value in question.only]


def money_of_renewals(question: Question, process: str) -> Rows:
    """One row per group, currency and measure: the amount. Nothing is added up over currencies."""
    its = renewals(question, process)
    every = union_all(
        *_premiums(question, its),
        *_commissions(question, its),
    ).subquery("every")
    groups = [*(every.c[by.value] for by in question.by), every.c.currency, every.c.measure]
    return (
        select(*groups, func.sum(every.c.amount).label("amount"))
        .where(every.c.amount.is_not(None))
        .group_by(*groups)
    )  # fmt: skip


def _premiums(question: Question, its: Subquery) -> list[Rows]:
    """What the expiring terms cost, by what became of them; and what those that renew them cost."""
    old, new = terms.alias("old_term"), terms.alias("new_term")
    by_state = (
        select(
            *_keys(question, its),
            old.c.currency,
            (literal("premium_") + its.c.state).label("measure"),
            premium_for_term(old).label("amount"),
        )
        .join_from(its, old, old.c.id == its.c.term_id)
        .where(*_narrowed(question, its), its.c.state != State.NOT_COUNTED.value)
    )
    renewed = (
        select(
            *_keys(question, its),
            new.c.currency,
            literal("premium_renewed").label("measure"),
            premium_for_term(new).label("amount"),
        )
        .join_from(its, new, new.c.id == its.c.next_id)
        .where(*_narrowed(question, its), its.c.state == State.WON.value)
    )
    return [by_state, renewed]


def _commissions(question: Question, its: Subquery) -> list[Rows]:
    """Every kind of commission by itself on the terms that renew; what was expected on those that were lost."""
    entry = commission_entries.alias("entry")
    is_booked = entry.c.booked_on <= question.as_of.astimezone(zone(question.period.zone)).date()
    of_renewed = (
        select(
            *_keys(question, its),
            entry.c.currency,
            (literal("commission_") + entry.c.kind).label("measure"),
            entry.c.amount,
        )
        .join_from(its, entry, entry.c.term_id == its.c.next_id)
        .where(*_narrowed(question, its), its.c.state == State.WON.value, entry.c.kind.in_(COMMISSION), is_booked)
    )
    of_lost = (
        select(
            *_keys(question, its),
            entry.c.currency,
            literal("commission_lost_expected").label("measure"),
            entry.c.amount,
        )
        .join_from(its, entry, entry.c.term_id == its.c.term_id)
        .where(
            *_narrowed(question, its),
            its.c.state.in_([State.LOST.value, State.LAPSED.value]),
            entry.c.kind == "expected",
            is_booked,
        )
    )
    return [of_renewed, of_lost]


def premium_for_term(term: Any) -> ColumnElement[Any]:
    """The gross premium for the whole term: what is paid for each stretch, as often as the term has one, at least once.

    A term whose beginning is unknown is taken for a year.
    """
    months = func.coalesce(func.round((term.c.expires_on - term.c.starts_on) / DAYS_A_MONTH), A_YEAR)
    stretch = case(*((term.c.premium_period == period.value, literal(count)) for period, count in MONTHS.items()))
    payments = func.coalesce(func.greatest(func.round(months / stretch), 1), 1)
    amount: ColumnElement[Any] = term.c.premium_gross * payments
    return amount
