"""Every way in which cases start by themselves: an anchor ahead or behind, a ringing, a list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import campaigns, contracts, parties, receivables, work
from tasks.generation.plan import NothingToGenerate, plans

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

MONTHLY = """
process: visits
title: Keeping in touch
subject: client
cycle: month
start:
  schedule: every month on the 1st at 06:00
  where: {client.tier: vip}
  assign: [client.account_manager, {queue: sales}]
steps:
  visit:
    action: visit
    title: Visit {client.name}
    outcomes: {done: {end: done}}
ends:
  done: {success: true}
"""

DEBTS = """
process: debts
title: Debts
subject: receivable
start:
  schedule: every working day at 07:00
  when: 3 working days after receivable.due_on
  where: {receivable.open_amount: {at least: 1}}
  assign: queue
steps:
  call:
    action: call
    title: Call {payer.name}
    deadline: {in: 2 working days, next: call}
    at most: 3
    then: {end: lost}
    outcomes: {paid: {end: paid}}
ends:
  paid: {success: true}
  lost: {success: false}
"""

SPRING = """
process: spring
title: Spring campaign
subject: campaign_member
start:
  list: campaign.members
  leave out:
    no consent: {client.has_marketing_consent: false}
  assign: [{team: sales, by: turn}, queue]
steps:
  call:
    action: call
    title: Call {client.name}
    no later than: campaign.ends_on
    outcomes: {done: {end: done}}
ends:
  done: {success: true}
"""

TWO_AT_ONCE = """
process: review
title: Review
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  assign: client.account_manager
begin: [call, look]
steps:
  call:
    action: call
    title: Call {policyholder.name}
    outcomes: {done: {}}
  look:
    choose:
      - when: {client.tier: vip}
        next: visit
      - otherwise: {}
  visit:
    action: visit
    title: Visit {policyholder.name}
    outcomes: {done: {}}
  decide:
    action: decide
    title: Decide
    after: {all of: [call, visit]}
    outcomes: {done: {end: done}}
ends:
  done: {success: true}
"""

BY_HAND = """
process: favour
title: Favour
subject: client
start: [{by hand: true}, {on: lead.created}]
steps:
  call:
    action: call
    title: Call {client.name}
    outcomes: {done: {end: done}}
ends:
  done: {success: true}
