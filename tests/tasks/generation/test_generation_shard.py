"""What one shard starts: the case, its first task, its ledger row, and why the rest is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import Actor, Door
from models import work
from tasks import resolving
from tasks.candidates import Scope
from tasks.generation_plan import plans
from tasks.generation_seating import Seating
from tasks.generation_shard import Bench, carry_out
from tasks.generation_stage import create, stage_of
from tasks.generation_tally import Tally

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = Actor(door=Door.RUN)


def generate(book: Any, at: datetime = MONDAY, process: str = "renewal") -> Tally:
    """The whole run of a process in the transaction of the test."""
    tally = Tally()
    for plan in plans(book.db, process, at):
        stage = stage_of(plan)
        create(book.db, stage)
        seating = Seating(book.db, plan, lambda wanted: resolving.resolve_tasks(book.db, wanted))
        tally += carry_out(book.db, RUN, Bench(plan=plan, stage=stage, seating=seating), Scope())
        for table in stage.tables():
            table.drop(book.db)
    return tally


def test_a_term_in_the_window_gets_case_task_and_ledger(book: Any) -> None:
    """One of each, in the hands of the account manager, due as the standard and the calendar say."""
    jonas = book.employee("jonas")
    book.renewals()
    book.standards()
    term = book.cover(date(2026, 4, 1), account_manager=jonas)

    tally = generate(book)

    case = book.db.execute(select(work.cases)).mappings().one()
    task = book.db.execute(select(work.tasks)).mappings().one()
    event = book.db.execute(select(work.events)).mappings().one()
    assert (tally.cases, tally.tasks) == (1, 1)
    assert (case["subject_type"], case["subject_id"], case["cycle_id"], case["status"]) == ("term", term, term, "running")
    assert (task["case_id"], task["step"], task["assignee_id"], task["status"]) == (case["id"], "call", jonas, "open")
    assert task["due_at"] == datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    assert task["limit_at"] == datetime(2026, 3, 27, 7, 0, tzinfo=UTC)
    assert (event["kind"], event["case_id"], event["task_id"], event["number"]) == ("case.started", case["id"], task["id"], 1)


if pytest:
    pass
