"""A case whose last task is called off: nobody who waits for it is left waiting, and everybody is told the way on."""

from __future__ import annotations

from typing import Any

import pytest

from models import work
from tasks.desk import working
from tasks.desk.cancelling import EndNotAsked
from tasks.desk.case_views import show_case
from tasks.desk.ending_by_hand import CannotEndCase, EndNeeded, end_by_hand
from tasks.exceptions.line import Kind
from tasks.exceptions.listing import list_exceptions, scope_of
from tasks.record.rows import NoSuchCase
from tasks.soundness import examine

House = Any

CHILD = """
process: child
title: A sub-process
subject: client
start: {by hand: true}
assign: client.account_manager
steps:
  check: {action: check, outcomes: {fine: {end: fine}, more: {next: check twice}}}
  check twice: {action: check, outcomes: {fine: {end: fine}, wrong: {end: found wrong}}}
ends:
  fine: {success: true}
  found wrong: {success: false}
"""
PARENT = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  examine:
    start: {process: child, for: client, wait: true}
    outcomes: {found wrong: {end: bad}, fine: {end: good}}
ends:
  good: {success: true}
  bad: {success: false}
"""


def _begin(house: House) -> tuple[int, int]:
    """The numbers of a parent and of the sub-process it waits for."""
    house.publish(CHILD, PARENT)
    parent = house.start("story")
    (child,) = [row["id"] for row in house.rows(work.cases) if row["parent_id"] == parent]
    return parent, child


def _cancel(house: House, case_id: int, end: str | None = None) -> Any:
    task = house.task(case_id)
    return working.cancel(house.db, house.actor("ona"), task_id=task["id"], reason="not wanted", end=end, at=house.now)


def _strand(house: House, child: int) -> None:
    """Let the last task of the sub-process expire: nobody was there to be asked."""
    house.standards("standards: {any: {for: all work, due: 4 working hours, expires: 8 working hours after due}}")
    house.complete(house.task(child), "more")
    house.tick("2026-03-03 13:00")
    assert house.tasks(child) == []


def test_the_last_task_of_a_waited_case_is_not_called_off_without_an_end(small_house: House) -> None:
    """The refusal names the case that waits and the ends there are; nothing has changed."""
    house = small_house
    parent, child = _begin(house)

    with pytest.raises(EndNeeded) as refused:
        _cancel(house, child)

    task = house.task(child)
    assert str(refused.value) == (
        f"Task {task['id']} is the last thing to do in case {child}, and case {parent} waits for how that ends. "
        "Say how it ends: --end, one of fine or found wrong."
    )
    assert task["status"] == "open"


def test_with_an_end_the_parent_goes_on(small_house: House) -> None:
    """The sub-process ends so, and its parent takes the way of that end."""
    house = small_house
    parent, child = _begin(house)

    done = _cancel(house, child, "found wrong")
    house.tick()

    assert (done.ended, done.stranded) == (((child, "found_wrong"),), ())
    assert house.case(child)["is_success"] is False
    assert house.case(parent)["end_code"] == "bad"
    assert house.kinds(child) == ["case.started", "task.cancelled", "case.ended"]


def test_an_end_is_only_for_the_last_task(small_house: House) -> None:
    """A case that goes on must not be ended by the way; an end it does not have is refused with the nearest."""
    house = small_house
    _, child = _begin(house)
    added = house.add_task("Look into it", subject_type="client", subject_id=house.ids["C-1"])

    with pytest.raises(CannotEndCase) as unknown:
        _cancel(house, child, "found wong")
    with pytest.raises(EndNotAsked) as not_asked:
        working.cancel(house.db, house.actor("ona"), task_id=added, reason="not wanted", end="fine", at=house.now)

    assert str(unknown.value) == (
        "child has no end 'found wong'; did you mean found_wrong? It ends as one of: fine, found wrong."
    )
    assert str(not_asked.value) == (
        f"Task {added} is not the last thing to do in its case, which goes on. Cancel it without --end."
    )


def test_a_case_nobody_waits_for_may_be_left(small_house: House) -> None:
    """Its end can be said at once, or later."""
    house = small_house
    case_id = house.start()
    left = house.cancel(house.task(case_id))
    ended = end_by_hand(house.db, house.actor("ona"), case_id=case_id, end="lost", reason="price", at=house.now)

    assert (left.stranded, ended.ended) == ((case_id,), ((case_id, "lost"),))
    assert house.case(case_id)["status"] == "ended"


def test_a_sub_process_that_ran_dry_is_told_on_its_parent_and_by_the_doctor(small_house: House) -> None:
    """Its task expired; the parent says what it waits for, the doctor lists both, and an end by hand heals it."""
    house = small_house
    parent, child = _begin(house)
    _strand(house, child)

    waiting = show_case(house.db, house.actor("ona"), parent, language="en", at=house.now)
    dry = show_case(house.db, house.actor("ona"), child, language="en", at=house.now)
    found = {finding.check: finding.examples for finding in examine(house.db, at=house.now)}
    end_by_hand(house.db, house.actor("ona"), case_id=child, end="fine", at=house.now)
    house.tick()
    healed = {finding.check for finding in examine(house.db, at=house.now)}

    (wait,) = waiting.waits
    assert (wait.step, wait.kind, wait.cases) == ("examine", "child", {child: True})
    assert (waiting.is_stuck, dry.is_stuck) == (False, True)
    assert (found["stuck_cases"], found["stuck_parents"]) == ((child,), (parent,))
    assert house.case(parent)["end_code"] == "good"
    assert not {"stuck_cases", "stuck_parents"} & healed


def test_a_case_with_work_in_it_is_not_ended_by_hand(small_house: House) -> None:
    """Nor one that has ended, nor one on nobody's list."""
    house = small_house
    house.employee("petras", manager_id=house.ids["ona"])
    parent, child = _begin(house)
    over = house.start()
    house.complete(house.task(over), "declined", reason="price")

    sentences = []
    for who, case_id in (("ona", parent), ("ona", child), ("ona", over), ("petras", child)):
        with pytest.raises((CannotEndCase, NoSuchCase)) as refused:
            end_by_hand(house.db, house.actor(who), case_id=case_id, end="fine", at=house.now)
        sentences.append(str(refused.value))

    under_way = (
        "Cannot end case {0} by hand: {1} is still under way. Finish or cancel that first; "
        "a case that was an error is voided (taktas cases void {0})."
    )
    assert sentences == [
        under_way.format(parent, "examine"),
        under_way.format(child, "check"),
        f"Cannot end case {over}: it has ended as lost already.",
        f"There is no case {child} on your lists. `taktas cases list` shows those there are.",
    ]


