"""What people decide about messages that stand still, and who sees which."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from core.actor import Actor, Door
from models.contacts import notes
from models.database import begin, read
from models.deliveries import Decision, bounces, message_attempts, message_decisions
from models.parties import responsibilities
from models.work import happenings
from notifications.outbox.deciding import NotToBeDecided, release, retry
from notifications.outbox.moves import MoveNotAllowed
from notifications.outbox.seeing import NoSuchMessage
from notifications.outbox.views import MessageFilter, list_messages, show_message
from notifications.sending.draining import drain
from tasks.desk.noting import ReasonMissing

SOMEBODY = Actor(door=Door.COMMAND_LINE)


def by(employee_id: int) -> Actor:
    """Somebody at the command line."""
    return Actor(door=Door.COMMAND_LINE, employee_id=employee_id)


def a_letter(post: Any, state: str, **values: Any) -> int:
    """A letter to Ona that stands in that state."""
    number: int = post.queue(
        employee_id=None,
        party_id=post.client("Ona"),
        message_class="service",
        template="renewal_reminder",
        letter_version_id=post.letter("About {{ client.name }}", "Dear {{ client.name }}", name=f"l{post.number()}"),
        subject_type="client",
        subject_id=1,
    )
    post.change(number, state=state, attempts=1, **values)
    return number


def test_a_failed_message_is_written_anew_and_sent(post: Any, noon: datetime) -> None:
    """The address was mended since; the reason is kept as a note that points to the client."""
    number = a_letter(post, "failed", rendered=b"old", address="gone@example.lt", last_answer="550 no such user")

    with begin() as db:
        decided = retry(db, SOMEBODY, number, reason="address corrected", at=noon)
    drain(noon)

    row = post.row(number)
    assert (decided.before.value, decided.after.value, decided.numbers) == ("failed", "retry", (number,))
    assert (row.state, row.address) == ("sent", "ona@example.lt")
    with read() as db:
        kept = db.execute(select(message_decisions, notes.c.body, notes.c.client_id).join(notes)).one()
    assert (kept.decision, kept.state_before, kept.body, kept.client_id) == (
        "retried",
        "failed",
        "address corrected",
        row.party_id,
    )


def test_a_failed_message_that_may_have_arrived_goes_out_as_it_was(post: Any, noon: datetime) -> None:
    """Given up after tries nobody answered: what somebody may hold in their hands is not written over."""
    stored = {"rendered": b"Subject: A\r\n\r\nB\r\n", "message_id": "<a@b>", "address": "ona@example.lt"}
    number = a_letter(post, "failed", **stored)
    tried = {"message_id": number, "attempt": 1, "began_at": noon, "ended_at": noon}
    with begin() as db:
        db.execute(insert(message_attempts).values(**tried, stage="dot", outcome="unknown", answer="it hung up"))

    with begin() as db:
        retry(db, SOMEBODY, number, reason="she has nothing", at=noon)
    drain(noon)

    row = post.row(number)
    assert (row.state, row.rendered, row.message_id) == ("sent", stored["rendered"], "<a@b>")


def test_a_message_of_unknown_fate_can_be_sent_again_as_it_was(post: Any, noon: datetime) -> None:
    """The same bytes and the same Message-ID."""
    number = a_letter(
        post, "unknown", rendered=b"Subject: A\r\n\r\nB\r\n", message_id="<a@b>", address="ona@example.lt"
    )

    with begin() as db:
        release(db, SOMEBODY, number, Decision.SENT_AGAIN, reason="she has nothing", at=noon)
    drain(noon)

    row = post.row(number)
    assert (row.state, row.rendered, row.message_id) == ("sent", b"Subject: A\r\n\r\nB\r\n", "<a@b>")


def test_a_message_that_arrived_is_sent_and_its_case_hears(post: Any, noon: datetime) -> None:
    """As if the server had said so."""
    number = a_letter(post, "unknown")

    with begin() as db:
        release(db, SOMEBODY, number, Decision.DELIVERED, reason="she said so", at=noon)

    assert (post.row(number).state, post.row(number).sent_at) == ("sent", noon)
    with read() as db:
        assert db.execute(select(happenings.c.kind)).scalars().all() == ["letter.sent"]


def test_a_message_can_be_dropped(post: Any, noon: datetime) -> None:
    """It is never sent."""
    number = a_letter(post, "unknown")

    with begin() as db:
        release(db, SOMEBODY, number, Decision.DROPPED, reason="settled by telephone", at=noon)
    drain(noon)

    assert post.row(number).state == "dropped"


def test_rows_that_left_as_one_are_decided_together(post: Any, noon: datetime) -> None:
    """What is known of one is known of all."""
    jonas = post.employee("Jonas")
    first, second = post.remind(jonas, "a"), post.remind(jonas, "b")
    for number in (first, second):
        post.change(number, state="unknown", message_id="<same@house>", attempts=1)

    with begin() as db:
        decided = release(db, SOMEBODY, second, Decision.DROPPED, reason="no use", at=noon)

    assert decided.numbers == (second, first)
    assert [post.row(number).state for number in (first, second)] == ["dropped", "dropped"]


def test_what_was_never_written_left_with_nobody(post: Any, noon: datetime) -> None:
    """Two letters that could not be written have no Message-ID: to decide about one says nothing of the other."""
    number, stranger = a_letter(post, "failed"), a_letter(post, "failed")

    with begin() as db:
        decided = retry(db, SOMEBODY, number, reason="address added", at=noon)

    assert decided.numbers == (number,)
    assert (post.row(number).state, post.row(stranger).state) == ("retry", "failed")


def test_of_two_who_decide_at_once_the_second_hears_of_the_first(post: Any, noon: datetime) -> None:
    """One decision stands, whoever was quicker; nothing is sent twice."""
    number = a_letter(post, "unknown")
    both = threading.Barrier(2)

    def release_it(decision: Decision) -> str:
        both.wait()
        try:
            with begin() as db:
                release(db, SOMEBODY, number, decision, reason="she said so", at=noon)
        except MoveNotAllowed as late:
            return str(late)
        return "decided"

    with ThreadPoolExecutor(2) as people:
        said = sorted(people.map(release_it, [Decision.DELIVERED, Decision.SENT_AGAIN]))

    assert (said[0].startswith("Cannot "), said[1]) == (True, "decided")
    with read() as db:
        assert len(db.execute(select(message_decisions)).all()) == 1


def test_what_came_back_is_said_in_the_list(post: Any, noon: datetime) -> None:
    """It was sent, and did not arrive; what is merely delayed may."""
    back, delayed = a_letter(post, "sent"), a_letter(post, "sent")
    for number, kind in ((back, "bounced"), (delayed, "delayed")):
        post.put(bounces, key=f"{number}", kind=kind, message_id=number, words="550 no", place="1", read_at=noon)

    with read() as db:
        found = {one.id: one.is_back for one in list_messages(db, SOMEBODY, MessageFilter(), limit=9)}

    assert found == {back: True, delayed: False}


@pytest.mark.parametrize(
    ("state", "decision", "refusal"),
    [
        (
            "sent",
            Decision.RETRIED,
            "Cannot send again message {}: it was sent. Start what caused it again if another one is wanted.",
        ),
        (
            "unknown",
            Decision.RETRIED,
            "Message {0} is of unknown fate: use `taktas messages release {0}`.",
        ),
        ("failed", Decision.SENT_AGAIN, "Message {0} failed: use `taktas messages retry {0}`."),
        (
            "pending",
            Decision.DELIVERED,
            "Cannot confirm message {}: it waits for its moment. `taktas send` takes it when that has come.",
        ),
    ],
)
def test_what_cannot_be_decided_is_refused(
    post: Any, noon: datetime, state: str, decision: Decision, refusal: str
) -> None:
    """With the way forward."""
    number = a_letter(post, state)

    with pytest.raises((MoveNotAllowed, NotToBeDecided)) as refused, begin() as db:
        release(db, SOMEBODY, number, decision, reason="why not", at=noon)

    assert str(refused.value) == refusal.format(number)
    assert post.row(number).state == state


def test_what_has_lost_its_point_is_not_sent_again(post: Any, noon: datetime) -> None:
    """It would be dropped at once."""
    number = a_letter(post, "failed", pointless_after=noon - timedelta(days=1))

    with pytest.raises(NotToBeDecided) as refused, begin() as db:
        retry(db, SOMEBODY, number, reason="again", at=noon)

    assert str(refused.value) == (
        f"Message {number} has lost its point on 2026-03-01: what it was about is over. "
        "Look at its case, and start there what is wanted now."
    )


def test_a_decision_needs_a_reason(post: Any, noon: datetime) -> None:
    """Somebody will ask."""
    number = a_letter(post, "failed")

    with pytest.raises(ReasonMissing) as refused, begin() as db:
        retry(db, SOMEBODY, number, reason=" ", at=noon)

    assert str(refused.value) == (
        f"Sending message {number} again needs a reason. Add --reason and say why, in a word or a sentence."
    )


def test_decisions_cannot_be_changed(post: Any, noon: datetime) -> None:
    """The database refuses."""
    number = a_letter(post, "failed")
    with begin() as db:
        retry(db, SOMEBODY, number, reason="again", at=noon)

    with pytest.raises(DBAPIError, match="message_decisions"), begin() as db:
        db.execute(message_decisions.delete())


def test_everybody_sees_what_is_theirs(post: Any, noon: datetime) -> None:
    """Messages to them and to their clients; managers see all; who may not see one may not decide about it either."""
    asta, benas = post.employee("Asta"), post.employee("Benas")
    manager = post.employee("Ona", is_manager=True)
    letter, reminder = a_letter(post, "failed"), post.remind(benas)
    with begin() as db:
        held = {"client_id": post.row(letter).party_id, "employee_id": asta, "role": "account_manager"}
        db.execute(insert(responsibilities).values(since=noon.date(), **held))

    with read() as db:
        seen = {
            who: sorted(one.id for one in list_messages(db, by(who), MessageFilter(), limit=9))
            for who in (asta, benas, manager)
        }

    assert seen == {asta: [letter], benas: [reminder], manager: [letter, reminder]}
    with pytest.raises(NoSuchMessage) as refused, begin() as db:
        retry(db, by(benas), letter, reason="mine", at=noon)
    assert str(refused.value) == (
        f"There is no message {letter} for you. `taktas messages list` shows those there are."
    )


def test_the_list_is_narrowed(post: Any, noon: datetime) -> None:
    """By state, receiver, kind, day and page; signs of a pattern stand for themselves."""
    jonas = post.employee("Jonas 100%")
    letter, first, second = a_letter(post, "failed"), post.remind(jonas), post.remind(jonas)

    def found(**wanted: Any) -> list[int]:
        with read() as db:
            return [one.id for one in list_messages(db, SOMEBODY, MessageFilter(**wanted), limit=9)]

    assert found() == [second, first, letter]
    assert found(states=("failed", "unknown")) == [letter]
    assert found(to="100%") == [second, first]
    assert found(to="10_%") == []
    assert found(template="renewal_reminder") == [letter]
    assert found(since=noon + timedelta(days=1)) == []
    assert found(after=second) == [first, letter]


def test_one_message_is_shown_with_everything(post: Any, noon: datetime) -> None:
    """Also the one whose bytes are kept with another row of the same message."""
    jonas = post.employee("Jonas")
    number = post.remind(jonas, "Call Ona")
    drain(noon)

    with read() as db:
        view = show_message(db, SOMEBODY, number)

    assert (view.line.state, view.line.receiver) == ("sent", "Jonas")
    assert view.rendered == post.row(number).rendered
