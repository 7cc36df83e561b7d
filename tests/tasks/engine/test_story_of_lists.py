"""One task for each member of a list, and what comes when enough of them are done."""

from __future__ import annotations

from datetime import date
from typing import Any

from models import parties

House = Any

CONTACTS = """
steps:
  ask:
    action: ask
    title: Ask {{member.name}}
    for each: client.contacts
    {more}
    outcomes:
      yes: {yes}
      no: {no}
  sum up:
    action: sum up
    {after}
    outcomes: {{done: {{end: good}}}}
  visit: {{action: visit, outcomes: {{done: }}}}
"""


def with_contacts(house: House, *names: str) -> None:
    """The client has people to talk to."""
    for name in names:
        related = house.client(name, name.capitalize(), manager=None)
        house.add(
            parties.party_relations,
            party_id=house.ids["C-1"],
            related_id=related,
            kind="representative",
            since=date(2020, 1, 1),
        )


def test_one_task_for_each_member_and_on_when_all_are_done(small_house: House) -> None:
    """Three contacts, three tasks, then one to sum up."""
    house = small_house
    with_contacts(house, "ada", "bea", "cid")
    case_id = house.tell(CONTACTS.format(more="next: sum up", yes="", no="", after=""))

    opened = house.tasks(case_id)
    for task in opened[:2]:
        house.complete(task, "yes")
    before = house.steps(case_id)
    house.complete(opened[2], "no")

    assert [task["member"] for task in opened] == [f"client:{house.ids[name]}" for name in ("ada", "bea", "cid")]
    assert before == ["ask"]
    assert house.steps(case_id) == ["sum_up"]


def test_enough_members_are_enough(small_house: House) -> None:
    """Proceed when two: the third may still answer, but is not waited for."""
    house = small_house
    with_contacts(house, "ada", "bea", "cid")
    more = "next: sum up\n    proceed when: 2"
    case_id = house.tell(CONTACTS.format(more=more, yes="", no="", after=""))

    first, second, third = house.tasks(case_id)
    house.complete(first, "yes")
    one = house.steps(case_id)
    house.complete(second, "yes")
    two = house.steps(case_id)
    house.complete(third, "yes")

    assert one == ["ask", "ask"]
    assert two == ["ask", "sum_up"]
    assert house.steps(case_id) == ["sum_up"]


def test_a_member_is_carried_along_its_branch_until_the_join_collects_all(small_house: House) -> None:
    """Whoever says yes is visited; the summing up waits for asking and visiting."""
    house = small_house
    with_contacts(house, "ada", "bea")
    after = "after: {all of: [ask, visit]}"
    case_id = house.tell(CONTACTS.format(more="", yes="{next: visit}", no="", after=after))

    ada, bea = house.tasks(case_id)
    house.complete(ada, "yes")
    visit = house.task(case_id, step="visit")
    house.complete(bea, "no")
    before = house.steps(case_id)
    house.complete(visit, "done")

    assert visit["member"] == ada["member"]
    assert before == ["visit"]
    assert (house.steps(case_id), house.task(case_id)["member"]) == (["sum_up"], "")


def test_an_empty_list_counts_as_done(small_house: House) -> None:
    """Nobody to ask: the case goes on at once."""
    house = small_house

    case_id = house.tell(CONTACTS.format(more="next: sum up", yes="", no="", after=""))

    assert house.steps(case_id) == ["sum_up"]


def test_the_codes_of_an_answer_are_a_list_too(small_house: House) -> None:
    """Three insurers named, three requests made."""
    house = small_house
    case_id = house.tell(
        """
steps:
  choose insurers:
    action: decide
    outcomes: {chosen: {next: request, ask: {insurers: {any of: [lumen, aurora, boreas]}}}}
  request:
    action: request
    title: Ask {member.name} for a quote
    for each: case.insurers
    outcomes: {received: }
    next: compare
  compare: {action: compare, outcomes: {done: {end: good}}}
""",
    )

    house.complete(house.task(case_id), "chosen", insurers="lumen, boreas")
    requests = house.tasks(case_id)

    assert [task["member"] for task in requests] == ["lumen", "boreas"]
    assert [house.title(task) for task in requests] == ["Ask Lumen Insurance for a quote", "Ask boreas for a quote"]
