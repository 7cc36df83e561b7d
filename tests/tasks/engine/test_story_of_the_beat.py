"""The beat: what happens by itself, once, whoever else is beating."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import contracts, outbox, parties, people, work
from tasks.beat import happening
from tasks.beat.happening import NoSuchHappening
from tasks.desk import working
from tasks.desk.recounting import NothingToRecount

House = Any


def told(house: House) -> list[tuple[str, str]]:
    """Template and receiver of each message to staff about a single task."""
    logins = {row["id"]: row["login"] for row in house.rows(people.employees)}
    return [(row["template"], logins[row["employee_id"]]) for row in house.rows(outbox.messages) if row["task_id"]]


def test_a_task_is_reminded_of_then_escalated_then_meets_its_limit(small_house: House) -> None:
    """Two hours before due Jonas, an hour after it his manager, at the limit both."""
    house = small_house
    house.start()

    reminded = house.tick("2026-03-02 15:00")
    nothing = house.tick("2026-03-02 16:00")
    escalated = house.tick("2026-03-03 10:00")
    limit = house.tick("2026-03-26 09:00")

    assert (reminded.counts, nothing.counts) == ({"reminders": 1}, {})
    assert (escalated.counts, limit.counts) == ({"escalations": 1}, {"limits met": 1})
    assert told(house) == [
        ("task_reminder", "jonas"),
        ("task_escalated", "ona"),
        ("task_limit", "ona"),
        ("task_limit", "jonas"),
    ]


def test_a_reminder_reaches_people_in_their_working_hours(small_house: House) -> None:
    """A beat at night queues it for the morning; absent people get it when they are back."""
    house = small_house
    house.start()
    house.absence("jonas", "2026-03-03 00:00", "2026-03-05 00:00")

    house.tick("2026-03-02 22:00")

    message = house.rows(outbox.messages)[0]
    assert message["not_before"] == house.at("2026-03-05 09:00")


def test_beating_twice_does_nothing_twice(small_house: House) -> None:
    """Each moment rings once."""
    house = small_house
    house.start()

    first = house.tick("2026-03-02 15:00")
    second = house.tick("2026-03-02 15:00")

    assert (first.total, second.total) == (1, 0)
    assert told(house) == [("task_reminder", "jonas")]


def test_a_finished_task_is_not_nudged(small_house: House) -> None:
    """Nothing is left to happen to it."""
    house = small_house
    house.complete(house.task(house.start()), "declined", reason="price")

    assert house.tick("2026-04-30 09:00").total == 0


def test_a_task_expires_only_where_its_standard_says_so(small_house: House) -> None:
    """Nobody did it in time: its branch stops, and its case is left with nothing."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 4 working hours, expires: 8 working hours after due}}")
    case_id = house.start()

    report = house.tick("2026-03-03 13:00")

    task = house.task(case_id, live=False)
    assert report.counts["tasks expired"] == 1
    assert (task["status"], task["finished_at"]) == ("expired", house.now)
    assert house.kinds(case_id) == ["case.started", "task.expired"]
    assert [row["ended_by"] for row in house.rows(work.holds)] == ["expired"]


def test_a_corrected_expiry_moves_open_work_and_starts_nothing(small_house: House) -> None:
    """The limit moves with the date; the ledger keeps both."""
    house = small_house
    house.term("P-2", expires="2026-03-06")
    case_id = house.start(subject="term P-2")
    tight = house.task(case_id)

    house.change(contracts.terms, house.ids["term P-2"], expires_on=date(2026, 4, 30))
    report(house, "term.expiry_corrected", "term P-2")

    moved = house.task(case_id)
    assert tight["due_at"] == house.at("2026-03-02 17:00")
    assert (tight["limit_at"], moved["limit_at"]) == (house.at("2026-03-03 09:00"), house.at("2026-04-27 09:00"))
    (event,) = house.events(case_id, ["task.due_moved"])
    assert (event["data"]["was_limit_at"], event["data"]["limit_at"]) == (
        "2026-03-03T07:00:00+00:00",
        "2026-04-27T06:00:00+00:00",
    )
    assert len(house.rows(work.cases)) == 1


