"""Completing: outcomes, answers, papers, late reasons, shared tasks; and who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models import contacts, outbox, parties, work
from tasks.advancing.course import CourseTooLong
from tasks.advancing.requirements import RequirementMissing
from tasks.desk.access import NotYours
from tasks.desk.answering import AnswersRefused
from tasks.desk.completing import ItemNotOpen, LateReasonMissing, OutcomeNotKnown
from tasks.desk.correcting import CannotCorrect, correct
from tasks.desk.noting import ReasonMissing
from tasks.desk.order import BeforeTheLast
from tasks.lifecycle import MoveNotAllowed
from tasks.record.rows import NoSuchCase, NoSuchTask, lock_case

House = Any
CALL = "'Call Aistė Žukauskienė about P-1'"


def offered(house: House) -> Any:
    """A case whose offer is open."""
    case_id = house.start()
    house.complete(house.task(case_id), "interested")
    return house.task(case_id)


def test_an_unknown_outcome_is_answered_with_those_there_are(small_house: House) -> None:
    """With a guess at what was meant."""
    call = small_house.task(small_house.start())

    with pytest.raises(OutcomeNotKnown) as refused:
        small_house.complete(call, "interrested")

    assert str(refused.value) == (
        f"Cannot complete task {call['id']} {CALL} with outcome 'interrested'; did you mean interested? "
        "Its outcomes are: interested, thinking, declined."
    )


def test_an_outcome_is_needed(small_house: House) -> None:
    """Without one the outcomes are listed."""
    call = small_house.task(small_house.start())

    with pytest.raises(OutcomeNotKnown) as refused:
        small_house.complete(call)

    assert str(refused.value) == (
        f"Cannot complete task {call['id']} {CALL} without an outcome. "
        "Its outcomes are: interested, thinking, declined."
    )


def test_everything_wrong_with_the_answers_is_said_at_once(small_house: House) -> None:
    """A wrong type, one not asked for; and nothing is kept."""
    house = small_house
    offer = offered(house)

    with pytest.raises(AnswersRefused) as refused:
        house.complete(offer, "accepted", premium="much", premum="3")

    assert str(refused.value) == (
        f"Outcome 'accepted' of task {offer['id']} was not accepted. "
        "'premum' is not asked; did you mean premium? Asked: premium, policy_number. "
        "'much' is no answer to 'premium': give an amount such as 120.50 or 120.50 EUR."
    )
    assert house.task(offer["case_id"])["status"] == "open"


def test_a_missing_answer_is_named_with_the_way_to_give_it(small_house: House) -> None:
    """Coded answers list their codes."""
    call = small_house.task(small_house.start())

    with pytest.raises(AnswersRefused) as refused:
        small_house.complete(call, "declined")

    assert str(refused.value) == (
        f"Outcome 'declined' of task {call['id']} was not accepted. "
        "Missing: reason (one of price, competitor, other). Add --answer reason=…."
    )


def test_answers_become_fields_of_the_case_and_point_to_the_client(small_house: House) -> None:
    """Typed, with the task, and erasable with the client."""
    house = small_house
    offer = offered(house)

    house.complete(offer, "accepted", premium="1234.5", policy_number="P-9")

    told = [(row["name"], row["value"], row["client_id"]) for row in house.rows(work.answers)]
    assert told == [
        ("premium", {"amount": "1234.50", "currency": "EUR"}, house.ids["C-1"]),
        ("policy_number", "P-9", house.ids["C-1"]),
    ]


def test_what_is_known_is_not_asked_again(small_house: House) -> None:
    """The premium was told on the phone; the binding asks for it and takes what is known."""
    house = small_house
    house.publish(
        """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call: {action: call, outcomes: {yes: {next: bind, ask: {premium: money}}}}
  bind: {action: bind, outcomes: {bound: {end: good, ask: {premium: money}}}}
ends:
  good: {success: true}
