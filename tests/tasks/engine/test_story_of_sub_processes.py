"""Processes that start others: waited for or not, for one or for each, and at an end."""

from __future__ import annotations

from typing import Any

import pytest

from models import work
from tasks.handbooks.handbook import NotPublished

House = Any

CHILD = """
process: child
title: A sub-process
subject: client
start: {by hand: true, assign: client.account_manager}
steps:
  check: {action: check, outcomes: {fine: {end: fine}, wrong: {end: wrong}}}
ends:
  fine: {success: true}
  wrong: {success: false}
"""


def test_a_sub_process_is_waited_for_and_its_end_decides(small_house: House) -> None:
    """The parent rests until the child ends; each end has its own way."""
    house = small_house
    house.publish(CHILD)
    case_id = house.tell(
        """
steps:
  examine:
    start: {process: child, for: client, wait: true}
    outcomes: {wrong: {end: bad}}
    next: call
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    house.complete(house.task(child["id"]), "wrong")
    before = house.case(case_id)["status"]
    house.tick()

    assert before == "running"
    assert house.case(case_id)["end_code"] == "bad"


def test_a_sub_process_whose_end_is_not_named_lets_the_step_go_on(small_house: House) -> None:
    """What has no way of its own takes the step's."""
    house = small_house
    house.publish(CHILD)
    case_id = house.tell(
        """
steps:
  examine: {start: {process: child, for: client, wait: true}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    house.complete(house.task(child["id"]), "fine")
    house.tick()

    assert house.steps(case_id) == ["call"]


def test_a_sub_process_without_waiting_goes_its_own_way(small_house: House) -> None:
    """Parent and child are both at work."""
    house = small_house
    house.publish(CHILD)

    case_id = house.tell(
        """
steps:
  examine: {start: {process: child, for: client}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    assert house.steps(case_id) == ["call"]
    assert len(house.tasks(step="check")) == 1


def test_a_sub_process_for_each_of_a_list_is_waited_for_until_the_last_ends(small_house: House) -> None:
    """One case per policy of the client; the parent goes on after the second."""
    house = small_house
    house.term("P-2")
    house.publish(CHILD.replace("subject: client", "subject: policy"))
    case_id = house.tell(
        """
steps:
  examine: {start: {process: child, for each: client.policies, wait: true}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    first, second = house.tasks(step="check")

    house.complete(first, "fine")
    house.tick()
    before = house.steps(case_id)
    house.complete(second, "wrong")
    house.tick()

    assert before == []
    assert house.steps(case_id) == ["call"]


def test_ending_the_parent_ends_the_sub_process_it_waited_for(small_house: House) -> None:
    """What nobody waits for any more is not worked on."""
    house = small_house
    house.publish(CHILD)
    case_id = house.tell(
        """
steps:
  examine: {start: {process: child, for: client, wait: true}, end: good}
""",
        more="on: {policy.cancelled: {end: bad}}\n",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    house.befalls("policy.cancelled", "P-1", "policy")

    assert house.case(child["id"])["end_code"] == "cancelled"
    assert house.tasks(child["id"]) == []


def test_an_end_starts_what_follows_it(small_house: House) -> None:
    """Lost is followed by winning back."""
    house = small_house
    house.publish(CHILD)
    house.publish(
        house.head
        + """
steps:
  call: {action: call, outcomes: {done: {end: good}}}
ends:
  good: {success: true, start: {process: child, for: client}}
"""
    )
    case_id = house.start("story")

    done = house.complete(house.task(case_id), "done")

    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]
    assert done.started == (child["id"],)
    assert house.steps(child["id"]) == ["check"]


def test_a_process_that_is_not_published_cannot_be_started_and_nothing_is_kept(small_house: House) -> None:
    """The person who completes hears why."""
    house = small_house
    house.publish(
        house.head
        + """
steps:
  call: {action: call, outcomes: {done: {end: good}}}
ends:
  good: {success: true, start: {process: unknown, for: client}}
"""
    )
    case_id = house.start("story")

    with pytest.raises(NotPublished, match="There is no process 'unknown'"):
        house.complete(house.task(case_id), "done")
