"""What a run starts: the case, its first task in the right hands, its ledger row, and why the rest is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.actor import Actor, Door
from models import definitions, parties, work
from tasks.advancing.advance import advance
from tasks.advancing.beginning import Birth, begin
from tasks.advancing.course import Effects
from tasks.handbooks import calendars

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)
RUN = Actor(door=Door.RUN)
WITH_DEADLINES = """
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
assign: [client.handler, client.account_manager]
steps:
  call:
    action: call
    title: Call {policyholder.name}
    no later than: 3 working days before term.expires_on
    deadline:
      - {in: 2 working days, keep: true, next: warn}
      - {every: 1 working day, at most: 3, keep: true, next: warn}
      - {at: 5 days before term.expires_on, keep: true, next: warn}
    outcomes:
      renewed: {end: won}
  warn:
    action: review
    title: See to {policyholder.name}
    at most: 9
    then: {end: won}
    outcomes:
      seen: {}
ends:
  won: {success: true}
"""
NOT_COMPARED = {"id", "case_id", "recorded_at", "task_id"}


@pytest.fixture
def jonas(book: Any) -> int:
    """An account manager, in a house with a renewal process and standards."""
    book.renewals()
    book.standards()
    return int(book.employee("jonas"))


def test_a_term_in_the_window_gets_case_task_and_ledger(book: Any, jonas: int) -> None:
    """One of each, in the hands of the account manager, due as the standard and the calendar say."""
    term = book.cover(APRIL, account_manager=jonas)

    tally = book.generate()

    (case,), (task,) = book.cases(), book.tasks()
    event = book.db.execute(select(work.events)).mappings().one()
    assert (tally.cases, tally.tasks) == (1, 1)
    assert (case["subject_type"], case["subject_id"], case["cycle_id"], case["attempt"]) == ("term", term, term, 1)
    assert (case["status"], case["started_at"]) == ("running", MONDAY)
    assert (task["case_id"], task["step"], task["assignee_id"], task["status"]) == (case["id"], "call", jonas, "open")
    assert (task["due_at"], task["limit_at"]) == (_utc(4, 15), _utc(27, 7))
    assert (task["next_at"], task["next_what"]) == (_utc(4, 11), "remind")
    assert (event["kind"], event["number"]) == ("case.started", 1)
    assert (event["case_id"], event["task_id"], event["door"]) == (case["id"], task["id"], "run")


def _utc(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_the_engine_would_have_opened_the_very_same_task(book: Any, jonas: int) -> None:
    """Case by case or as a set: same person, same standard, same moments, same deadlines, same ledger."""
    book.publish(WITH_DEADLINES, version=2)
    calendars.calendar_of(book.db)
    ona = book.employee("ona", substitute_id=jonas)
    book.absent(ona, MONDAY, MONDAY + timedelta(days=9))
    managers = (jonas, ona, jonas, ona)
    for place, tier in enumerate(("vip", "standard", "standard", "vip")):
        client = book.client(account_manager=managers[place], tier=tier)
        book.term(book.policy(client, line=("motor", "home")[place % 2]), APRIL - timedelta(days=9 * place))
    savepoint = book.db.begin_nested()
    book.generate()
    generated = _rows(book)
    savepoint.rollback()

    newest = select(definitions.process_versions).where(definitions.process_versions.c.version == 2)
    version = book.db.execute(newest).mappings().one()
    for number in sorted(row["subject_id"] for row in generated["tasks"]):
        facts = {"process_id": version["process_id"], "version_id": version["id"]}
        birth = Birth(**facts, subject_type="term", subject_id=number)
        course = begin(book.db, RUN, birth, at=MONDAY, effects=Effects())
        assert course is not None
        advance(course)

    assert _rows(book) == generated
    assert len(generated["timers"]) == 4 * 3


def _rows(book: Any) -> dict[str, list[dict[str, Any]]]:
    """Tasks, timers and events without their numbers, resolutions by what they resolve."""
    named = dict(book.db.execute(select(work.resolutions.c.id, work.resolutions.c.content_hash)).all())
    events = book.db.execute(select(work.events).order_by(work.events.c.case_id)).mappings()
    tasks = [{k: v for k, v in row.items() if k not in NOT_COMPARED} for row in book.tasks()]
    for task in tasks:
        task["resolution_id"] = named[task["resolution_id"]]
    ledger = [{k: v for k, v in row.items() if k not in NOT_COMPARED} for row in events]
    for entry in ledger:
        entry["data"] = dict(entry["data"]) | {"resolution_id": named[entry["data"]["resolution_id"]]}
    timers = book.db.execute(select(work.timers).order_by(work.timers.c.case_id, work.timers.c.branch)).mappings()
    rings = [{k: v for k, v in row.items() if k not in NOT_COMPARED} for row in timers]
    return {"tasks": sorted(tasks, key=lambda row: row["subject_id"]), "timers": rings, "events": ledger}


def test_each_task_points_to_what_its_standard_says(book: Any, jonas: int) -> None:
    """A vip's call is due after four working hours, anybody else's after two working days."""
    for tier in ("vip", "standard"):
        book.term(book.policy(book.client(account_manager=jonas, tier=tier)), APRIL)

    book.generate()

    due = {
        row.client_tier: row.due_at
        for row in book.db.execute(
            select(work.resolutions.c.client_tier, work.tasks.c.due_at).join(
                work.tasks, work.tasks.c.resolution_id == work.resolutions.c.id
            )
        )
    }
    assert due == {"vip": _utc(2, 11), "standard": _utc(4, 15)}


def test_what_is_left_out_has_a_reason(book: Any, jonas: int) -> None:
    """The first that applies, in the order the process names them; what the process is not about is not counted."""
    blacklisted = {"blacklisted_at": MONDAY}
    for more, facts in (
        ({}, {"placed": "elsewhere"}),
        (blacklisted, {}),
        (blacklisted, {"placed": "elsewhere"}),
        ({}, {"renews": "no"}),
        ({"erased_at": MONDAY}, {}),
    ):
        book.term(book.policy(book.client(account_manager=jonas, **more)), APRIL, **facts)
    merged = book.client(account_manager=jonas)
    book.term(book.policy(merged), APRIL)
    book.db.execute(update(parties.parties).where(parties.parties.c.id == merged).values(merged_into_id=merged - 1))
    book.cover(APRIL)

    tally = book.generate()

    assert tally.cases == 0
    assert tally.left_out == {
        "placed_elsewhere": 2,
        "blacklisted": 1,
        "client_erased": 1,
        "client_merged": 1,
        "no_owner": 1,
    }


def test_the_window_ends_where_the_start_has_not_come(book: Any, jonas: int) -> None:
    """Forty-five days before: the 16th of April is in, the 18th is not, and what has expired is not touched."""
    for day in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 4, 16), date(2026, 4, 18)):
        book.cover(day, account_manager=jonas)

    book.generate()

    expiries = [row["limit_at"].date() for row in sorted(book.tasks(), key=lambda row: row["limit_at"])]
    assert expiries == [date(2026, 2, 25), date(2026, 4, 13)]


def test_a_task_that_comes_too_late_for_its_standard_is_flagged(book: Any, jonas: int) -> None:
    """Due at the limit, and tight, from the very beginning."""
    book.cover(date(2026, 3, 6), account_manager=jonas)

    book.generate()

    (task,) = book.tasks()
    assert (task["due_at"], task["limit_at"], task["is_tight"]) == (_utc(3, 7), _utc(3, 7), True)


def test_whoever_is_absent_is_stood_in_for_visibly(book: Any, jonas: int) -> None:
    """The substitute's calendar counts, and the task remembers whose it would have been."""
    ona = book.employee("ona")
    book.absent(jonas, MONDAY - timedelta(days=1), MONDAY + timedelta(days=14), substitute_id=ona)
    book.cover(APRIL, account_manager=jonas)

    book.generate()

    (task,) = book.tasks()
    assert (task["assignee_id"], task["bumped_from_id"]) == (ona, jonas)


