"""Whole runs in transactions and processes of their own: once and only once, whatever happens in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core.actor import Actor, Door
from models import work
from models.database import begin, read
from tasks import generation
from tasks.generation import RunReport

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = Actor(door=Door.COMMAND_LINE)


@pytest.fixture
def office(fresh_engine: Engine, make_book: Any) -> Any:
    """A committed brokerage: two account managers, thirty clients with a term in the window, ten beyond it."""
    with begin() as db:
        book = make_book(db)
        people = [book.employee(login) for login in ("jonas", "ona")]
        book.renewals()
        book.standards()
        for place in range(40):
            days = place if place < 30 else 60 + place
            book.cover(
                MONDAY.date() + timedelta(days=5 + days % 35 if place < 30 else days), account_manager=people[place % 2]
            )
    return fresh_engine


def started() -> tuple[int, int, int]:
    """How many cases, tasks and ledger rows there are."""
    with read() as db:
        counts = [
            db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (work.cases, work.tasks, work.events)
        ]
    return counts[0], counts[1], counts[2]


def test_a_run_starts_what_is_due_and_a_second_one_nothing(office: Any) -> None:
    """The report says how many, and for whom."""
    first = generation.run("renewal", MONDAY, actor=RUN, workers=1)
    second = generation.run("renewal", MONDAY, actor=RUN, workers=1)

    assert isinstance(first, RunReport)
    assert (first.tally.cases, first.tally.tasks, first.tally.known) == (30, 30, 0)
    assert (second.tally.cases, second.tally.known, second.state) == (0, 30, "done")
    assert started() == (30, 30, 30)