def test_the_manager_hears_of_a_case_whose_last_task_expired(small_house: House) -> None:
    """By the task that was the last, with whose it was and the command that shows the case, until somebody ends it."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 4 working hours, expires: 8 working hours after due}}")
    case_id = house.start()
    title = house.title(house.task(case_id))
    before = _stranded(house)
    house.tick("2026-03-03 13:00")

    [line] = _stranded(house)
    of_others = _stranded(house, team_id=0)
    end_by_hand(house.db, house.actor("ona"), case_id=case_id, end="lost", at=house.now)

    assert (before, of_others, _stranded(house)) == ((), (), ())
    assert (line.what, line.who, line.at) == (title, "Jonas", house.now)
    assert line.command == f"taktas cases show {case_id}"


def _stranded(house: House, team_id: int | None = None) -> Any:
    found = list_exceptions(house.db, scope_of(house.db, at=house.now, team_id=team_id))
    (part,) = [it for it in found.parts if it.kind is Kind.STRANDED]
    assert part.total == len(part.lines)
    return part.lines


def test_a_case_that_never_had_a_task_is_told_by_what_it_is_about(small_house: House) -> None:
    """There is no last task to name."""
    house = small_house
    case_id = house.start()
    house.db.execute(work.tasks.delete().where(work.tasks.c.case_id == case_id))

    [line] = _stranded(house)

    assert (line.what, line.client, line.who) == ("policy P-1 to 2026-03-31", "Aistė Žukauskienė", None)
