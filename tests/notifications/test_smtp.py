"""A mail server that takes, refuses, stalls and drops the line at each step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.settings import settings
from models.parties import contact_points
from notifications.outbox.states import Outcome
from notifications.sending.draining import drain
from notifications.sending.smtp import SmtpCarrier

DROP, STALL = "drop", "stall"

Served = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def letter(post: Any) -> int:
    """A service letter in the outbox."""
    text = post.letter("Renewal", "Good day.\n.a line with a dot\n")
    return int(
        post.queue(message_class="service", template="renewal_reminder", party_id=post.client(), letter_version_id=text)
    )


def test_a_message_reaches_the_server_as_it_was_kept(
    post: Any, letter: int, served: Served, noon: datetime, mail_reader: Any
) -> None:
    """One receiver, the sender of the house, leading dots doubled on the way and whole at the end."""
    with served() as sink:
        report = drain(noon)

    row = post.row(letter)
    assert report.counts[Outcome.SENT] == 1
    assert sink.taken == [row.rendered]
    assert sink.heard[1:3] == ["MAIL FROM:<taktas@localhost>", "RCPT TO:<ona@example.lt>"]
    assert ".a line with a dot" in mail_reader(sink.taken[0]).get_body(("plain",)).get_content()
    assert (row.state, row.last_answer) == ("sent", f"127.0.0.1:{sink.port} said: 250 taken")


def test_many_messages_share_one_connection(post: Any, served: Served, noon: datetime) -> None:
    """And say goodbye at its end."""
    text = post.letter("Renewal", "Good day.\n")
    for number in range(3):
        client = post.client(email=f"c{number}@example.lt")
        post.queue(message_class="service", template="renewal_reminder", party_id=client, letter_version_id=text)

    with served() as sink:
        drain(noon)

    assert len(sink.taken) == 3
    assert sink.connections == 1
    assert sink.heard[-1] == "QUIT"


@pytest.mark.parametrize(
    ("address", "told"), [("ona@žalia.example", "ona@xn--alia-kbb.example"), (" Ona@z.example ", "Ona@z.example")]
)
def test_the_server_is_told_the_address_as_mail_knows_it(
    post: Any, served: Served, noon: datetime, address: str, told: str
) -> None:
    """Its domain in ASCII and nothing around it; the book keeps it as it is, and is marked where it does not work."""
    text = post.letter("Renewal", "Good day.\n")
    client = post.client(email=address)
    post.queue(message_class="service", template="renewal_reminder", party_id=client, letter_version_id=text)

    with served(RCPT="550 5.1.1 no such user") as sink:
        drain(noon)

    with post.engine.begin() as db:
        marked = db.scalars(select(contact_points.c.value).where(contact_points.c.bounced_at.is_not(None))).all()
    assert f"RCPT TO:<{told}>" in sink.heard
    assert marked == [address]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
def test_not_now_is_tried_again_later(post: Any, letter: int, served: Served, noon: datetime, step: str) -> None:
    """4xx at any step: a minute later, then longer."""
    with served(**{step: "451 try later"}):
        report = drain(noon)

    row = post.row(letter)
    assert report.counts[Outcome.RETRY] == 1
    assert (row.state, row.attempts) == ("retry", 1)
    assert 60 <= (row.not_before - noon).total_seconds() < 90
    assert row.last_answer.endswith("said: 451 try later")


@pytest.mark.parametrize("step", ["RCPT", "DATA", "dot"])
def test_never_is_not_tried_again(post: Any, letter: int, served: Served, noon: datetime, step: str) -> None:
    """5xx to a receiver or a text: failed, with the server's words."""
    with served(**{step: "550 no such user"}):
        report = drain(noon)

    assert report.refusals == [(letter, post.row(letter).last_answer)]
    assert post.row(letter).state == "failed"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_line_that_breaks_before_the_dot_means_not_sent(
    post: Any, letter: int, served: Served, noon: datetime, step: str
) -> None:
    """The server cannot have the message: it is tried again."""
    with served(**{step: DROP}):
        drain(noon)

    assert post.row(letter).state == "retry"


def test_a_line_that_breaks_after_the_dot_means_unknown(post: Any, letter: int, served: Served, noon: datetime) -> None:
    """The server may have it: a letter is held for a person, not sent a second time."""
    with served(dot=DROP) as sink:
        report = drain(noon)
        again = drain(noon)

    assert report.counts[Outcome.UNKNOWN] == 1
    assert again.tried == 0
    assert len(sink.taken) == 1
    assert post.row(letter).state == "unknown"


def test_a_server_silent_after_the_dot_means_unknown(post: Any, letter: int, served: Served, noon: datetime) -> None:
    """It is waited for ten minutes, here for a moment."""
    with served(dot=STALL) as sink:
        drain(noon, carrier=SmtpCarrier(replace(settings(), smtp_patience_for_dot=1)))
        sink.over.set()

    assert post.row(letter).state == "unknown"


def test_a_server_that_is_not_there_keeps_everything_waiting(
    post: Any, letter: int, served: Served, noon: datetime
) -> None:
    """Nothing is counted as tried; the report says what to look at."""
    with served() as sink:
        port = sink.port
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAKTAS_SMTP_HOST", "127.0.0.1")
        patch.setenv("TAKTAS_SMTP_PORT", str(port))
        settings.cache_clear()
        report = drain(noon)
    settings.cache_clear()

    assert report.problem == (
        f"The mail server 127.0.0.1:{port} cannot be used: nothing answers there. "
        "Look at TAKTAS_SMTP_HOST and TAKTAS_SMTP_PORT; what was not sent waits."
    )
    assert (post.row(letter).state, post.row(letter).attempts) == ("pending", 0)


def test_after_a_refusal_the_next_message_leaves(post: Any, letter: int, served: Served, noon: datetime) -> None:
    """The server forgets the refused one before it hears of the next."""
    text = post.letter("Second", "Good day.\n", name="second")
    post.queue(message_class="service", template="second", party_id=post.client(email="p@x.lt"), letter_version_id=text)

    with served(RCPT="550 no") as sink:
        drain(noon)

    assert sink.connections == 1
    assert [line.split()[0] for line in sink.heard] == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "RSET", "QUIT"]


@pytest.mark.parametrize("unusual", [("251 taken, will forward", "sent"), ("354 go on", "unknown")])
def test_an_unusual_answer_to_the_final_dot_sends_nothing_twice(
    post: Any, letter: int, served: Served, noon: datetime, unusual: tuple[str, str]
) -> None:
    """Any 2xx has taken it; an answer that means nothing there leaves its fate unknown."""
    said, state = unusual

    with served(dot=said) as sink:
        drain(noon)
        drain(noon + timedelta(hours=1))

    assert post.row(letter).state == state
    assert [line for line in sink.heard if line.startswith("MAIL")] == ["MAIL FROM:<taktas@localhost>"]


@pytest.mark.parametrize(
    "refusal",
    [
        ("550 5.1.1 no such user", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 5.7.1 relaying denied", False),
        ("550 no", False),
    ],
)
def test_an_address_the_server_does_not_know_is_marked(
    post: Any, letter: int, served: Served, noon: datetime, refusal: tuple[str, bool]
) -> None:
    """Only where the refusal is about the address: a relay that is shut says nothing of it."""
    said, is_marked = refusal
    with served(RCPT=said):
        drain(noon)

    with post.engine.connect() as db:
        point = db.execute(select(contact_points)).one()
    assert (point.bounced_at is not None) == is_marked
    assert (said.partition(" ")[2] in (point.bounce_reason or "")) == is_marked
