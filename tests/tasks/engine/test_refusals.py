"""What the engine refuses, word for word: what was asked, why not, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models import contracts, work
from standards.lists import CodeNotKnown
from standards.process import Assignment
from tasks.advancing.course import open_course
from tasks.advancing.history import Place
from tasks.advancing.moving import CannotMove, MoveRules, move_case
from tasks.advancing.renewing import NoTermToRenew, UnknownInsurer, record_next_term
from tasks.advancing.setting import NothingToSet, come_to_set
from tasks.desk import casework, working
from tasks.desk.access import NotYours
from tasks.desk.adding import TaskNotUnderstood
from tasks.desk.assigning import CannotReassign
from tasks.desk.case_views import show_case
from tasks.desk.casework import CannotStartCase, CannotVoidCase
from tasks.desk.correcting import CannotCorrect, correct
from tasks.desk.noting import ReasonMissing
from tasks.desk.showing import show_task
from tasks.facts.finding import ManyFound, find_subject
from tasks.facts.members import NoSuchList, members_of
from tasks.record.recording import ChangedByAnother, write
from tasks.record.rows import NoSuchCase, read_case, read_task

House = Any


def said(error: pytest.ExceptionInfo[Exception]) -> str:
    """The sentence."""
    return str(error.value)


def test_starting_for_the_wrong_kind_of_subject(small_house: House) -> None:
    """A renewal is about a term."""
    with pytest.raises(CannotStartCase) as refused:
        small_house.start(subject="C-1", subject_type="client")

    assert said(refused) == "Cannot start renewal for a client: it is about a term. Name a term."


def test_starting_for_a_subject_that_does_not_exist(small_house: House) -> None:
    """Its number is wrong."""
    small_house.ids["nothing"] = 999_999

    with pytest.raises(CannotStartCase) as refused:
        small_house.start(subject="nothing")

    assert said(refused) == "Cannot start renewal: there is no term 999999. Check its number."


def test_starting_a_second_case_in_a_cycle(small_house: House) -> None:
    """Running, ended, or void without a reason."""
    house = small_house
    first = house.start()

    with pytest.raises(CannotStartCase) as running:
        house.start()
    house.complete(house.task(first), "declined", reason="price")
    with pytest.raises(CannotStartCase) as ended:
        house.start()
    house.change(work.cases, first, end_code="void")
    with pytest.raises(ReasonMissing) as void:
        house.start()
    again = house.start(reason="voided by mistake")

    term = house.ids["term P-1"]
    assert said(running) == (
        f"Cannot start renewal for term {term} a second time in this cycle: case {first} is running. "
        "Work on that case; if it was an error, void it first."
    )
    assert said(ended) == (
        f"Cannot start renewal for term {term} a second time in this cycle: case {first} has ended as lost. "
        "Work on that case; if it was an error, void it first."
    )
    assert said(void) == (
        f"Starting renewal again after the void case {first} needs a reason. "
        "Add --reason and say why, in a word or a sentence."
    )
    assert house.case(again)["attempt"] == 2


def test_voiding_a_case_that_has_ended(small_house: House) -> None:
    """Its task is corrected instead."""
    house = small_house
    case_id = house.start()
    house.complete(house.task(case_id), "declined", reason="price")

    with pytest.raises(CannotVoidCase) as refused:
        house.void(case_id)

    assert said(refused) == (
        f"Cannot void case {case_id}: it has ended as lost. If an outcome was wrong, correct that task."
    )


def test_adding_a_task_that_says_too_little_or_too_much(small_house: House) -> None:
    """No title (a letter nobody can see is none), a novel, due before it opens."""
    house = small_house

    with pytest.raises(TaskNotUnderstood) as silent:
        house.add_task(" \u200b\u00a0")
    with pytest.raises(TaskNotUnderstood) as novel:
        house.add_task("x" * 501)
    with pytest.raises(TaskNotUnderstood) as late:
        house.add_task("Call", due_at=house.now)

    assert said(silent) == "Cannot add a task without a title. Say in a few words what is to be done."
    assert said(novel) == (
        "Cannot add a task with a title of 501 characters; a title has at most 500. Shorten it and keep the rest as a "
        "note."
    )
    assert said(late) == "Cannot add a task that is due before it opens. Choose a later due time."


def test_adding_a_task_of_an_action_nobody_declared(small_house: House) -> None:
    """It would stand in every figure as work of its own kind; words with spaces are understood, and none are needed."""
    house = small_house
    house.standards(lists="actions:\n  call: Call\n  ask_quotes: Ask for quotes\n")

    with pytest.raises(CodeNotKnown) as unknown:
        house.add_task("Ring", action="cal")
    house.add_task("Ask", action="Ask quotes")
    house.add_task("Sort the post")

    assert said(unknown) == (
        "'cal' is not in the list of actions; did you mean call? Known: call, ask_quotes. "
        "Add it to lists.yaml and publish, or use a known one."
    )


def test_reassigning_to_nobody_in_particular(small_house: House) -> None:
    """Or to a number nobody has, or to somebody who has not come yet."""
    house = small_house
    task = house.task(house.start())
    house.employee("vita", joined_on=house.now.date() + timedelta(days=5))

    def reassign(**to: int) -> pytest.ExceptionInfo[CannotReassign]:
        with pytest.raises(CannotReassign) as refused:
            working.reassign(house.db, house.actor("ona"), task_id=task["id"], at=house.now, **to)
        return refused

    assert said(reassign()) == (
        f"Cannot reassign task {task['id']} without saying to whom. Name one employee (--to) or one team (--to-team)."
    )
    assert said(reassign(to_employee_id=999_999)) == (
        f"Cannot reassign task {task['id']} to employee 999999: there is nobody of that number."
    )
    assert said(reassign(to_employee_id=house.ids["vita"])) == (
        f"Cannot reassign task {task['id']} to Vita, who has not joined yet. Choose somebody who works here."
    )


def test_a_task_in_the_queue_of_another_team(small_house: House) -> None:
    """It is seen by that team only."""
    house = small_house
    task_id = house.add_task("Sort the post", to_team_id=house.ids["sales"])
    house.employee("petras", team_id=None)

    with pytest.raises(NotYours) as refused:
        house.complete(task_id, "done", by="petras")

    assert said(refused) == (
        f"Task {task_id} is in the queue of another team, not yours. Ask them or a manager to hand it to you: "
        f"taktas tasks reassign {task_id} --to YOU."
    )


def test_a_task_or_case_one_does_not_see(small_house: House) -> None:
    """As if it were not there."""
    house = small_house
    case_id = house.start()
    task = house.task(case_id)
    house.employee("petras", team_id=None)

    with pytest.raises(Exception, match="There is no task") as no_task:
        show_task(house.db, house.actor("petras"), task["id"], language="en", at=house.now)
    with pytest.raises(NoSuchCase) as no_case:
        show_case(house.db, house.actor("petras"), case_id, language="en", at=house.now)

    assert said(no_task) == (f"There is no task {task['id']} on your lists. `taktas tasks list` shows those there are.")
    assert said(no_case) == f"There is no case {case_id} on your lists. `taktas cases list` shows those there are."


def test_writing_what_somebody_else_has_changed(small_house: House) -> None:
    """The last line of defence behind the locks."""
    house = small_house
    task = read_task(house.db, house.task(house.start())["id"])
    write(house.db, task, status="active")

    with pytest.raises(ChangedByAnother) as refused:
        write(house.db, task, status="done")

    assert said(refused) == (
        f"Somebody else changed task {task.id} at this very moment, so your change was not made. "
        f"Look at it with `taktas tasks show {task.id}` and repeat what still makes sense."
    )


def test_correcting_without_a_case_or_without_saying_which(small_house: House) -> None:
    """An ad hoc task has nothing that followed."""
    house = small_house
    task_id = house.add_task("Sort the post")
    house.complete(task_id, "done", by="jonas")

    with pytest.raises(CannotCorrect) as refused:
        correct(house.db, house.actor(), task_id=task_id, outcome="not_done", reason="typing", at=house.now)

    assert said(refused) == (
        f"Cannot correct task {task_id} 'Sort the post': nothing followed from it, as it belongs to no case. "
        "Add a note to it."
    )


def test_moving_under_the_same_version_or_to_a_step_it_does_not_have(small_house: House) -> None:
    """Said with the steps there are."""
    house = small_house
    case_id = house.start()
    house.publish(house.call.replace("Policy renewal", "Renewal"))

    with pytest.raises(CannotMove) as same:
        move_case(house.db, house.actor(), case_id, MoveRules(version_id=house.ids["renewal@1"]), at=house.now)
    rules = MoveRules(version_id=house.ids["renewal@2"], begin_at="visit")
    with pytest.raises(CannotMove) as unknown:
        move_case(house.db, house.actor(), case_id, rules, at=house.now)

    assert said(same) == f"Cannot move case {case_id}: it is under that version already."
    assert said(unknown) == (
        f"Cannot move case {case_id}: the new version has no step 'visit'. Its steps are call, offer."
    )


def a_course(house: House) -> Any:
    """A case in somebody's hands."""
    return open_course(house.db, house.actor(), read_case(house.db, house.start()), at=house.now)


