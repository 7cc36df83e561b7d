"""Whose clock runs: waiting, resuming, handing over, and the holds that are written down."""

from __future__ import annotations

from typing import Any

import pytest

from models import work
from tasks.desk import working
from tasks.desk.order import BeforeTheLast
from tasks.desk.working import CannotWaitFor
from tasks.record.rebuild import rebuild_holds

House = Any

FRIDAY = "2026-03-06 09:00"


def friday_task(house: House) -> Any:
    """Eight working hours from Friday 09:00, Monday to Friday 09-17."""
    house.now = house.at(FRIDAY)
    return house.task(house.start())


def wait(house: House, task: Any, moment: str, reason: str = "client") -> Any:
    """Leave it waiting."""
    house.now = house.at(moment)
    working.wait(house.db, house.actor(), task_id=task["id"], reason=reason, at=house.now)
    return house.task(id=task["id"])


def resume(house: House, task: Any, moment: str) -> Any:
    """Take it up again."""
    house.now = house.at(moment)
    working.resume(house.db, house.actor(), task_id=task["id"], at=house.now)
    return house.task(id=task["id"])


@pytest.mark.parametrize(
    ("begins", "ends", "due"),
    [
        ("2026-03-06 10:00", "2026-03-06 12:00", "2026-03-09 11:00"),
        ("2026-03-06 19:00", "2026-03-07 09:00", "2026-03-06 17:00"),
        ("2026-03-06 16:00", "2026-03-09 10:00", "2026-03-09 11:00"),
    ],
)
def test_waiting_for_the_client_moves_the_due_time_by_the_working_time_waited(
    small_house: House, begins: str, ends: str, due: str
) -> None:
    """The three cases everybody should be able to check by hand."""
    task = friday_task(small_house)

    waiting = wait(small_house, task, begins)
    resumed = resume(small_house, task, ends)

    assert task["due_at"] == small_house.at("2026-03-06 17:00")
    assert waiting["due_at"] is None
    assert resumed["due_at"] == small_house.at(due)
    assert (resumed["status"], resumed["waiting_since"]) == ("active", None)


def test_time_waited_is_never_counted_twice_by_going_back_in_time(small_house: House) -> None:
    """Waited from ten to twelve: what is said of half past ten afterwards is refused, whatever it is."""
    task = friday_task(small_house)
    name = f"task {task['id']} 'Call Aistė Žukauskienė about P-1'"
    wait(small_house, task, "2026-03-06 10:00")
    resume(small_house, task, "2026-03-06 12:00")

    with pytest.raises(BeforeTheLast) as told_of_waiting:
        wait(small_house, task, "2026-03-06 10:30")
    with pytest.raises(BeforeTheLast) as told_of_completing:
        working.complete(
            small_house.db,
            small_house.actor(),
            task_id=task["id"],
            outcome="reached",
            at=small_house.at("2026-03-06 10:30"),
        )

    known = "as of 2026-03-06 10:30: the last thing that happened to it was at 2026-03-06 12:00. Say a later moment"
    assert str(told_of_waiting.value) == f"Cannot put aside {name} {known} with --as-of."
    assert str(told_of_completing.value) == f"Cannot complete {name} {known} with --as-of."


def test_clocks_that_differ_a_little_refuse_nobody(small_house: House) -> None:
    """A minute back is another machine's clock."""
    task = friday_task(small_house)
    wait(small_house, task, "2026-03-06 10:01")

    resumed = resume(small_house, task, "2026-03-06 10:00")

    assert resumed["due_at"] == small_house.at("2026-03-06 17:00")


def test_while_it_waits_a_task_has_only_its_hard_limit(small_house: House) -> None:
    """No reminder rings; the limit does."""
    task = friday_task(small_house)

    waiting = wait(small_house, task, "2026-03-06 10:00", "insurer")

    assert (waiting["next_what"], waiting["next_at"]) == ("limit", task["limit_at"])


def test_waiting_never_moves_a_due_time_beyond_the_hard_limit(small_house: House) -> None:
    """The limit no pause can move: 26 March 09:00."""
    task = friday_task(small_house)

    wait(small_house, task, "2026-03-06 10:00")
    resumed = resume(small_house, task, "2026-03-30 10:00")

    assert resumed["due_at"] == resumed["limit_at"] == small_house.at("2026-03-26 09:00")


@pytest.mark.parametrize("reason", ["colleague", "other"])
def test_waiting_for_a_colleague_does_not_stop_the_clock(small_house: House, reason: str) -> None:
    """It is the house's own time."""
    task = friday_task(small_house)

    waiting = wait(small_house, task, "2026-03-06 10:00", reason)
    resumed = resume(small_house, task, "2026-03-06 12:00")

    assert waiting["due_at"] == resumed["due_at"] == task["due_at"]
    assert resumed["waited_seconds"] == 0


def test_the_ledger_keeps_the_old_due_time_and_the_new(small_house: House) -> None:
    """Resuming is an event with both."""
    task = friday_task(small_house)

    wait(small_house, task, "2026-03-06 10:00")
    resume(small_house, task, "2026-03-06 12:00")

    (event,) = small_house.events(task["case_id"], ["task.resumed"])
    assert event["data"]["was_due_at"] == "2026-03-06T15:00:00+00:00"
    assert event["data"]["due_at"] == "2026-03-09T09:00:00+00:00"