def test_a_due_time_the_old_limit_had_cut_comes_back_with_the_new(small_house: House) -> None:
    """Eight hours were asked, two were left; now there are eight again."""
    house = small_house
    house.now = house.at("2026-03-02 15:00")
    house.term("P-2", expires="2026-03-06")
    case_id = house.start(subject="term P-2")
    cut = house.task(case_id)

    house.change(contracts.terms, house.ids["term P-2"], expires_on=date(2026, 4, 30))
    report(house, "term.expiry_corrected", "term P-2")

    assert (cut["due_at"], cut["is_tight"]) == (house.at("2026-03-03 09:00"), True)
    assert house.task(case_id)["due_at"] == house.at("2026-03-03 15:00")


ANCHORED = """
process: story
title: A story
subject: term
start: {{by hand: true, assign: client.account_manager}}
steps:
  call:
    action: call
    no later than: term.expires_on
    when anchor moves: {wish}
    deadline: {{at: 5 days before term.expires_on, next: rest}}
    outcomes: {{done: {{end: good}}}}
  rest: {{wait until: term.expires_on, end: good}}
ends:
  good: {{success: true}}
"""


@pytest.mark.parametrize(
    ("wish", "limit", "fires", "kinds"),
    [
        ("move", "2026-05-01 00:00", "2026-04-24 00:00", ["task.due_moved", "timer.moved"]),
        ("stay", "2026-04-01 00:00", "2026-03-26 00:00", []),
        ("ask", "2026-04-01 00:00", "2026-03-26 00:00", ["task.due_asked"]),
    ],
)
def test_deadlines_move_stay_or_ask_as_the_step_says(
    small_house: House, wish: str, limit: str, fires: str, kinds: list[str]
) -> None:
    """Both the task's limit and the timer beside it."""
    house = small_house
    house.publish(ANCHORED.format(wish=wish))
    case_id = house.start("story")

    house.change(contracts.terms, house.ids["term P-1"], expires_on=date(2026, 4, 30))
    report(house, "term.expiry_corrected", "term P-1")

    assert house.task(case_id)["limit_at"] == house.at(limit)
    assert house.rows(work.timers)[0]["fires_at"] == house.at(fires)
    assert [kind for kind in house.kinds(case_id) if kind.endswith(("moved", "asked"))] == kinds


def test_a_step_that_asks_is_counted_again_when_somebody_agrees(small_house: House) -> None:
    """Whoever has it is told; agreeing moves the limit and the deadline."""
    house = small_house
    house.publish(ANCHORED.format(wish="ask"))
    case_id = house.start("story")
    house.change(contracts.terms, house.ids["term P-1"], expires_on=date(2026, 4, 30))
    report(house, "term.expiry_corrected", "term P-1")
    task = house.task(case_id)

    moved = working.recount(house.db, house.actor(), task_id=task["id"], at=house.now)

    assert told(house) == [("task_asks", "jonas")]
    assert moved.limit_at == house.at("2026-05-01 00:00")
    assert house.rows(work.timers)[0]["fires_at"] == house.at("2026-04-24 00:00")
    assert house.kinds(case_id)[-2:] == ["task.due_moved", "timer.moved"]


def test_a_task_without_a_case_has_nothing_to_recount(small_house: House) -> None:
    """Said in a sentence."""
    house = small_house
    task_id = house.add_task("Sort the post")

    with pytest.raises(NothingToRecount) as refused:
        working.recount(house.db, house.actor(), task_id=task_id, at=house.now)

    assert str(refused.value) == (
        f"Cannot count task {task_id} 'Sort the post' again: it belongs to no case, so it hangs on no anchor. "
        "Look at it with tasks show."
    )


def test_a_happening_reported_twice_is_one(small_house: House) -> None:
    """Its key says so."""
    house = small_house
    key = {"kind": "policy.cancelled", "subject_type": "policy", "subject_id": house.ids["P-1"], "at": house.now}

    first = happening.report(house.db, **key, key="cancelled P-1")
    second = happening.report(house.db, **key, key="cancelled P-1")

    assert (first is not None, second) == (True, None)