def test_setting_a_field_of_something_the_subject_does_not_have(small_house: House) -> None:
    """The term's policy is in no programme."""
    course = a_course(small_house)
    step = replace(course.step("call"), name="mark", sets=(Assignment(path="programme.name", value="x"),))

    with pytest.raises(NothingToSet) as refused:
        come_to_set(course, step, Place("mark"), None)  # type: ignore[arg-type]  # how it was come to does not matter

    assert said(refused) == (
        f"Step mark of case {course.case.id} sets programme.name, but this term has no programme. "
        "Add it to the book, or take the step out of renewal."
    )


def test_recording_a_next_term_of_nothing_or_with_an_unknown_insurer(small_house: House) -> None:
    """Both are named."""
    house = small_house
    course = a_course(house)
    house.add(
        work.answers,
        case_id=course.case.id,
        step="call",
        round=1,
        name="insurer",
        value="nobody",
        given_at=house.now,
    )

    with pytest.raises(UnknownInsurer) as unknown:
        record_next_term(course, {"insurer": "case.insurer"}, Place("call"))
    house.db.execute(contracts.terms.delete())
    with pytest.raises(NoTermToRenew) as nothing:
        record_next_term(course, {}, Place("call"))

    assert said(unknown) == "The book has no insurer 'nobody'. Import it first, or choose one it has."
    assert said(nothing) == (
        f"Case {course.case.id} cannot record a next term, because it is about no term. "
        "Take the step out of renewal, or start the process for a term."
    )


