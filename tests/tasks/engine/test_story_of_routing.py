"""Who gets a task: roles, teams, queues, whoever did it before; absent people, substitutes and those who left."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import people, work
from tasks.desk.assigning import CannotReassign
from tasks.seating.returning import to_give_back

House = Any

PROCESS = """
process: story
title: A story
subject: term
start: {{by hand: true, assign: client.account_manager}}
steps:
  call:
    {assign}
    action: call
    outcomes: {{next: {{next: offer}}, again: {{repeat in: 1 day, at most: 3, then: {{end: good}}}}}}
  offer: {{action: offer, {then} outcomes: {{done: {{end: good}}}}}}
ends:
  good: {{success: true}}
"""


def begun(house: House, assign: str = "", then: str = "") -> Any:
    """Start a case whose first task is assigned like that; its task."""
    house.publish(PROCESS.format(assign=f"assign: {assign}" * bool(assign), then=f"assign: {then}," * bool(then)))
    return house.task(house.start("story"))


def test_a_role_of_the_client_gets_the_first_task_and_the_owner_of_the_case_the_next(small_house: House) -> None:
    """Jonas manages the account; whatever follows is his."""
    house = small_house

    first = begun(house)
    house.responsible(house.ids["C-1"], "ruta", "handler")
    house.complete(first, "next")

    assert (first["assignee_id"], first["team_id"]) == (house.ids["jonas"], house.ids["sales"])
    assert house.task(first["case_id"])["assignee_id"] == house.ids["jonas"]


def test_several_routes_are_tried_in_order(small_house: House) -> None:
    """There is no handler, so the team's turn decides."""
    task = begun(small_house, "[client.handler, {team: sales, by: turn}]")

    assert task["assignee_id"] == small_house.ids["jonas"]


def test_a_team_by_turn_passes_over_whoever_is_away(small_house: House) -> None:
    """Jonas, Rūta, Jonas …; with Jonas on holiday it is Rūta again."""
    house = small_house
    house.publish(PROCESS.format(assign="assign: {team: sales, by: turn}", then=""))
    dealt = []
    for number in range(3):
        house.term(f"T-{number}")
        dealt.append(house.task(house.start("story", f"term T-{number}"))["assignee_id"])
    house.absence("jonas", "2026-03-01 00:00", "2026-03-15 00:00")
    for number in range(3, 5):
        house.term(f"T-{number}")
        dealt.append(house.task(house.start("story", f"term T-{number}"))["assignee_id"])

    jonas, ruta = house.ids["jonas"], house.ids["ruta"]
    assert dealt == [jonas, ruta, jonas, ruta, ruta]


def test_a_team_by_load_counts_effort_against_hours_not_tasks(small_house: House) -> None:
    """Jonas has one heavy task, Rūta two light ones, and she works half the week: still she is freer."""
    house = small_house
    house.standards(
        "standards: {any: {for: all work, due: 8 working hours, effort: 10 minutes}, "
        "heavy: {for: {action: audit}, effort: 8 hours}}"
    )
    house.change(people.employees, house.ids["ruta"], weekly_hours=20)
    house.add_task("An audit", action="audit", by="jonas")
    house.add_task("A note", by="ruta")
    house.add_task("Another", by="ruta")

    task = begun(house, "{team: sales, by: load}")

    assert task["assignee_id"] == house.ids["ruta"]


def test_a_queue_belongs_to_nobody_yet(small_house: House) -> None:
    """Of the team, or of the house."""
    house = small_house

    teams = begun(house, "{queue: sales}")
    house.complete(teams, "next")

    assert (teams["assignee_id"], teams["team_id"]) == (None, house.ids["sales"])


def test_the_same_person_as_an_earlier_step(small_house: House) -> None:
    """Rūta took the call from the queue, so the offer is hers."""
    house = small_house
    call = begun(house, "{queue: sales}", "{same as: call}")

    house.complete(call, "next", by="ruta")

    assert house.task(call["case_id"])["assignee_id"] == house.ids["ruta"]


def test_an_absent_person_gets_nothing_new_their_substitute_does_visibly_and_it_comes_back(small_house: House) -> None:
    """Jonas is away until Thursday; Rūta has it, until he is back."""
    house = small_house
    house.absence("jonas", "2026-03-01 00:00", "2026-03-05 00:00", "ruta")

    bumped = begun(house)
    house.tick("2026-03-04 12:00")
    meanwhile = house.task(id=bumped["id"])
    report = house.tick("2026-03-05 09:00")
    back = house.task(id=bumped["id"])

    assert (bumped["assignee_id"], bumped["bumped_from_id"]) == (house.ids["ruta"], house.ids["jonas"])
    assert meanwhile["assignee_id"] == house.ids["ruta"]
    assert (back["assignee_id"], back["bumped_from_id"]) == (house.ids["jonas"], None)
    assert report.counts["tasks given back"] == 1
    assert back["due_at"] == house.at("2026-03-05 17:00")