"""
    )
    case_id = house.start("story")

    house.complete(house.task(case_id), "yes", premium="100")
    house.complete(house.task(case_id), "bound")

    assert house.case(case_id)["end_code"] == "good"


PAPERS = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  bind: {action: bind, requires: [mandate], outcomes: {bound: {end: good}}}
ends:
  good: {success: true}
"""


def test_no_binding_without_a_mandate(small_house: House) -> None:
    """Neither beginning nor completing; with the paper both."""
    house = small_house
    house.publish(PAPERS)
    bind = house.task(house.start("story"))

    with pytest.raises(RequirementMissing) as refused:
        house.complete(bind, "bound")
    with pytest.raises(RequirementMissing, match=r"^Cannot start task"):
        house.begin(bind)
    house.add(
        parties.requirements,
        party_id=house.ids["C-1"],
        type="mandate",
        on_type="party",
        on_id=house.ids["C-1"],
        state="received",
    )
    done = house.complete(bind, "bound")

    assert str(refused.value) == (
        f"Cannot complete task {bind['id']} 'Bind: Aistė Žukauskienė' without the mandate of the client. Ask for it, "
        "record it as received (taktas import documents), then try again."
    )
    assert done.ended == ((bind["case_id"], "good"),)


LATE = """
house_rules: {late_needs_a_reason: {en: Late work says why, lt: Kodėl vėluojama, es: Motivo del retraso}}
late_reasons:
  client_unreachable: {en: Client unreachable, lt: Nepasiekiamas, es: No localizable}
  overload: {en: Too much work, lt: Per daug darbo, es: Demasiado trabajo}
"""


def test_late_work_says_why_if_the_house_says_so(small_house: House) -> None:
    """One of the listed reasons; without the rule nobody asks."""
    house = small_house
    relaxed = house.task(house.start())
    house.term("P-2")
    strict = house.task(house.start(subject="term P-2"))
    house.now = house.at("2026-03-04 10:00")

    done = house.complete(relaxed, "interested")
    house.standards("standards: {any: {for: all work, due: 8 working hours}}", lists=LATE)
    with pytest.raises(LateReasonMissing) as refused:
        house.complete(strict, "interested")
    house.complete(strict, "interested", late_reason="client unreachable")

    assert done.is_late
    assert str(refused.value) == (
        f"Cannot complete task {strict['id']} 'Call Aistė Žukauskienė about P-2' without saying why it is late. "
        "Add --late-reason, one of: client_unreachable, overload."
    )
    assert house.task(id=strict["id"], live=False)["late_reason"] == "client_unreachable"


def test_minutes_spent_and_a_note_are_kept(small_house: House) -> None:
    """The minutes with the task, the words beside the ledger."""
    house = small_house
    call = house.task(house.start())

    house.complete(call, "interested", spent_minutes=12, note="Prefers the morning")

    assert house.task(id=call["id"], live=False)["spent_minutes"] == 12
    (note,) = house.rows(contacts.notes)
    assert (note["body"], note["client_id"], note["on_id"]) == ("Prefers the morning", house.ids["C-1"], call["id"])
    assert all("morning" not in str(row["data"]) for row in house.events(call["case_id"]))


def test_two_people_cannot_both_complete_a_task(small_house: House) -> None:
    """The second hears that it is done."""
    house = small_house
    call = house.task(house.start())
    house.complete(call, "interested", by="jonas")

    with pytest.raises(MoveNotAllowed) as refused:
        house.complete(call, "declined", by="ona", reason="price")

    assert str(refused.value) == (
        f"Cannot complete task {call['id']} {CALL} because it is done. If its outcome is wrong, you can correct it."
    )


def test_a_colleagues_task_is_not_touched(small_house: House) -> None:
    """A manager may; a colleague asks first."""
    call = small_house.task(small_house.start())

    with pytest.raises(NotYours) as refused:
        small_house.complete(call, "interested", by="ruta")

    assert str(refused.value) == (
        f"Task {call['id']} is Jonas's, not yours. Ask them or a manager to hand it to you: "
        f"taktas tasks reassign {call['id']} --to YOU."
    )


