"""A wrong outcome is put right: what nobody touched is withdrawn, the rest is named."""

from __future__ import annotations

from typing import Any

import pytest

from models import outbox, work
from tasks.desk.correcting import CannotCorrect, Correction, correct

House = Any


def put_right(house: House, task: Any, outcome: str, reason: str = "wrong button", **answers: Any) -> Correction:
    """Ona corrects an outcome."""
    return correct(
        house.db, house.actor("ona"), task_id=task["id"], outcome=outcome, answers=answers, reason=reason, at=house.now
    )


def test_an_untouched_successor_is_withdrawn_and_the_right_one_comes(small_house: House) -> None:
    """It was thinking, not interested: the offer goes, the next call is planned."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "interested")
    offer = house.task(case_id)

    done = put_right(house, call, "thinking")

    assert done.withdrawn == (f"task {offer['id']} (offer)",)
    assert done.left_for_a_person == ()
    assert house.task(id=offer["id"], live=False)["status"] == "cancelled"
    planned = house.task(case_id)
    assert (planned["step"], planned["round"], planned["status"]) == ("call", 2, "planned")
    corrected = house.task(id=call["id"], live=False)
    assert (corrected["status"], corrected["outcome"]) == ("done", "thinking")


def test_nothing_is_overwritten_in_the_ledger(small_house: House) -> None:
    """Both outcomes stand there, and which event the second corrects."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "interested")

    put_right(house, call, "thinking")

    assert [row["data"]["outcome"] for row in house.events(case_id, ["task.completed"])] == ["interested"]
    (event,) = house.events(case_id, ["task.corrected"])
    assert (event["data"]["corrects"], event["data"]["was"], event["data"]["outcome"]) == (2, "interested", "thinking")


def test_a_case_that_ended_lives_again(small_house: House) -> None:
    """The client did not decline: the end is undone by an event, and the call leads to the offer."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "declined", reason="price")

    done = put_right(house, call, "interested")

    assert done.withdrawn == (f"the end of case {case_id} as lost",)
    assert house.case(case_id)["status"] == "running"
    assert house.steps(case_id) == ["offer"]
    assert "case.reopened" in house.kinds(case_id)
    assert [row["withdrawn_at"] for row in house.rows(work.answers)] == [house.now]


def test_a_case_that_ended_for_another_reason_stays_ended(small_house: House) -> None:
    """The call was corrected after the offer had been declined: whoever corrects hears that nothing comes of it."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "interested")
    offer = house.task(case_id)
    house.complete(offer, "declined", reason="price")

    done = put_right(house, call, "thinking")

    assert house.case(case_id)["status"] != "running"
    assert done.left_for_a_person == (
        f"task {offer['id']} (offer) is done",
        f"case {case_id} did not end because of this, and stays ended",
    )


def test_a_touched_successor_stays_and_is_named(small_house: House) -> None:
    """Somebody has begun the offer: a person must look at it."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "interested")
    offer = house.task(case_id)
    house.begin(offer)

    done = put_right(house, call, "thinking")

    assert done.withdrawn == ()
    assert done.left_for_a_person == (f"task {offer['id']} (offer) is active",)
    assert house.steps(case_id) == ["call", "offer"]


LETTERS = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call: {action: call, outcomes: {write: {next: letter}, leave: {end: bad}, on: {next: [left, right]}}}
  letter: {send: hello, next: rest}
  rest: {wait: 3 days, end: good}
  left: {action: left, outcomes: {done: , stop: {end: bad}}}
  right: {action: right, outcomes: {done: }}
  meet: {action: meet, after: {all of: [left, right]}, outcomes: {done: {end: good}}}
ends:
  good: {success: true}
  bad: {success: false}
"""


def test_a_letter_not_yet_sent_is_withdrawn_with_the_wait_behind_it(small_house: House) -> None:
    """It is dropped from the outbox; one that has left is named."""
    house = small_house
    house.letter("hello")
    house.publish(LETTERS)
    case_id = house.start("story")
    call = house.task(case_id)
    house.complete(call, "write")
    (message,) = house.rows(outbox.messages)

    done = put_right(house, call, "leave")

    assert house.rows(outbox.messages)[0]["state"] == "dropped"
    assert done.withdrawn == ("the wait at rest", f"letter {message['id']} (letter)")
    assert house.case(case_id)["end_code"] == "bad"


def test_a_letter_that_has_left_is_named(small_house: House) -> None:
    """No correction calls it back."""
    house = small_house
    house.letter("hello")
    house.publish(LETTERS)
    case_id = house.start("story")
    call = house.task(case_id)
    house.complete(call, "write")
    (message,) = house.rows(outbox.messages)
    house.change(outbox.messages, message["id"], state="sent")

    done = put_right(house, call, "leave")

    assert done.left_for_a_person == (f"letter {message['id']} (letter) has left the house",)