def test_nothing_is_weighed_again_while_its_owner_is_about_to_be_away(small_house: House) -> None:
    """On Sunday, with a holiday from Monday on: a beat over a thousand such tasks has nothing to look at."""
    house = small_house
    house.absence("jonas", "2026-03-02 09:00", "2026-03-05 00:00", "ruta")
    bumped = begun(house)
    away, back = (house.at(moment) for moment in ("2026-03-01 12:00", "2026-03-05 00:00"))

    while_away = to_give_back(house.db, at=away, after=0, some=50)
    on_return = to_give_back(house.db, at=back, after=0, some=50)

    assert bumped["bumped_from_id"] == house.ids["jonas"]
    assert (while_away, on_return) == ([], [bumped["id"]])


def test_what_opens_in_an_absence_comes_back_after_it(small_house: House) -> None:
    """Planned for a day on which Jonas is away: he is here today, and still it is not for him."""
    house = small_house
    call = begun(house)
    house.absence("jonas", "2026-03-03 00:00", "2026-03-05 00:00", "ruta")
    house.complete(call, "again")
    planned = house.task(call["case_id"])

    today = to_give_back(house.db, at=house.at("2026-03-02 12:00"), after=0, some=50)
    house.tick("2026-03-03 12:00")
    house.tick("2026-03-05 09:00")

    assert (planned["status"], planned["assignee_id"]) == ("planned", house.ids["ruta"])
    assert today == []
    assert house.task(id=planned["id"])["assignee_id"] == house.ids["jonas"]


def test_what_the_substitute_has_begun_stays_with_them(small_house: House) -> None:
    """Nobody takes work out of somebody's hands."""
    house = small_house
    house.absence("jonas", "2026-03-01 00:00", "2026-03-05 00:00", "ruta")
    bumped = begun(house)
    house.begin(bumped, by="ruta")

    house.tick("2026-03-05 09:00")

    assert house.task(id=bumped["id"])["assignee_id"] == house.ids["ruta"]


def test_an_hour_at_the_doctors_is_no_absence(small_house: House) -> None:
    """Enough open time is left before it is due."""
    house = small_house
    house.absence("jonas", "2026-03-02 10:00", "2026-03-02 11:00", "ruta")

    assert begun(house)["assignee_id"] == house.ids["jonas"]


def test_without_anybody_there_it_waits_in_the_queue_of_the_team(small_house: House) -> None:
    """And goes to its owner when they return."""
    house = small_house
    house.absence("jonas", "2026-03-01 00:00", "2026-03-05 00:00")

    waiting = begun(house)
    house.tick("2026-03-05 09:00")

    assert (waiting["assignee_id"], waiting["team_id"]) == (None, house.ids["sales"])
    assert house.task(id=waiting["id"])["assignee_id"] == house.ids["jonas"]


def test_whoever_left_never_gets_anything(small_house: House) -> None:
    """Their substitute does, and nothing comes back."""
    house = small_house
    house.change(people.employees, house.ids["jonas"], left_on=date(2026, 2, 1), substitute_id=house.ids["ruta"])

    task = begun(house)

    assert (task["assignee_id"], task["bumped_from_id"]) == (house.ids["ruta"], None)


def test_a_repetition_stays_with_whoever_made_the_first_attempt(small_house: House) -> None:
    """Rūta called; she calls again."""
    house = small_house
    call = begun(house)
    house.reassign(call, "ruta")

    house.complete(call, "again", by="ruta")

    assert house.task(call["case_id"])["assignee_id"] == house.ids["ruta"]


def test_a_task_cannot_be_given_to_somebody_who_left(small_house: House) -> None:
    """Said with the day."""
    house = small_house
    house.change(people.employees, house.ids["ruta"], left_on=date(2026, 2, 1))
    task = begun(house)

    with pytest.raises(CannotReassign) as refused:
        house.reassign(task, "ruta")

    assert str(refused.value) == (
        f"Cannot reassign task {task['id']} to Ruta, who left on 2026-02-01. Choose somebody who works here."
    )


def test_the_event_of_a_handover_names_both(small_house: House) -> None:
    """From whom, to whom, and both due times."""
    house = small_house
    task = begun(house)

    house.now = house.at("2026-03-02 13:00")
    house.reassign(task, "ruta")

    (event,) = house.events(task["case_id"], ["task.reassigned"])
    assert (event["data"]["from"], event["data"]["to"]) == (house.ids["jonas"], house.ids["ruta"])
    assert event["data"]["was_due_at"] == "2026-03-02T15:00:00+00:00"
    assert event["data"]["due_at"] == "2026-03-03T11:00:00+00:00"
    assert [row["ended_by"] for row in house.rows(work.holds)] == ["reassigned"]