def test_going_through_a_list_the_subject_does_not_have(small_house: House) -> None:
    """A term has no campaign."""
    course = a_course(small_house)

    with pytest.raises(NoSuchList) as refused:
        members_of(small_house.db, course.case, "campaign.members", None, small_house.now)

    assert said(refused) == (
        "A case about a term cannot go through campaign.members. Use a list of what it reaches, such as "
        "client.contacts."
    )


def test_a_number_that_several_things_have(small_house: House) -> None:
    """Two insurers use the same policy number."""
    house = small_house
    other = house.add(contracts.insurers, code="aurora", name="Aurora")
    second = house.add(
        contracts.policies,
        client_id=house.ids["C-1"],
        insurer_id=other,
        product_line_id=house.ids["motor"],
        number="P-1",
    )

    with pytest.raises(ManyFound) as refused:
        find_subject(house.db, "policy:P-1")

    assert said(refused) == (
        f"Several things are the policy 'P-1'. Say which one is meant: policy:#{house.ids['P-1']}, policy:#{second}."
    )
    assert find_subject(house.db, f"policy:#{second}") == ("policy", second)


def test_a_case_that_another_has_just_started_is_not_started_twice(small_house: House) -> None:
    """The database keeps the promise; the loser hears it."""
    house = small_house
    first = house.start()
    house.change(work.cases, first, cycle_id=house.ids["term P-1"] + 1)
    house.add(
        work.cases,
        **{name: house.case(first)[name] for name in ("process_id", "version_id", "subject_type", "subject_id")},
        cycle_id=house.ids["term P-1"],
        started_at=house.now,
    )

    with pytest.raises(CannotStartCase, match=r"a second time in this cycle: case \d+ is running"):
        casework.start_case(
            house.db,
            house.actor(),
            process="renewal",
            subject_type="term",
            subject_id=house.ids["term P-1"],
            at=house.now,
        )