def test_what_the_wrong_outcome_cancelled_begins_anew(small_house: House) -> None:
    """Ending the case had cancelled the other branch; it comes back as its next round."""
    house = small_house
    house.publish(LETTERS)
    case_id = house.start("story")
    house.complete(house.task(case_id), "on")
    left, _ = house.tasks(case_id)
    house.complete(left, "stop")

    put_right(house, left, "done")

    again = house.task(case_id)
    assert (again["step"], again["round"]) == ("right", 2)
    house.complete(again, "done")
    assert house.steps(case_id) == ["meet"]


TWO_OF_THREE = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call: {action: call, outcomes: {on: {next: [left, right, middle]}}}
  left: {action: left, outcomes: {done: , also: }}
  right: {action: right, outcomes: {done: , also: }}
  middle: {action: middle, outcomes: {done: , also: }}
  meet: {action: meet, after: {2 of: [left, right, middle], otherwise: {end: bad}}, outcomes: {done: {end: good}}}
ends:
  good: {success: true}
  bad: {success: false}
"""


@pytest.mark.parametrize("corrected", ["first", "late"])
def test_correcting_a_branch_that_was_counted_leaves_its_join_alone(small_house: House, corrected: str) -> None:
    """It arrived, whichever way it came out: it does not arrive once more, alone, for a meeting nobody comes to."""
    house = small_house
    house.publish(TWO_OF_THREE)
    case_id = house.start("story")
    house.complete(house.task(case_id), "on")
    left, right, middle = house.tasks(case_id)
    for task in (left, right, middle):
        house.complete(task, "done")
    assert house.steps(case_id) == ["meet"]

    done = put_right(house, left if corrected == "first" else middle, "also")

    assert done.followed.ended == ()
    assert house.steps(case_id) == ["meet"]
    house.complete(house.task(case_id), "done")
    assert house.case(case_id)["end_code"] == "good"


def test_a_join_that_fired_by_mistake_is_collected_again(small_house: House) -> None:
    """The meeting is withdrawn; when the branch really is done, it comes once more."""
    house = small_house
    house.publish(
        LETTERS.replace(
            "left, outcomes: {done: ,", "left, outcomes: {done: , again: {repeat: now, at most: 3, then: {end: bad}},"
        )
    )
    case_id = house.start("story")
    house.complete(house.task(case_id), "on")
    left, right = house.tasks(case_id)
    house.complete(right, "done")
    house.complete(left, "done")
    assert house.steps(case_id) == ["meet"]

    put_right(house, left, "again")
    before = house.steps(case_id)
    house.complete(house.task(case_id), "done")

    assert before == ["left"]
    assert house.steps(case_id) == ["meet"]


def test_a_corrected_answer_replaces_the_old_one(small_house: House) -> None:
    """Same outcome, other reason."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "declined", reason="price")

    correct(
        house.db,
        house.actor("ona"),
        task_id=call["id"],
        outcome="declined",
        answers={"reason": "other"},
        reason="typing error",
        at=house.now,
    )

    assert house.case(case_id)["reason"] == "other"
    assert [row["value"] for row in house.rows(work.answers) if row["withdrawn_at"] is None] == ["other"]


def test_only_finished_work_can_be_corrected(small_house: House) -> None:
    """An open task is completed, not corrected."""
    house = small_house
    call = house.task(house.start())

    with pytest.raises(CannotCorrect) as refused:
        put_right(house, call, "interested")

    assert str(refused.value) == (
        f"Cannot correct task {call['id']} 'Call Aistė Žukauskienė about P-1' because it is open. "
        "Only finished work has an outcome to correct."
    )


def test_the_same_outcome_is_no_correction(small_house: House) -> None:
    """Said in a sentence."""
    house = small_house
    call = house.task(house.start())
    house.complete(call, "interested")

    with pytest.raises(CannotCorrect) as refused:
        put_right(house, call, "interested")

    assert str(refused.value) == (
        f"Cannot correct task {call['id']} 'Call Aistė Žukauskienė about P-1' to 'interested': that is its outcome. "
        "Give another outcome, or the answers that were wrong."
    )


def test_a_limit_does_not_count_what_was_withdrawn(small_house: House) -> None:
    """Two repetitions are granted; the corrected one was none."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    house.complete(call, "thinking")
    put_right(house, call, "interested")
    put_right(house, call, "thinking")
    house.tick("2026-03-05 17:00")

    house.complete(house.task(case_id), "thinking")

    assert house.case(case_id)["status"] == "running"
    assert house.task(case_id)["status"] == "planned"