def test_a_task_or_case_that_does_not_exist_is_not_found(small_house: House) -> None:
    """Each with where to look."""
    with pytest.raises(NoSuchTask) as no_task:
        small_house.complete(999_999_999, "interested")
    with pytest.raises(NoSuchCase) as no_case:
        lock_case(small_house.db, 999_999_999)

    assert str(no_task.value) == "There is no task 999999999. See `taktas tasks list` for what is open."
    assert str(no_case.value) == "There is no case 999999999. See `taktas cases list` for those that run."


def test_cancelling_needs_a_reason(small_house: House) -> None:
    """The word stands beside the ledger, the code in it."""
    house = small_house
    call = house.task(house.start())

    with pytest.raises(ReasonMissing) as refused:
        house.cancel(call, "  ")
    done = house.cancel(call, "The client has died")

    assert str(refused.value) == (
        f"Cancelling task {call['id']} needs a reason. Add --reason and say why, in a word or a sentence."
    )
    (event,) = house.events(call["case_id"], ["task.cancelled"])
    assert event["data"]["reason"] == "other"
    assert [row["body"] for row in house.rows(contacts.notes)] == ["The client has died"]
    assert done.stranded == (call["case_id"],)


def shared(house: House, *numbers: str) -> Any:
    """One call for the renewals of several policies, as mass generation makes it."""
    task_id, cases = None, []
    for number in numbers:
        house.term(number)
        case_id = house.start(subject=f"term {number}")
        own = house.task(case_id)
        if task_id is None:
            task_id = own["id"]
        cases.append(case_id)
        house.add(work.task_items, task_id=task_id, case_id=case_id, step="call")
        if own["id"] != task_id:
            house.db.execute(work.tasks.delete().where(work.tasks.c.id == own["id"]))
    house.change(work.tasks, task_id, case_id=None, step=None)
    return house.task(id=task_id), cases


def test_one_call_settles_several_renewals_one_at_a_time(small_house: House) -> None:
    """Two items, two outcomes; the task is done with the second."""
    house = small_house
    call, (first, second) = shared(house, "P-2", "P-3")

    house.complete(call, "interested", case_id=first)
    between = house.task(id=call["id"])["status"]
    house.complete(call, "declined", case_id=second, reason="price")

    assert house.title(call) == "Call Aistė Žukauskienė about P-2 (+1)"
    assert between == "open"
    assert house.task(id=call["id"], live=False)["status"] == "done"
    assert house.steps(first) == ["offer"]
    assert house.case(second)["end_code"] == "lost"
    assert [row["kind"] for row in house.events(None)][-1] == "task.completed"


def test_a_share_of_a_shared_task_is_corrected_by_its_case(small_house: House) -> None:
    """Which share is asked for, and a case that has none is told so."""
    house = small_house
    call, (first, second) = shared(house, "P-2", "P-3")
    house.complete(call, "interested")
    wrong = {"task_id": call["id"], "outcome": "thinking", "reason": "wrong button", "at": house.now}

    with pytest.raises(CannotCorrect) as unsaid:
        correct(house.db, house.actor("ona"), **wrong)
    with pytest.raises(CannotCorrect) as elsewhere:
        correct(house.db, house.actor("ona"), case_id=99, **wrong)

    which = f"Name one of its cases: {first}, {second}."
    assert str(unsaid.value) == f"Cannot correct task {call['id']} without its case. {which}"
    assert str(elsewhere.value) == (f"Cannot correct task {call['id']} for case 99, which has no share in it. {which}")


