"""Steps one after another: outcomes, repetitions, choices, spans and dates, and work beside the plan."""

from __future__ import annotations

from typing import Any

House = Any


def test_an_outcome_leads_to_the_next_step_and_to_the_end(small_house: House) -> None:
    """Sequence: call, offer, won; the ledger tells it in order."""
    house = small_house
    case_id = house.start()

    first = house.complete(house.task(case_id), "interested")
    second = house.complete(house.task(case_id), "accepted", premium="120.50")

    assert first.task_ids == (house.tasks(case_id, live=False)[1]["id"],)
    assert second.ended == ((case_id, "won"),)
    assert house.case(case_id)["is_success"] is True
    assert house.kinds(case_id) == ["case.started", "task.completed", "task.opened", "task.completed", "case.ended"]


def test_a_repetition_plans_the_next_round_and_its_limit_counts_over_the_whole_case(small_house: House) -> None:
    """Thinking twice is granted; the third time the case takes `then`."""
    house = small_house
    case_id = house.start()

    house.complete(house.task(case_id), "thinking")
    planned = house.task(case_id)
    house.tick("2026-03-05 17:00")
    opened = house.task(case_id)
    house.complete(opened, "thinking")
    house.tick("2026-03-10 17:00")
    last = house.complete(house.task(case_id), "thinking")

    assert (planned["status"], planned["round"]) == ("planned", 2)
    assert (opened["status"], opened["id"]) == ("open", planned["id"])
    assert last.ended == ((case_id, "lost"),)


def test_a_choice_by_facts_takes_the_first_way_that_holds(small_house: House) -> None:
    """The premium decides who works on it."""
    house = small_house
    case_id = house.tell(
        """
steps:
  weigh:
    choose:
      - {when: {term.premium_gross: {at least: 500}}, next: big}
      - {when: {term.premium_gross: {at least: 100}}, next: middling}
      - otherwise: small
  big: {action: call, outcomes: {done: {end: good}}}
  middling: {action: call, outcomes: {done: {end: good}}}
  small: {action: call, outcomes: {done: {end: bad}}}
""",
    )

    assert house.steps(case_id) == ["middling"]


def test_a_span_is_waited_for(small_house: House) -> None:
    """Ten days later, at the same time of day, the case goes on."""
    house = small_house
    case_id = house.tell(
        """
steps:
  rest: {wait: 10 days, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    house.tick("2026-03-12 08:59")
    before = house.steps(case_id)
    house.tick("2026-03-12 09:00")

    assert before == []
    assert house.steps(case_id) == ["call"]


def test_a_date_is_waited_for_until_it_begins(small_house: House) -> None:
    """Waiting until a date ends when the date begins."""
    house = small_house
    case_id = house.tell(
        """
steps:
  rest: {wait until: 5 days before term.expires_on, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    house.tick("2026-03-25 23:59")
    before = house.steps(case_id)
    house.tick("2026-03-26 00:00")

    assert before == []
    assert house.steps(case_id) == ["call"]


def test_an_ad_hoc_task_lives_beside_the_plan(small_house: House) -> None:
    """It has a due time, reminders and an outcome of its own, and the case goes on without it."""
    house = small_house
    case_id = house.start()

    task_id = house.add_task("Ask for the photos", subject_type="client", subject_id=house.ids["C-1"])
    task = house.task(id=task_id)
    house.complete(task_id, "done", by="jonas")

    assert (task["case_id"], task["assignee_id"], task["title"]) == (None, house.ids["jonas"], "Ask for the photos")
    assert task["due_at"] == house.at("2026-03-02 17:00")
    assert task["next_what"] == "remind"
    assert house.steps(case_id) == ["call"]