def test_a_happening_nobody_knows_is_refused(small_house: House) -> None:
    """With a guess."""
    with pytest.raises(NoSuchHappening) as refused:
        happening.report(
            small_house.db,
            kind="policy.canceled",
            subject_type="policy",
            subject_id=1,
            at=small_house.now,
            key="x",
        )

    assert str(refused.value) == (
        "There is no happening 'policy.canceled'; did you mean policy.cancelled? "
        "Use one of the catalogue, or custom. and a word of your own."
    )


COMPLAINT = """
process: complaint
title: A complaint
subject: client
start: {on: client.answered, where: {client.tier: vip}, assign: client.account_manager}
steps:
  answer: {action: answer, outcomes: {done: {end: good}}}
ends:
  good: {success: true}
"""


def test_a_happening_begins_a_case_where_the_process_says_so(small_house: House) -> None:
    """Only for those it is meant for, and each time anew."""
    house = small_house
    house.publish(COMPLAINT)

    report(house, "client.answered", "C-1", "client", "first")
    for_standard = len(house.rows(work.cases))
    house.change(parties.parties, house.ids["C-1"], tier="vip")
    report(house, "client.answered", "C-1", "client", "second")
    report(house, "client.answered", "C-1", "client", "third")

    assert for_standard == 0
    assert [row["status"] for row in house.rows(work.cases)] == ["running", "running"]


def test_what_cannot_be_dealt_with_stops_nobody_else_and_is_named(small_house: House) -> None:
    """A case whose process starts something that was never published; the others go on."""
    house = small_house
    house.publish(
        """
process: broken
title: Broken
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  rest: {wait: 1 day, next: on}
  on: {start: {process: nowhere, for: client}, end: good}
ends:
  good: {success: true}
"""
    )
    broken = house.start("broken")
    fine = house.start()

    report_of = house.tick("2026-03-03 10:00")
    again = house.tick("2026-03-03 10:00")

    assert len(report_of.problems) == 1
    assert "There is no process 'nowhere'" in report_of.problems[0]
    assert again.problems == []
    assert house.kinds(broken)[-1] == "timer.troubled"
    assert "task.escalated" in house.kinds(fine)


def test_a_row_the_database_refuses_stops_nobody_else(small_house: House) -> None:
    """The next term would break a promise of the table: that case waits for a person, the others go on."""
    house = small_house
    house.publish(
        """
process: broken
title: Broken
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call: {action: call, outcomes: {yes: {next: rest, ask: {begins: date}}}}
  rest: {wait: 1 day, next: next}
  next: {record: next term, from: {starts_on: case.begins}, end: good}
ends:
  good: {success: true}
"""
    )
    broken = house.start("broken")
    house.complete(house.task(broken), "yes", begins="2099-01-01")
    house.term("P-2")
    fine = house.start(subject="term P-2")

    outcome = house.tick("2026-03-03 10:00")

    (problem,) = outcome.problems
    assert 'violates check constraint "ck_terms_expires_on_not_before_starts_on"' in problem
    assert "2099" not in problem
    assert house.kinds(broken)[-1] == "timer.troubled"
    assert "task.escalated" in house.kinds(fine)


def test_a_happening_that_cannot_be_heard_is_kept_for_a_person(small_house: House) -> None:
    """With the reason."""
    house = small_house
    house.publish(
        """
process: broken
title: Broken
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  rest: {action: rest, outcomes: {done: {end: good}}}
  launch: {start: {process: nowhere, for: client}, end: good}
on: {policy.cancelled: {move to: launch}}
ends:
  good: {success: true}
"""
    )
    case_id = house.start("broken")

    happening.report(
        house.db,
        kind="policy.cancelled",
        subject_type="policy",
        subject_id=house.ids["P-1"],
        at=house.now,
        key="cancelled",
    )
    house.tick()

    (row,) = house.rows(work.happenings)
    assert row["problem"].startswith("There is no process 'nowhere'")
    assert house.steps(case_id) == ["rest"]


def report(house: House, kind: str, subject: str = "term P-1", subject_type: str = "term", key: str = "") -> None:
    """Something befalls a subject, and the beat lets everybody hear."""
    house.happens(kind, subject, subject_type, key)
    assert house.tick().problems == []