def test_an_outcome_is_not_corrected_before_it_was_recorded(small_house: House) -> None:
    """The ledger would tell the correction before the mistake."""
    house = small_house
    call = house.task(house.start())
    house.complete(call, "interested")

    with pytest.raises(BeforeTheLast) as refused:
        correct(
            house.db,
            house.actor("ona"),
            task_id=call["id"],
            outcome="thinking",
            reason="wrong button",
            at=house.now - timedelta(hours=1),
        )

    assert str(refused.value).startswith(f"Cannot correct task {call['id']} {CALL} as of ")


def test_one_outcome_can_settle_all_items(small_house: House) -> None:
    """Both are interested."""
    house = small_house
    call, cases = shared(house, "P-2", "P-3")

    done = house.complete(call, "interested")

    assert [house.steps(case_id) for case_id in cases] == [["offer"], ["offer"]]
    assert len(done.task_ids) == 2
    assert len(house.rows(work.holds)) == 1


def test_a_case_that_ends_leaves_the_shared_task_to_the_others(small_house: House) -> None:
    """The policy was cancelled: its item closes, the call goes on; when all are closed, so is the call."""
    house = small_house
    call, (first, second) = shared(house, "P-2", "P-3")

    house.void(first)
    between = house.task(id=call["id"])["status"]
    house.void(second)

    assert between == "open"
    assert house.task(id=call["id"], live=False)["status"] == "cancelled"


def test_a_shared_task_that_expires_is_called_expired_in_every_case(small_house: House) -> None:
    """Nobody called: its items, the ledgers of both cases and whoever held it say so, as for a task of one case."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 4 working hours, expires: 8 working hours after due}}")
    call, cases = shared(house, "P-2", "P-3")

    report = house.tick("2026-03-03 13:00")

    assert report.counts["tasks expired"] == 1
    assert house.task(id=call["id"], live=False)["status"] == "expired"
    assert [row["status"] for row in house.rows(work.task_items)] == ["expired", "expired"]
    assert [house.kinds(case_id)[-1] for case_id in cases] == ["item.expired", "item.expired"]
    assert [row["kind"] for row in house.events(None)][-1] == "task.expired"
    assert [row["ended_by"] for row in house.rows(work.holds)] == ["expired"]


def test_a_case_without_a_share_is_named(small_house: House) -> None:
    """And those that have one."""
    house = small_house
    call, (first, second) = shared(house, "P-2", "P-3")
    house.complete(call, "interested", case_id=first)

    with pytest.raises(ItemNotOpen) as refused:
        house.complete(call, "interested", case_id=first)

    assert str(refused.value) == (
        f"Cannot complete task {call['id']} for case {first}: that case has no open share in it. "
        f"The task is shared by the cases {first}, {second}."
    )


def test_an_ad_hoc_task_is_done_or_not_done(small_house: House) -> None:
    """Nothing else."""
    house = small_house
    task_id = house.add_task("Water the plants")

    with pytest.raises(OutcomeNotKnown) as refused:
        house.complete(task_id, "watered", by="jonas")

    assert str(refused.value) == (
        f"Cannot complete task {task_id} 'Water the plants' with outcome 'watered'. Its outcomes are: done, not_done."
    )


def test_a_circle_of_automatic_steps_without_a_limit_is_stopped(small_house: House) -> None:
    """The check refuses such a process; if one gets through, nothing is kept of it."""
    house = small_house
    house.publish(
        """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  left: {set: {client.tier: vip}, next: right}
  right: {set: {client.tier: standard}, next: left}
ends:
  good: {success: true}
"""
    )

    with pytest.raises(
        CourseTooLong, match=r"took 500 transitions of story and did not come to rest, so nothing was changed"
    ):
        house.start("story")


def test_nudges_about_finished_work_are_dropped(small_house: House) -> None:
    """The reminder has not left yet: it has lost its point."""
    house = small_house
    call = house.task(house.start())
    house.tick("2026-03-02 15:00")

    house.complete(call, "interested")

    states = [row["state"] for row in house.rows(outbox.messages) if row["task_id"] == call["id"]]
    assert states == ["dropped"]
