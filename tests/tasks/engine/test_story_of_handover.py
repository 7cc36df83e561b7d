"""Somebody leaves the house: clients, cases and open tasks move in one previewed step."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import parties, people, work
from tasks.desk import handover
from tasks.desk.handover import CannotHandOver

House = Any


def test_leaving_is_previewed_and_then_moves_everything(small_house: House) -> None:
    """Jonas's client, case and task are Rūta's; the preview had said so and changed nothing."""
    house = small_house
    case_id = house.start()
    task = house.task(case_id)
    who = {"employee_id": house.ids["jonas"], "to_employee_id": house.ids["ruta"], "at": house.now}

    plan = handover.preview(house.db, **who)
    before = house.task(case_id)["assignee_id"]
    done = handover.leave(house.db, house.actor("ona"), **who)

    assert plan == done
    assert (plan.clients, plan.case_ids, plan.task_ids) == ({"account_manager": 1}, (case_id,), (task["id"],))
    assert before == house.ids["jonas"]
    assert house.task(case_id)["assignee_id"] == house.ids["ruta"]
    held = [(row["employee_id"], row["until"]) for row in house.rows(parties.responsibilities)]
    assert held == [(house.ids["jonas"], date(2026, 3, 2)), (house.ids["ruta"], None)]
    assert [row["kind"] for row in house.rows(work.happenings)] == ["employee.left"]
    house.complete(task, "interested", by="ruta")
    assert house.task(case_id)["assignee_id"] == house.ids["ruta"]


def test_whoever_had_them_as_a_substitute_has_the_successor(small_house: House) -> None:
    """But nobody stands in for themselves."""
    house = small_house
    house.change(people.employees, house.ids["ona"], substitute_id=house.ids["jonas"])
    house.change(people.employees, house.ids["ruta"], substitute_id=house.ids["jonas"])

    handover.leave(
        house.db,
        house.actor("ona"),
        employee_id=house.ids["jonas"],
        to_employee_id=house.ids["ruta"],
        on=date(2026, 3, 31),
        at=house.now,
    )

    staff = {row["login"]: row for row in house.rows(people.employees)}
    assert (staff["ona"]["substitute_id"], staff["ruta"]["substitute_id"]) == (house.ids["ruta"], None)
    assert staff["jonas"]["left_on"] == date(2026, 3, 31)


def test_nobody_is_their_own_successor(small_house: House) -> None:
    """Said in a sentence."""
    house = small_house

    with pytest.raises(CannotHandOver) as refused:
        handover.preview(house.db, employee_id=house.ids["jonas"], to_employee_id=house.ids["jonas"], at=house.now)

    assert str(refused.value) == "Cannot hand somebody's work over to themselves. Name somebody else."