def test_a_task_cannot_wait_for_the_weather(small_house: House) -> None:
    """The reasons are named."""
    task = friday_task(small_house)

    with pytest.raises(CannotWaitFor) as refused:
        wait(small_house, task, "2026-03-06 10:00", "insurers")

    assert str(refused.value) == (
        f"Task {task['id']} cannot wait for 'insurers'; did you mean insurer? "
        "It can wait for: client, insurer, colleague, other."
    )


def test_the_hold_says_how_long_was_worked_and_how_long_waited(small_house: House) -> None:
    """Friday 9 to 15 with two hours of waiting: four worked."""
    house = small_house
    task = friday_task(house)
    wait(house, task, "2026-03-06 10:00")
    resume(house, task, "2026-03-06 12:00")

    house.now = house.at("2026-03-06 15:00")
    house.complete(task, "interested", by="jonas")

    (hold,) = house.rows(work.holds)
    assert (hold["employee_id"], hold["ended_by"]) == (house.ids["jonas"], "done")
    assert (hold["working_seconds"], hold["waiting_seconds"]) == (4 * 3600, 2 * 3600)


def test_after_a_handover_each_is_charged_their_own_time_and_the_new_clock_starts_anew(small_house: House) -> None:
    """Jonas held it five hours, Rūta two; she had eight from when she got it."""
    house = small_house
    task = friday_task(house)

    house.now = house.at("2026-03-06 14:00")
    house.reassign(task, "ruta")
    moved = house.task(id=task["id"])
    house.now = house.at("2026-03-06 16:00")
    house.complete(task, "interested", by="ruta")

    assert moved["due_at"] == house.at("2026-03-09 14:00")
    assert (moved["status"], moved["reminded"]) == ("open", 0)
    told = [(row["employee_id"], row["working_seconds"], row["ended_by"]) for row in house.rows(work.holds)]
    assert told == [(house.ids["jonas"], 5 * 3600, "reassigned"), (house.ids["ruta"], 2 * 3600, "done")]


def test_a_waiting_task_handed_over_keeps_waiting_and_its_new_owner_has_the_whole_time(small_house: House) -> None:
    """Eight working hours from resuming, for the new owner has used none."""
    house = small_house
    task = friday_task(house)
    wait(house, task, "2026-03-06 12:00")

    house.now = house.at("2026-03-06 14:00")
    house.reassign(task, "ruta")
    handed = house.task(id=task["id"])
    house.now = house.at("2026-03-09 10:00")
    working.resume(house.db, house.actor("ruta"), task_id=task["id"], at=house.now)

    assert (handed["status"], handed["due_at"]) == ("waiting", None)
    assert house.task(id=task["id"])["due_at"] == house.at("2026-03-10 10:00")


def test_taking_a_task_from_the_queue_makes_it_ones_own_and_keeps_its_due_time(small_house: House) -> None:
    """Nobody's clock ran before; the promise stands."""
    house = small_house
    house.now = house.at(FRIDAY)
    task_id = house.add_task("Sort the post", to_team_id=house.ids["sales"])
    queued = house.task(id=task_id)

    house.now = house.at("2026-03-06 11:00")
    working.start(house.db, house.actor("ruta"), task_id=task_id, at=house.now)

    taken = house.task(id=task_id)
    assert (queued["assignee_id"], taken["assignee_id"]) == (None, house.ids["ruta"])
    assert (taken["status"], taken["due_at"]) == ("active", queued["due_at"])
    assert [row["employee_id"] for row in house.rows(work.holds)] == [None]


def test_a_planned_task_begun_early_opens_now(small_house: House) -> None:
    """The client called back: no need to wait for Thursday."""
    house = small_house
    case_id = house.start()
    house.complete(house.task(case_id), "thinking")
    planned = house.task(case_id)

    house.now = house.at("2026-03-03 11:00")
    working.start(house.db, house.actor(), task_id=planned["id"], at=house.now)

    begun = house.task(case_id)
    assert (planned["status"], begun["status"]) == ("planned", "active")
    assert begun["opened_at"] == begun["started_at"] == house.now
    assert begun["due_at"] == house.at("2026-03-04 11:00")


def test_holds_follow_from_the_ledger(small_house: House) -> None:
    """Whatever happened, the holds rebuilt from the events equal those written as it happened."""
    house = small_house
    task = friday_task(house)
    wait(house, task, "2026-03-06 10:00")
    house.now = house.at("2026-03-06 14:00")
    house.reassign(task, "ruta")
    house.now = house.at("2026-03-09 10:00")
    working.resume(house.db, house.actor("ruta"), task_id=task["id"], at=house.now)
    house.now = house.at("2026-03-09 12:30")
    house.complete(task, "thinking", by="ruta")
    house.tick("2026-03-12 17:00")
    house.tick("2026-03-13 10:00")
    second = house.task(task["case_id"])
    house.cancel(second)
    lone = house.add_task("Sort the post", to_team_id=house.ids["sales"])
    house.now = house.at("2026-03-16 12:30")
    house.complete(lone, "done", by="ruta")
    before = [dict(row) for row in house.rows(work.holds)]

    count = rebuild_holds(house.db)

    after = [dict(row) for row in house.rows(work.holds)]
    assert count == len(before) == 5
    facts = [name for name in before[0] if name != "id"]
    key = ("task_id", "began_at")
    assert sorted(([row[name] for name in facts] for row in after), key=str) == sorted(
        ([row[name] for name in facts] for row in before), key=str
    ), key
