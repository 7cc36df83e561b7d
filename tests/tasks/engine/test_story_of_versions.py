"""Running cases move to a newer version: what closes, what goes on, which deadlines change."""

from __future__ import annotations

from typing import Any

import pytest

from models import work
from tasks.advancing import moving
from tasks.advancing.moving import CannotMove, MoveRules

House = Any

OLD = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call:
    action: call
    no later than: 3 working days before term.expires_on
    deadline: {in: 5 days, next: chase}
    outcomes: {yes: {next: [offer, papers]}}
  chase: {action: chase, outcomes: {done: {end: good}}}
  offer: {action: offer, outcomes: {done: {end: good}}}
  papers: {action: collect, outcomes: {done: }}
ends:
  good: {success: true}
"""
NEW = (
    OLD.replace("3 working days before", "10 working days before")
    .replace("in: 5 days", "in: 7 days")
    .replace("  offer: {action: offer", "  proposal: {action: offer")
    .replace("[offer, papers]", "proposal")
    .replace("  papers: {action: collect, outcomes: {done: }}\n", "")
)


def rules(house: House, **more: Any) -> MoveRules:
    """To version 2."""
    return MoveRules(version_id=house.ids["story@2"], **more)


def test_publishing_a_new_version_moves_nothing(small_house: House) -> None:
    """Running cases stay on theirs, due times too."""
    house = small_house
    house.publish(OLD)
    case_id = house.start("story")
    before = house.task(case_id)

    house.publish(NEW)

    assert house.task(case_id) == before
    assert moving.cases_behind(house.db, house.ids["process story"], house.ids["story@2"]) == [case_id]


def test_the_preview_says_what_changes_and_changes_nothing(small_house: House) -> None:
    """The limit comes a week earlier, the deadline two days later."""
    house = small_house
    house.publish(OLD)
    case_id = house.start("story")
    task = house.task(case_id)
    house.publish(NEW)

    (change,) = moving.preview(house.db, house.actor("ona"), [case_id], rules(house), at=house.now)

    assert change.moves == [("call", "call")]
    assert [(it.what, it.before, it.after) for it in change.deadlines] == [
        (f"task {task['id']} (call) limit", house.at("2026-03-26 09:00"), house.at("2026-03-17 09:00")),
        ("call: in 5 days", house.at("2026-03-09 09:00"), None),
        ("call: in 7 days", None, house.at("2026-03-09 09:00")),
    ]
    assert house.task(case_id) == task
    assert house.case(case_id)["version_id"] == house.ids["story@1"]


def test_moving_closes_what_is_gone_and_renames_what_is_called_otherwise(small_house: House) -> None:
    """Papers are no longer asked for; the offer is a proposal now, with the same person and due time."""
    house = small_house
    house.publish(OLD)
    case_id = house.start("story")
    house.complete(house.task(case_id), "yes")
    offer = house.task(case_id, step="offer")
    house.publish(NEW)

    change = moving.move_case(
        house.db, house.actor("ona"), case_id, rules(house, renamed={"offer": "proposal"}), at=house.now
    )

    assert (change.closes, change.moves) == (["papers"], [("offer", "proposal")])
    moved = house.task(case_id)
    assert (moved["id"], moved["step"], moved["due_at"]) == (offer["id"], "proposal", offer["due_at"])
    assert house.case(case_id)["version_id"] == house.ids["story@2"]
    house.complete(moved, "done")
    assert house.case(case_id)["end_code"] == "good"


def test_a_case_with_nothing_left_is_refused_until_it_is_said_where_it_goes_on(small_house: House) -> None:
    """The preview names the problem."""
    house = small_house
    house.publish(OLD)
    case_id = house.start("story")
    house.complete(house.task(case_id), "yes")
    house.publish(NEW)

    (refused,) = moving.preview(house.db, house.actor("ona"), [case_id], rules(house), at=house.now)
    change = moving.move_case(house.db, house.actor("ona"), case_id, rules(house, begin_at="chase"), at=house.now)

    assert refused.problem == (
        f"Cannot move case {case_id}: none of its steps is left in the new version. "
        "Say which step is now called what (--step OLD=NEW), or where it goes on (--begin-at STEP)."
    )
    assert sorted(change.closes) == ["offer", "papers"]
    assert house.steps(case_id) == ["chase"]


def test_a_case_that_cannot_move_holds_up_no_other(small_house: House) -> None:
    """What was shown is what then happens: the one goes on, the other stays and says why."""
    house = small_house
    house.publish(OLD)
    house.term("P-2")
    stuck, free = house.start("story"), house.start("story", "term P-2")
    house.complete(house.task(stuck), "yes")
    house.publish(NEW)
    wanted = [stuck, free]

    shown = moving.preview(house.db, house.actor("ona"), wanted, rules(house), at=house.now)
    done = moving.move_cases(house.db, house.actor("ona"), wanted, rules(house), at=house.now)

    assert [one.problem for one in done] == [one.problem for one in shown]
    assert [bool(one.problem) for one in done] == [True, False]
    assert [house.case(one)["version_id"] for one in wanted] == [house.ids["story@1"], house.ids["story@2"]]


def test_a_case_that_has_ended_does_not_move(small_house: House) -> None:
    """Said with its end."""
    house = small_house
    house.publish(OLD)
    case_id = house.start("story")
    house.change(work.cases, case_id, status="ended", end_code="good", ended_at=house.now)
    house.publish(NEW)

    with pytest.raises(CannotMove) as refused:
        moving.move_case(house.db, house.actor("ona"), case_id, rules(house), at=house.now)

    assert str(refused.value) == f"Cannot move case {case_id}: it has ended as good. Only running cases move."