def test_with_nobody_there_the_task_waits_in_the_queue_of_the_team(book: Any, jonas: int) -> None:
    """And comes back to its owner."""
    sales = book.team("sales")
    ona = book.employee("ona", team_id=sales)
    book.absent(ona, MONDAY - timedelta(days=1), MONDAY + timedelta(days=14))
    book.cover(APRIL, account_manager=ona)

    tally = book.generate()

    (task,) = book.tasks()
    assert (task["assignee_id"], task["team_id"], task["bumped_from_id"]) == (None, sales, ona)
    assert tally.by["employee"] == {f"queue {sales}": 1}


def test_those_who_left_get_nothing(book: Any, jonas: int) -> None:
    """Their clients have no owner until they are handed over; a substitute would get the task as their own."""
    gone = book.employee("gone", left_on=date(2026, 3, 2))
    replaced = book.employee("replaced", left_on=date(2026, 1, 1), substitute_id=jonas)
    book.cover(APRIL, account_manager=gone)
    book.cover(APRIL, account_manager=replaced)

    tally = book.generate()

    (task,) = book.tasks()
    assert tally.left_out == {"no_owner": 1}
    assert (task["assignee_id"], task["bumped_from_id"]) == (jonas, None)


def test_figures_are_counted_by_product_insurer_employee_and_week(book: Any, jonas: int) -> None:
    """What a manager asks first."""
    for line in ("motor", "motor", "home"):
        book.term(book.policy(book.client(account_manager=jonas), line=line), APRIL)

    tally = book.generate()

    assert tally.by == {
        "product_line": {"motor": 2, "home": 1},
        "insurer": {"lietuvos": 3},
        "employee": {str(jonas): 3},
        "week": {"2026-03-02": 3},
    }


def test_nothing_due_is_an_empty_run(book: Any, jonas: int) -> None:
    """An empty selection starts nobody; repeated, it still does."""
    book.cover(date(2027, 1, 1), account_manager=jonas)

    assert [book.generate().cases for _ in range(2)] == [0, 0]


def test_a_second_run_starts_nothing_twice(book: Any, jonas: int) -> None:
    """Nor does one on a later day."""
    book.cover(APRIL, account_manager=jonas)

    counts = [book.generate(MONDAY + timedelta(days=days)).cases for days in (0, 0, 7)]

    assert counts == [1, 0, 0]
    assert len(book.tasks()) == 1
