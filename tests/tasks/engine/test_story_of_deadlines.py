"""Deadlines, happenings, and whichever of the two comes first."""

from __future__ import annotations

from typing import Any

from models import outbox

House = Any

RACE = """
steps:
  either:
    first of:
      - {on: client.answered, next: talk}
      - {in: 5 days, next: remind}
  talk: {action: call, outcomes: {done: {end: good}}}
  remind: {action: letter, outcomes: {done: {end: bad}}}
"""


def test_of_a_happening_and_a_timer_whichever_comes_first_decides(small_house: House) -> None:
    """The client answers; the timer no longer fires."""
    house = small_house
    case_id = house.tell(RACE)

    house.befalls("client.answered", "C-1", "client")
    house.tick("2026-03-20 09:00")

    assert house.steps(case_id) == ["talk"]


def test_of_a_happening_and_a_timer_the_timer_decides_when_nothing_happens(small_house: House) -> None:
    """Five days later, on the next open day, the letter is due; an answer then changes nothing."""
    house = small_house
    case_id = house.tell(RACE)

    house.tick("2026-03-09 09:00")
    house.befalls("client.answered", "C-1", "client")

    assert house.steps(case_id) == ["remind"]


def test_a_deadline_closes_its_step_and_fires_another(small_house: House) -> None:
    """Nobody called for two working days: the manager decides."""
    house = small_house
    case_id = house.tell(
        """
steps:
  call:
    action: call
    deadline: {in: 2 working days, next: decide}
    outcomes: {done: {end: good}}
  decide: {action: decide, outcomes: {done: {end: bad}}}
""",
    )

    house.tick("2026-03-04 17:00")

    assert house.steps(case_id) == ["decide"]
    closed = house.tasks(case_id, live=False)[0]
    assert closed["status"] == "cancelled"


def test_a_deadline_that_keeps_its_step_rings_beside_it_so_many_times(small_house: House) -> None:
    """Every day a letter, three at most, while the call stays open."""
    house = small_house
    house.letter("nudge")
    case_id = house.tell(
        """
steps:
  call:
    action: call
    deadline: {every: 1 day, at most: 3, keep: true, next: nudge}
    outcomes: {done: {end: good}}
  nudge: {send: nudge}
""",
    )

    for day in range(3, 14):
        house.tick(f"2026-03-{day:02} 12:00")

    assert house.steps(case_id) == ["call"]
    letters = [row for row in house.rows(outbox.messages) if row["template"] == "nudge"]
    assert len(letters) == 3


def test_completing_a_step_in_time_takes_its_deadlines_away(small_house: House) -> None:
    """What is done does not ring."""
    house = small_house
    case_id = house.tell(
        """
steps:
  call:
    action: call
    deadline: {in: 2 working days, end: bad}
    outcomes: {done: {next: offer}}
  offer: {action: offer, outcomes: {done: {end: good}}}
""",
    )

    house.complete(house.task(case_id), "done")
    house.tick("2026-03-20 12:00")

    assert house.case(case_id)["status"] == "running"


def test_a_happening_ends_the_case_and_closes_what_is_open(small_house: House) -> None:
    """The policy is cancelled: the case about its term ends with that reason."""
    house = small_house
    case_id = house.start()

    house.befalls("policy.cancelled", "P-1", "policy")

    case = house.case(case_id)
    assert (case["end_code"], case["reason"]) == ("lost", "cancelled")
    assert house.tasks(case_id) == []


def test_what_a_step_says_of_a_happening_comes_before_what_the_process_says(small_house: House) -> None:
    """Accepted but not bound: the case does not lapse, it becomes urgent."""
    house = small_house
    case_id = house.tell(
        """
steps:
  bind:
    action: bind
    on: {term.ended: {keep: true, next: urgent}}
    outcomes: {done: {end: good}}
  urgent: {action: decide, outcomes: {done: }}
""",
        more="on: {term.ended: {end: bad}}\n",
    )

    house.befalls("term.ended")

    assert house.steps(case_id) == ["bind", "urgent"]


def test_a_happening_about_another_client_is_not_heard(small_house: House) -> None:
    """Only what the subject reaches."""
    house = small_house
    house.client("C-2", "Benas")
    house.term("P-2", "C-2")
    case_id = house.start()

    house.befalls("policy.cancelled", "P-2", "policy")

    assert house.case(case_id)["status"] == "running"
