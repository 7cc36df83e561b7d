"""Branches that run beside each other and meet: all of them, the first, so many of them."""

from __future__ import annotations

from typing import Any

House = Any

PARALLEL = """
steps:
  papers: {{action: collect, outcomes: {{got: , gone: {{next: search}}}}}}
  offer: {{action: offer, outcomes: {{sent: }}}}
  price: {{action: price, outcomes: {{known: }}}}
  search: {{action: search, outcomes: {{found: , lost: {{end: bad}}}}}}
  meet:
    action: meet
    after: {join}
    outcomes: {{done: {{end: good}}}}
"""


def test_all_of_waits_for_every_branch(small_house: House) -> None:
    """The meeting comes when the last of three is done."""
    house = small_house
    case_id = house.tell(PARALLEL.format(join="{all of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="offer"), "sent")
    house.complete(house.task(case_id, step="price"), "known")
    before = house.steps(case_id)
    house.complete(house.task(case_id, step="papers"), "got")

    assert before == ["papers"]
    assert house.steps(case_id) == ["meet"]


def test_all_of_does_not_wait_for_a_branch_that_went_elsewhere_or_was_cancelled(small_house: House) -> None:
    """Papers are searched for instead, the price is cancelled: the offer alone makes the meeting."""
    house = small_house
    case_id = house.tell(PARALLEL.format(join="{all of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="papers"), "gone")
    house.complete(house.task(case_id, step="offer"), "sent")
    house.cancel(house.task(case_id, step="price"))

    assert house.steps(case_id) == ["meet", "search"]


def test_any_of_fires_at_the_first_and_can_cancel_the_rest(small_house: House) -> None:
    """One of three is enough, and nobody works on for nothing."""
    house = small_house
    join = "{any of: [papers, offer, price], cancel the rest: true}"
    case_id = house.tell(PARALLEL.format(join=join), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="price"), "known")

    assert house.steps(case_id) == ["meet"]
    assert [task["status"] for task in house.tasks(case_id, live=False)] == ["cancelled", "cancelled", "done", "open"]


def test_two_of_three_fires_once_and_leaves_the_third_alone(small_house: House) -> None:
    """The straggler's arrival neither fires the join again nor begins another round."""
    house = small_house
    case_id = house.tell(PARALLEL.format(join="{2 of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="price"), "known")
    house.complete(house.task(case_id, step="offer"), "sent")
    at_two = house.steps(case_id)
    house.complete(house.task(case_id, step="papers"), "got")

    assert at_two == ["meet", "papers"]
    assert house.steps(case_id) == ["meet"]


def test_otherwise_is_taken_when_so_many_can_no_longer_arrive(small_house: House) -> None:
    """With two of three needed, the second cancelled branch decides."""
    house = small_house
    join = "{2 of: [papers, offer, price], otherwise: {end: bad}}"
    case_id = house.tell(PARALLEL.format(join=join), begin="[papers, offer, price]")

    house.cancel(house.task(case_id, step="price"))
    still = house.case(case_id)["status"]
    last = house.cancel(house.task(case_id, step="offer"))

    assert still == "running"
    assert last.ended == ((case_id, "bad"),)


def test_a_join_in_a_circle_collects_each_round_by_itself(small_house: House) -> None:
    """The second time round, both branches are waited for again."""
    house = small_house
    case_id = house.tell(
        """
steps:
  left: {action: left, outcomes: {done: }}
  right: {action: right, outcomes: {done: }}
  meet:
    action: meet
    after: {all of: [left, right]}
    outcomes:
      again: {next: [left, right], at most: 2, then: {end: bad}}
      enough: {end: good}
""",
        begin="[left, right]",
    )

    for round_ in (1, 2):
        house.complete(house.task(case_id, step="left"), "done")
        assert house.steps(case_id) == ["right"]
        house.complete(house.task(case_id, step="right"), "done")
        assert house.task(case_id)["round"] == round_
        house.complete(house.task(case_id), "again")

    assert house.steps(case_id) == ["left", "right"]


def test_a_happening_moves_the_whole_case(small_house: House) -> None:
    """Move to: everything is cancelled, and one step comes instead."""
    house = small_house
    case_id = house.tell(
        PARALLEL.format(join="{all of: [papers, offer, price]}").replace(
            "steps:", "steps:\n  decide: {action: decide, outcomes: {done: {end: bad}}}"
        ),
        begin="[papers, offer, price]",
        more="on: {client.blacklisted: {move to: decide}}\n",
    )

    house.befalls("client.blacklisted", "C-1", "client")

    assert house.steps(case_id) == ["decide"]
