"""Senders that come late: what was queued for working time is read in working time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models import people
from notifications.sending.draining import drain

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday, noon in Vilnius
NIGHT = datetime(2026, 3, 2, 21, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 7, tzinfo=UTC)  # nine in the morning in Vilnius
SATURDAY = datetime(2026, 3, 7, 10, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 3, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent_at", "there_at"), [(NIGHT, TUESDAY), (SATURDAY, NEXT_MONDAY)], ids=["over a night", "over a weekend"]
)
def test_a_sender_that_was_down_leaves_it_to_the_next_working_morning(
    post: Any, sent_at: datetime, there_at: datetime
) -> None:
    """Nothing is sent at night, nothing is lost, it takes no attempt, and it bears the date of that morning."""
    number = post.remind(post.employee())

    late = drain(sent_at)
    waiting = post.row(number)
    drain(there_at)

    assert late.tried == 0
    assert (waiting.state, waiting.not_before, waiting.attempts) == ("pending", there_at, 0)
    [mail] = post.mails()
    assert (post.row(number).state, mail["Date"].datetime) == ("sent", there_at)


def test_a_house_that_sends_only_at_night_is_told_all_the_same(post: Any) -> None:
    """It waits for a working morning once; when nobody sends then, it goes when somebody does."""
    number = post.remind(post.employee())

    states = []
    for night in range(2):
        drain(NIGHT + timedelta(days=night))
        states.append(post.row(number).state)

    assert states == ["pending", "sent"]


def test_what_was_caused_at_the_end_of_the_day_still_leaves(post: Any) -> None:
    """A minute after closing, of the last minute before: the usual way of a beat and a sender."""
    closing = NOON.replace(hour=15)
    number = post.remind(post.employee(), not_before=closing - timedelta(seconds=30))

    drain(closing + timedelta(minutes=1))

    assert post.row(number).state == "sent"


def test_what_may_come_at_any_hour_and_what_was_tried_in_time_is_not_held_up(post: Any) -> None:
    """A standard said so; and a message the server did not take at noon goes when it is awake again."""
    jonas = post.employee()
    alarm = post.remind(jonas, "A flood", facts={"any_hour": True})
    tried = post.remind(jonas)
    post.change(tried, state="retry", attempts=1, message_id="<a@b>", rendered=b"From: a\r\nTo: b\r\n\r\nx\r\n")

    drain(NIGHT)

    assert [post.row(number).state for number in (alarm, tried)] == ["sent", "sent"]


def test_who_is_away_by_then_reads_it_on_return_and_clients_are_written_to_at_any_time(post: Any) -> None:
    """Jonas fell ill after the message was queued; a letter knows no desk."""
    jonas = post.employee()
    since, until = NOON - timedelta(hours=4), TUESDAY + timedelta(days=1)
    post.put(people.absences, employee_id=jonas, kind="sickness", starts_at=since, ends_at=until)
    number = post.remind(jonas)
    letter = post.queue(party_id=post.client(), message_class="service", template="x")

    drain(NIGHT)

    assert (post.row(number).state, post.row(number).not_before) == ("pending", until)
    assert post.row(letter).not_before == NOON


def test_who_has_left_is_not_waited_for(post: Any) -> None:
    """Why it is not sent is told at once."""
    number = post.remind(post.employee(left_on=NOON.date()))

    drain(NIGHT)

    assert post.row(number).state != "pending"
