"""One task for several cases: a client's terms of a month in one call, a programme's policies as one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import contracts, work

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOW, SOON, LATER = date(2026, 4, 1), date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture
def jonas(book: Any) -> int:
    """An account manager in a house with standards."""
    book.standards()
    return int(book.employee("jonas"))


def _items(book: Any) -> list[tuple[int, int]]:
    wanted = select(work.task_items).order_by(work.task_items.c.case_id)
    return [(row.task_id, row.case_id) for row in book.db.execute(wanted)]


def test_what_a_client_has_within_a_month_is_one_call(book: Any, jonas: int) -> None:
    """The term that expires next month comes along; the one of the summer waits for its time."""
    book.renewals(group="client within 30 days")
    client = book.client(account_manager=jonas)
    now, soon, later = (book.term(book.policy(client), day) for day in (NOW, SOON, LATER))

    tally = book.generate()

    cases, (task,) = book.cases(), book.tasks()
    assert (tally.cases, tally.tasks) == (2, 1)
    assert [case["subject_id"] for case in cases] == [now, soon]
    assert (task["case_id"], task["subject_id"], task["step"]) == (None, now, "call")
    assert _items(book) == [(task["id"], case["id"]) for case in cases]
    assert later not in {case["subject_id"] for case in cases}


def test_the_shared_task_has_the_moments_of_what_is_due_first(book: Any, jonas: int) -> None:
    """Its limit is the earliest of its cases' limits, whatever the order of the policies."""
    book.renewals(group="client within 30 days")
    client = book.client(account_manager=jonas)
    for day in (SOON, date(2026, 3, 20), NOW):
        book.term(book.policy(client), day)

    book.generate()

    (task,) = book.tasks()
    assert task["limit_at"] == datetime(2026, 3, 17, 7, 0, tzinfo=UTC)
    assert task["due_at"] <= task["limit_at"]


def test_each_case_and_the_shared_task_have_a_ledger(book: Any, jonas: int) -> None:
    """One event for each case, with its item, and one for the task that belongs to no single case."""
    book.renewals(group="client within 30 days")
    client = book.client(account_manager=jonas)
    for day in (NOW, SOON):
        book.term(book.policy(client), day)

    book.generate()

    events = book.db.execute(select(work.events).order_by(work.events.c.id)).mappings().all()
    item_ids = set(book.db.execute(select(work.task_items.c.id)).scalars())
    task_id = book.tasks()[0]["id"]
    assert [event["kind"] for event in events] == ["case.started", "case.started", "task.opened"]
    assert {event["task_id"] for event in events} == {task_id}
    assert {event["item_id"] for event in events} == {*item_ids, None}
    assert [event["case_id"] is None for event in events] == [False, False, True]


def test_nothing_is_pulled_forward_by_itself(book: Any, jonas: int) -> None:
    """A client with nothing due now is not called for what is due next month."""
    book.renewals(group="client within 30 days")
    book.cover(SOON, account_manager=jonas)

    assert book.generate().cases == 0


def test_what_is_left_out_pulls_nothing_forward(book: Any, jonas: int) -> None:
    """Only a case that starts takes others along."""
    book.renewals(group="client within 30 days")
    client = book.client(account_manager=jonas)
    book.term(book.policy(client), NOW, placed="elsewhere")
    book.term(book.policy(client), SOON)

    tally = book.generate()

    assert (tally.cases, tally.left_out) == (0, {"placed_elsewhere": 1})


def test_a_group_of_one_is_an_ordinary_task(book: Any, jonas: int) -> None:
    """It belongs to its case and has no item."""
    book.renewals(group="client within 30 days")
    book.cover(NOW, account_manager=jonas)

    book.generate()

    (case,), (task,) = book.cases(), book.tasks()
    assert task["case_id"] == case["id"]
    assert _items(book) == []


def test_what_was_pulled_forward_is_not_started_again(book: Any, jonas: int) -> None:
    """A month later its own start has come, and its case is there."""
    book.renewals(group="client within 30 days")
    client = book.client(account_manager=jonas)
    for day in (NOW, SOON):
        book.term(book.policy(client), day)

    counts = [book.generate(MONDAY + timedelta(days=days)).cases for days in (0, 30)]

    assert counts == [2, 0]


def test_a_programme_is_one_task_whoever_its_policies_belong_to(book: Any, jonas: int) -> None:
    """Those of its policies that are due; a policy without programme stands alone."""
    book.renewals(group="programme")
    owner, driver = book.client(account_manager=jonas), book.client(account_manager=jonas)
    fleet = book.put(contracts.programmes, number="F1", client_id=owner, kind="fleet", name="Fleet")
    for client in (owner, driver, driver):
        book.term(book.policy(client, programme_id=fleet), NOW)
    book.term(book.policy(owner, programme_id=fleet), SOON)
    book.term(book.policy(owner), NOW)

    tally = book.generate()

    shared, alone = sorted(book.tasks(), key=lambda row: row["case_id"] is not None)
    assert (tally.cases, tally.tasks) == (4, 2)
    assert (shared["case_id"], len(_items(book))) == (None, 3)
    assert alone["case_id"] is not None
