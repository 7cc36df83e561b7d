"""What befell clients and policies: reported once, heard by whom it concerns, and told with what it brought about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.actor import Actor, Door
from models import work
from tasks.beat.hand_reporting import CannotReport, Reported, report_by_hand
from tasks.beat.happening import NoSuchHappening
from tasks.beat.happening_views import HappeningFilter, list_happenings

House = Any
SALE = """
process: sale
title: A sale
subject: client
cycle: start
start: {on: lead.created}
steps:
  call: {action: call, outcomes: {done: {end: over}}}
ends:
  over: {success: true}
"""
REPLY = """
process: story
title: A story
subject: term
start: {by hand: true}
steps:
  reply: {wait for: client.answered, deadline: {in: 90 days, end: silent}, end: answered}
ends:
  answered: {success: true}
  silent: {success: false}
"""


def _report(house: House, kind: str, subject: str, subject_type: str, **more: Any) -> Reported:
    facts: dict[str, Any] = {"at": house.now, "now": house.now} | more
    return report_by_hand(
        house.db, house.actor("ona"), kind=kind, subject_type=subject_type, subject_id=house.ids[subject], **facts
    )


def test_a_happening_reported_by_hand_is_heard_and_told(small_house: House) -> None:
    """It waits for the beat; then the case it ended stands beside it."""
    house = small_house
    case_id = house.start()
    told = _report(house, "policy.cancelled", "P-1", "policy")

    (before,) = list_happenings(house.db, house.actor("ona"))
    house.tick()
    (after,) = list_happenings(house.db, house.actor("ona"))

    assert (told.is_new, before.handled_at, after.handled_at) == (True, None, house.now)
    assert (after.heard, after.started, after.reported_by) == ((case_id,), (), "Ona")
    assert str(after.about) == "policy P-1, Aistė Žukauskienė"
    assert house.case(case_id)["end_code"] == "lost"


def test_a_happening_names_the_cases_it_began(small_house: House) -> None:
    """And those that did not listen are not named."""
    house = small_house
    house.publish(SALE)
    house.start()
    _report(house, "lead.created", "C-1", "client")

    house.tick()

    (line,) = list_happenings(house.db, house.actor("ona"), wanted=HappeningFilter(kind="lead.created"))
    (begun,) = [row["id"] for row in house.rows(work.cases) if row["subject_type"] == "client"]
    assert (line.heard, line.started) == ((), (begun,))


def test_the_same_is_reported_once(small_house: House) -> None:
    """By its key, else by kind, subject and moment."""
    house = small_house

    first = _report(house, "client.answered", "C-1", "client")
    again = _report(house, "client.answered", "C-1", "client")
    later = _report(house, "client.answered", "C-1", "client", at=house.now - timedelta(hours=1))
    marked = _report(house, "client.answered", "C-1", "client", key="call 7")
    same_mark = _report(house, "client.answered", "C-1", "client", key="call 7", at=house.now - timedelta(days=1))

    assert [each.is_new for each in (first, again, later, marked, same_mark)] == [True, False, True, True, False]
    assert (again.id, same_mark.id) == (first.id, marked.id)
    assert len(house.rows(work.happenings)) == 3


@pytest.mark.parametrize(
    ("kind", "subject", "subject_type", "sentence"),
    [
        (
            *("policy.canceled", "P-1", "policy"),
            (
                "There is no happening 'policy.canceled'; did you mean policy.cancelled? "
                "Use one of the catalogue, or custom. and a word of your own."
            ),
        ),
        (
            *("policy.cancelled", "C-1", "client"),
            "policy.cancelled befalls a policy, not a client. Name a policy, such as --about policy:NUMBER.",
        ),
        (
            *("quote.received", "P-1", "policy"),
            (
                "quote.received befalls a term or a client, not a policy. "
                "Name a term or a client, such as --about term:NUMBER."
            ),
        ),
        (
            *("case.ended", "P-1", "policy"),
            "case.ended is reported by taktas itself, when it is so. It cannot be reported by hand.",
        ),
    ],
)
def test_a_happening_that_cannot_be_is_refused(
    small_house: House, kind: str, subject: str, subject_type: str, sentence: str
) -> None:
    """With what it could befall, and the nearest kind there is."""
    with pytest.raises((NoSuchHappening, CannotReport)) as refused:
        _report(small_house, kind, subject, subject_type)

    assert str(refused.value) == sentence


def test_a_key_is_not_used_for_two_things(small_house: House) -> None:
    """Somebody would believe it was reported."""
    house = small_house
    first = _report(house, "client.answered", "C-1", "client", key="k")

    with pytest.raises(CannotReport) as refused:
        _report(house, "policy.cancelled", "P-1", "policy", key="k")

    assert str(refused.value) == (
        f"That key was used already, for client.answered about client:#{house.ids['C-1']} (happening {first.id}). "
        "Give this one a key of its own."
    )


def test_what_has_not_happened_yet_is_not_reported(small_house: House) -> None:
    """A planned cancellation is a date of the policy, not a happening."""
    house = small_house

    with pytest.raises(CannotReport) as refused:
        _report(house, "policy.cancelled", "P-1", "policy", at=house.now + timedelta(minutes=1))

    assert str(refused.value) == (
        "policy.cancelled cannot be reported for a moment that has not come yet. Report it when it has happened."
    )


def test_an_answer_from_before_the_question_is_none(small_house: House) -> None:
    """A call imported late, made before the case began, ends no wait; one made since does."""
    house = small_house
    house.publish(REPLY)
    case_id = house.start("story")

    _report(house, "client.answered", "C-1", "client", at=house.now - timedelta(days=1))
    house.tick()
    waits = house.case(case_id)["status"]
    _report(house, "client.answered", "C-1", "client", at=house.now)
    house.tick()

    assert waits == "running"
    assert house.case(case_id)["end_code"] == "answered"


def test_people_see_what_came_to_their_cases(small_house: House) -> None:
    """Managers see all, others their own reports and what their cases heard; what nobody does sees everything."""
    house = small_house
    house.start()
    _report(house, "policy.cancelled", "P-1", "policy")
    house.client("C-2", "Jonas", manager="ruta")
    _report(house, "client.answered", "C-2", "client")
    house.tick()

    seen = {
        who: [line.kind for line in list_happenings(house.db, house.actor(who))] for who in ("ona", "jonas", "ruta")
    }

    assert seen == {"ona": ["client.answered", "policy.cancelled"], "jonas": ["policy.cancelled"], "ruta": []}
    assert len(list_happenings(house.db, Actor(door=Door.RUN))) == 2
