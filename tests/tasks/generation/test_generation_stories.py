"""Stories over time: years of renewals, corrected dates, missed days, late imports, a long history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.actor import Actor, Door
from models import contracts, work
from tasks.beat import happening, ticking
from tasks.desk import casework, working
from tasks.desk.completing import Completion

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def jonas(book: Any) -> int:
    """An account manager in a house with renewals since January."""
    book.renewals()
    book.standards()
    return int(book.employee("jonas", is_manager=True))


def _renew(book: Any, jonas: int, task_id: int, at: datetime) -> Completion:
    actor = Actor(door=Door.COMMAND_LINE, employee_id=jonas)
    return working.complete(book.db, actor, task_id=task_id, outcome="renewed", at=at)


def _mondays(years: int) -> list[datetime]:
    return [MONDAY + WEEK * number for number in range(51 * years)]


def test_a_policy_renewed_every_year_gets_one_renewal_per_term(book: Any, jonas: int) -> None:
    """Five years of Mondays; each won renewal writes the next term, each term its one case."""
    book.cover(date(2026, 4, 1), account_manager=jonas)

    for monday in _mondays(5):
        if book.generate(monday).cases:
            (task,) = [row for row in book.tasks() if row["status"] == "open"]
            _renew(book, jonas, task["id"], monday + timedelta(days=1))

    terms = book.db.execute(select(contracts.terms).order_by(contracts.terms.c.expires_on)).mappings().all()
    assert [term["expires_on"].year for term in terms] == [2026, 2027, 2028, 2029, 2030, 2031]
    assert [case["subject_id"] for case in book.cases()] == [term["id"] for term in terms[:5]]
    assert {case["end_code"] for case in book.cases()} == {"won"}


def test_terms_that_are_imported_each_year_get_one_renewal_each(book: Any, jonas: int) -> None:
    """Whoever writes the next term, the cycle is the term's identity."""
    policy = book.policy(book.client(account_manager=jonas))
    book.term(policy, date(2026, 4, 1))

    for number, monday in enumerate(_mondays(5)):
        if number % 51 == 10:
            year = monday.year + 1
            book.term(policy, date(year, 4, 1), sequence=year)
        book.generate(monday)

    subjects = [case["subject_id"] for case in book.cases()]
    assert len(subjects) == len(set(subjects)) == 5


def test_a_corrected_expiry_moves_the_due_times_and_starts_nothing(book: Any, jonas: int) -> None:
    """The case stays the same one; its limit follows the date."""
    term = book.cover(date(2026, 4, 1), account_manager=jonas)
    book.generate()
    (before,) = book.tasks()

    book.db.execute(update(contracts.terms).where(contracts.terms.c.id == term).values(expires_on=date(2026, 4, 15)))
    happening.report(
        book.db, kind="term.expiry_corrected", subject_type="term", subject_id=term, at=MONDAY, key="corrected 1"
    )
    ticking.tick_within(book.db, at=MONDAY)
    again = book.generate(MONDAY + WEEK)

    (after,) = book.tasks()
    assert again.cases == 0
    assert (before["limit_at"].date(), after["limit_at"].date()) == (date(2026, 3, 27), date(2026, 4, 10))
    assert len(book.cases()) == 1


def test_missed_days_and_late_imports_are_caught_up(book: Any, jonas: int) -> None:
    """A run looks at the state of things, not at what the last run did."""
    book.cover(date(2026, 4, 15), account_manager=jonas)
    first = book.generate(datetime(2026, 3, 1, 6, 0, tzinfo=UTC))
    book.cover(date(2026, 3, 20), account_manager=jonas)

    third = book.generate(datetime(2026, 3, 5, 6, 0, tzinfo=UTC))

    assert (first.cases, third.cases) == (1, 1)


def test_days_without_a_run_lose_nothing(book: Any, jonas: int) -> None:
    """Whatever became due in between is started by the next one."""
    for day in range(12, 20):
        book.cover(date(2026, 4, day), account_manager=jonas)

    daily = [book.generate(MONDAY + timedelta(days=day)).cases for day in (0, 3, 4)]

    assert sum(daily) == 8
    assert daily[1] > 1


def test_twenty_years_of_history_start_nothing(book: Any, jonas: int) -> None:
    """Only what is still ahead: the first definition creates nothing for the past."""
    policy = book.policy(book.client(account_manager=jonas))
    for year in range(2006, 2027):
        book.term(policy, date(year, 4, 1), sequence=year - 2000)

    tally = book.generate()

    assert (tally.cases, tally.left_out) == (1, {})
    assert book.db.execute(select(work.events.c.kind)).scalars().all() == ["case.started"]


def test_what_lay_inside_the_window_when_the_process_began_is_left_alone_if_so_decided(book: Any, jonas: int) -> None:
    """Starts before that moment are not made up for; later ones are."""
    book.renewals(version=2, starts_from=MONDAY)
    inside, after = (book.cover(day, account_manager=jonas) for day in (date(2026, 4, 1), date(2026, 4, 20)))

    counts = [book.generate(MONDAY + timedelta(days=days)).cases for days in (0, 7)]

    assert counts == [0, 1]
    assert [case["subject_id"] for case in book.cases()] == [after]
    assert inside


def test_a_voided_case_is_not_started_again_by_a_run(book: Any, jonas: int) -> None:
    """Generation only ever writes the first attempt; the second needs a person and a reason."""
    book.cover(date(2026, 4, 1), account_manager=jonas)
    book.generate()
    (case,) = book.cases()
    actor = Actor(door=Door.COMMAND_LINE, employee_id=jonas)
    casework.void(book.db, actor, case_id=case["id"], reason="duplicate", at=MONDAY)

    assert book.generate(MONDAY + WEEK).cases == 0