"""


def test_a_schedule_without_anchor_starts_once_a_cycle(book: Any) -> None:
    """Whoever meets the condition, once in each month, also when the first was missed."""
    jonas = book.employee("jonas")
    book.publish(MONTHLY)
    book.client(account_manager=jonas, tier="vip")
    book.client(account_manager=jonas, tier="standard")

    moments = [MONDAY, MONDAY + timedelta(days=1), datetime(2026, 4, 3, 12, 0, tzinfo=UTC)]
    counts = [book.generate(at, "visits").cases for at in moments]

    assert counts == [1, 0, 1]
    assert [case["cycle_id"] for case in book.cases()] == [202603, 202604]


def test_a_queue_is_a_place_for_what_nobody_owns(book: Any) -> None:
    """With a queue among the routes a client without account manager is not left out."""
    sales = book.team("sales")
    book.publish(MONTHLY)
    book.client(tier="vip")

    book.generate(process="visits")

    (task,) = book.tasks()
    assert (task["assignee_id"], task["team_id"], task["next_what"]) == (None, sales, None)


def _owed(book: Any, number: str, due_on: date, open_amount: Decimal = Decimal(50)) -> int:
    facts = {"issuer": "house", "number": number, "kind": "fee", "creditor": "house", "collector": "house"}
    money = {"amount": Decimal(50), "open_amount": open_amount, "currency": "EUR", "state": "issued"}
    dates = {"issued_on": due_on - timedelta(days=14), "due_on": due_on}
    return int(book.put(receivables.receivables, payer_id=book.client(), **facts, **money, **dates))


def test_an_anchor_that_lies_behind_starts_from_the_beginning_of_the_process_only(book: Any) -> None:
    """What was owed before is not touched unasked, what is paid never."""
    book.publish(DEBTS, starts_from=datetime(2026, 2, 20, tzinfo=UTC))
    old, due, paid, fresh = (
        _owed(book, str(place), day, amount)
        for place, (day, amount) in enumerate(
            (
                (date(2015, 2, 1), Decimal(50)),
                (date(2026, 2, 20), Decimal(50)),
                (date(2026, 2, 20), Decimal(0)),
                (date(2026, 2, 27), Decimal(50)),
            )
        )
    )

    book.generate(process="debts")

    assert [case["subject_id"] for case in book.cases()] == [due]
    assert len({old, due, paid, fresh}) == 4


def test_deadlines_of_the_first_step_are_set(book: Any) -> None:
    """They fire like those the engine sets."""
    book.publish(DEBTS, starts_from=datetime(2026, 2, 1, tzinfo=UTC))
    _owed(book, "1", date(2026, 2, 20))

    book.generate(process="debts")

    (timer,) = book.db.execute(select(work.timers)).mappings().all()
    assert (timer["purpose"], timer["step"], timer["fires_at"]) == (
        "deadline",
        "call",
        datetime(2026, 3, 4, 15, tzinfo=UTC),
    )


def _spring(book: Any, members: int, *, ends_on: date | None = date(2026, 3, 31)) -> None:
    line = book.put(contracts.product_lines, code="travel", labels={})
    campaign = book.put(
        campaigns.campaigns,
        code="spring26",
        name="Spring",
        product_line_id=line,
        starts_on=date(2026, 3, 1),
        ends_on=ends_on,
    )
    for place in range(members):
        client = book.client()
        book.put(campaigns.campaign_members, campaign_id=campaign, party_id=client, listed_at=MONDAY)
        if place:
            book.put(parties.consents, party_id=client, purpose="marketing", given_at=MONDAY, source="form")


def test_a_list_is_worked_through_by_turn(book: Any) -> None:
    """Each gets as many as any other, and the next run goes on where this one stopped."""
    sales = book.team("sales")
    for login in ("ana", "ben", "cid"):
        book.employee(login, team_id=sales)
    book.publish(SPRING)
    _spring(book, 9)

    tally = book.generate(process="spring")

    assert (tally.cases, tally.left_out) == (8, {"no_consent": 1})
    assert sorted(tally.by["employee"].values()) == [2, 3, 3]
    assert {case["cycle_id"] for case in book.cases()} == set(
        book.db.execute(select(campaigns.campaigns.c.id)).scalars()
    )
    assert book.generate(process="spring").cases == 0


def test_a_campaign_that_is_over_starts_nobody(book: Any) -> None:
    """Nor does one that somebody else asked for."""
    book.team("sales")
    book.publish(SPRING)
    _spring(book, 3, ends_on=date(2026, 3, 1))

    assert book.generate(process="spring").cases == 0


def test_only_the_campaign_asked_for(book: Any) -> None:
    """Its code decides."""
    book.team("sales")
    book.publish(SPRING)
    _spring(book, 3)

    (other,) = plans(book.db, "spring", MONDAY, campaign="autumn")

    assert other.campaign == "autumn"


def test_a_first_step_that_is_not_one_plain_task_is_left_to_the_engine(book: Any) -> None:
    """Case by case, in the same transaction; once."""
    jonas = book.employee("jonas")
    book.publish(TWO_AT_ONCE)
    for tier in ("vip", "standard"):
        book.term(book.policy(book.client(account_manager=jonas, tier=tier)), date(2026, 4, 1))

    counts = [book.generate(process="review") for _ in range(2)]

    assert [(tally.cases, tally.tasks) for tally in counts] == [(2, 3), (0, 0)]
    assert sorted(task["step"] for task in book.tasks()) == ["call", "call", "visit"]
    assert {task["assignee_id"] for task in book.tasks()} == {jonas}
    assert all(case["run_id"] for case in book.cases())


def test_a_process_that_starts_otherwise_is_refused(book: Any) -> None:
    """The message says how it does start."""
    book.publish(BY_HAND)

    with pytest.raises(NothingToGenerate) as refused:
        plans(book.db, "favour", MONDAY)

    assert str(refused.value) == (
        "A run cannot start favour: its cases begin by hand or when something happens. "
        "Only processes with a schedule or a list are generated."
    )
