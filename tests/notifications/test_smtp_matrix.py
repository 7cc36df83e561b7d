"""What becomes of a message, whatever the mail server does at whichever step, as one table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from socket import gaierror
from typing import Any

import pytest
from aiosmtplib import SMTPConnectError

from core.settings import settings
from models.deliveries import domain_brakes
from models.outbox import messages
from notifications.sending.draining import drain
from notifications.sending.mishaps import told
from notifications.sending.smtp import SmtpCarrier

Served = Callable[..., AbstractContextManager[Any]]
Setting = Callable[..., None]
Letter = Callable[[str], int]
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)

BEHAVIOURS = {
    "later": "451 4.3.0 later",
    "goes": "421 4.3.2 closing",
    "never": "554 5.3.0 never",
    "drops": "drop",
    "stalls": "stall",
    "drips": "drip",
    "babbles": "!!! what is this",
    "empty": "",
    "endless": f"250 {'x' * 9000}",
    "strange": "799 unheard of",
}
MATRIX = """
            later    goes     never    drops    stalls   drips    babbles  empty    endless  strange
connect     pending  pending  pending  pending  pending  pending  pending  pending  pending  pending
EHLO        sent     pending  sent     pending  pending  pending  pending  pending  pending  sent
STAR        pending  pending  pending  pending  pending  pending  pending  pending  pending  pending
AUTH        pending  pending  pending  pending  pending  pending  pending  pending  pending  pending
MAIL        retry    retry    pending  retry    retry    retry    retry    retry    retry    retry
RCPT        retry    retry    failed   retry    retry    retry    retry    retry    retry    retry
DATA        retry    retry    failed   retry    retry    retry    retry    retry    retry    retry
dot         retry    retry    failed   unknown  unknown  unknown  unknown  unknown  unknown  unknown
RSET        sent     sent     sent     sent     sent     sent     sent     sent     sent     sent
QUIT        sent     sent     sent     sent     sent     sent     sent     sent     sent     sent
"""
# EHLO refused: HELO is tried, as RFC 5321 wants it.
_HEAD, *_ROWS = (line.split() for line in MATRIX.strip().splitlines())
ROWS = {step: dict(zip(_HEAD, states, strict=True)) for step, *states in _ROWS}
STARTTLS = {"EHLO": "250-sink\r\n250 STARTTLS"}
AUTH = {"EHLO": "250-sink\r\n250 AUTH LOGIN PLAIN"}
REFUSES_ONE = {"RCPT first@sink.example": "550 5.7.1 not this one"}
NEEDED = {"STAR": STARTTLS, "AUTH": AUTH, "RSET": REFUSES_ONE}
"""What the server must say besides, for the step to be reached."""

IMPATIENT: dict[str, Any] = {"smtp_patience": 0.5, "smtp_patience_for_dot": 0.5}
LOGIN = {"smtp_user": "house", "smtp_password": "secret"}


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets settings by name; each step has a second, unless told otherwise."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"TAKTAS_{name.upper()}", str(value))
        settings.cache_clear()

    put(smtp_patience=1, smtp_patience_for_dot=1, smtp_connections=1)
    yield put
    settings.cache_clear()


@pytest.fixture
def letter(post: Any) -> Callable[[str], int]:
    """A letter to an address."""
    text = post.letter("Renewal", "Good day.\n")

    def write(to: str) -> int:
        client = post.client(email=to)
        return int(post.queue(message_class="service", template="t", party_id=client, letter_version_id=text))

    return write


@pytest.mark.parametrize("step", ROWS)
def test_whatever_the_server_does_the_message_ends_where_it_should(
    post: Any, letter: Letter, served: Served, setting: Setting, step: str
) -> None:
    """Before MAIL nothing is counted as tried, before the final dot nothing has left, after it nobody knows."""
    setting(**LOGIN if step == "AUTH" else {})
    found, tried = {}, {}

    for behaviour, said in BEHAVIOURS.items():
        if step == "RSET":
            letter("first@sink.example")
        number = letter(f"{behaviour}@{behaviour}.example")
        with served(**NEEDED.get(step, {}), **{step: said}) as sink:
            drain(NOON, carrier=SmtpCarrier(replace(settings(), **IMPATIENT)))
            sink.over.set()
        found[behaviour], tried[behaviour] = post.row(number).state, post.row(number).attempts
        with post.engine.begin() as db:
            db.execute(messages.update().values(state="dropped"))
            db.execute(domain_brakes.delete())

    assert found == ROWS[step]
    assert tried == {behaviour: int(state != "pending") for behaviour, state in ROWS[step].items()}


MISHAPS = {
    "it said 554 5.7.1 not you. Look at TAKTAS_SMTP_HOST, TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": (
        {"connect": "554 5.7.1 not you"},
        {},
    ),
    "what it said is no SMTP: HTTP/1.1 400 Bad. Look at TAKTAS_SMTP_HOST, TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": (
        {"connect": "HTTP/1.1 400 Bad"},
        {},
    ),
    "what it said is no SMTP: too much at once. Look at TAKTAS_SMTP_HOST, TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": (
        {"connect": f"220 {'x' * 9000}"},
        {},
    ),
    "it hung up. Look at TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": ({"EHLO": "drop"}, {}),
    "it did not answer in time. Look at TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": ({"EHLO": "stall"}, {}),
    "it offers no encryption (STARTTLS). Look at TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": (
        {},
        {"smtp_security": "starttls"},
    ),
    "no encrypted line could be agreed on (wrong version number). Look at TAKTAS_SMTP_PORT and TAKTAS_SMTP_SECURITY": (
        {},
        {"smtp_security": "tls"},
    ),
    "it refused the login: 535 5.7.8 wrong. Look at TAKTAS_SMTP_USER and TAKTAS_SMTP_PASSWORD": (
        AUTH | {"AUTH": "535 5.7.8 wrong"},
        LOGIN,
    ),
    "it takes no login, or none on such a line. Look at TAKTAS_SMTP_USER and TAKTAS_SMTP_SECURITY": ({}, LOGIN),
}


@pytest.mark.parametrize("words", MISHAPS)
def test_what_went_wrong_is_said_with_the_settings_to_look_at(
    letter: Letter, served: Served, setting: Setting, words: str
) -> None:
    """Not the names of exceptions, and not all settings for everything."""
    letter("ona@example.lt")
    answers, chosen = MISHAPS[words]

    with served(**answers) as sink:
        setting(**chosen)
        report = drain(NOON)
        sink.over.set()

    assert report.problem == f"The mail server 127.0.0.1:{sink.port} cannot be used: {words}; what was not sent waits."


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (gaierror(-2, "Name or service not known"), ("no machine of that name is known", "TAKTAS_SMTP_HOST")),
        (OSError("network is unreachable"), ("network is unreachable", "TAKTAS_SMTP_HOST and TAKTAS_SMTP_PORT")),
        (OSError(), ("OSError", "TAKTAS_SMTP_HOST and TAKTAS_SMTP_PORT")),
    ],
)
def test_a_machine_that_is_not_there_is_said_so(error: OSError, words: tuple[str, str]) -> None:
    """However deep the library has wrapped the reason."""
    wrapped = SMTPConnectError("Error connecting to it")
    wrapped.__cause__ = error

    assert told(wrapped if isinstance(error, gaierror) else error) == words


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_wants_a_login_refuses_no_message_for_good(
    post: Any, letter: Letter, served: Served, setting: Setting, step: str
) -> None:
    """A setting is wrong, not three thousand letters."""
    numbers = [letter(f"c{place}@example.lt") for place in range(12)]
    setting(smtp_connections=2)

    with served(**{step: "530 5.7.0 Authentication required"}) as sink:
        report = drain(NOON)

    assert report.problem == (
        f"The mail server 127.0.0.1:{sink.port} takes nothing from us as we are: 530 5.7.0 Authentication required. "
        "Look at TAKTAS_SMTP_USER, TAKTAS_SMTP_PASSWORD and TAKTAS_SMTP_SECURITY; what was not sent waits."
    )
    assert {(post.row(number).state, post.row(number).attempts) for number in numbers} == {("pending", 0)}


@pytest.mark.parametrize("own", ["MAIL_FROM", "MAIL_BOUNCES"])
def test_a_server_that_will_not_have_our_address_refuses_no_message_for_good(
    post: Any, letter: Letter, served: Served, setting: Setting, own: str
) -> None:
    """Nobody has been named yet to whom a letter goes: all of them wait, and the report says what to look at."""
    numbers = [letter(f"c{place}@example.lt") for place in range(12)]
    setting(smtp_connections=2, **{own: "us@house.example"})

    with served(MAIL="550 5.7.1 Sender rejected") as sink:
        report = drain(NOON)

    refused = re.sub(r"\+[0-9a-f]{40}", "", report.problem or "")
    assert refused == (
        f"The mail server 127.0.0.1:{sink.port} takes no mail from us@house.example: 550 5.7.1 Sender rejected. "
        f"Look at TAKTAS_{own} and TAKTAS_SMTP_USER; what was not sent waits."
    )
    assert {(post.row(number).state, post.row(number).attempts) for number in numbers} == {("pending", 0)}


def test_a_server_that_has_had_enough_on_one_connection_is_spoken_to_on_another(
    post: Any, letter: Letter, served: Served, setting: Setting
) -> None:
    """It refuses the sender of every message but the first; on a new connection that is the first again."""
    numbers = [letter(f"c{place}@example.lt") for place in range(4)]
    setting(smtp_connections=1)

    with served(**{f"MAIL c{place}@example.lt": "550 5.7.0 Too many messages" for place in range(4)}) as sink:
        report = drain(NOON)

    assert (report.problem, sink.connections) == (None, 4)
    assert {(post.row(number).state, post.row(number).attempts) for number in numbers} == {("sent", 1)}


def test_an_answer_of_many_lines_is_one_answer(post: Any, letter: Letter, served: Served, setting: Setting) -> None:
    """Its last line counts, and all of it is kept."""
    number = letter("ona@example.lt")
    setting()

    with served(dot="250-2.0.0 thank you\r\n250-for this\r\n250 2.0.0 letter") as sink:
        drain(NOON)

    assert post.row(number).state == "sent"
    assert post.row(number).last_answer == (f"127.0.0.1:{sink.port} said: 250 2.0.0 thank you for this 2.0.0 letter")


TWO_ANSWERS = {
    "to the text": ({"DATA": "354 go on\r\n250 taken", "dot": "554 never"}, ["retry", "retry"]),
    "to the sender": ({"MAIL": "250 ok\r\n250 ok\r\n354 go on\r\n250 taken", "dot": "554 never"}, ["retry", "retry"]),
    "to the receiver": ({"RCPT": "550 5.7.1 no\r\n250 ok"}, ["failed", "failed"]),
    "to the end": ({"dot": "250 taken\r\n250 taken"}, ["sent", "sent"]),
    "with the goodbye": ({"dot": "250 taken\r\n421 4.3.2 goodbye"}, ["sent", "sent"]),
}


@pytest.mark.parametrize("when", TWO_ANSWERS)
def test_two_answers_at_once_are_not_taken_for_those_to_what_we_say_next(
    post: Any, letter: Letter, served: Served, setting: Setting, when: str
) -> None:
    """A message the server refused would count as sent; the line is given up, and the next message has another one."""
    said, states = TWO_ANSWERS[when]
    setting()
    numbers = [letter("first@one.example"), letter("second@two.example")]

    with served(**said) as sink:
        drain(NOON)

    assert [post.row(number).state for number in numbers] == states
    assert len(sink.taken) == states.count("sent")
    assert sink.connections == 2
    if "retry" in states:
        assert post.row(numbers[0]).last_answer == (
            f"the connection to 127.0.0.1:{sink.port} broke before the message had left: it answered what it had not "
            "been asked"
        )


LONG = "returned.mail.for.the.house@house.example"
OWN = {
    "TAKTAS_MAIL_FROM is 'Brokers UAB', which is no e-mail address. Set it to one; what is due waits.": {
        "mail_from": "Brokers UAB"
    },
    "TAKTAS_MAIL_BOUNCES is 'nonsense', which is no e-mail address. Set it to one; what is due waits.": {
        "mail_bounces": "nonsense"
    },
    f"TAKTAS_MAIL_BOUNCES is '{LONG}': each message adds 41 characters before the @, where an address has 64 at most. "
    "Take a shorter one; what is due waits.": {"mail_bounces": LONG},
}


@pytest.mark.parametrize("words", OWN)
def test_an_address_of_the_house_that_is_none_fails_no_message(
    post: Any, letter: Letter, setting: Setting, words: str
) -> None:
    """One setting is wrong, and everything waits until it is right."""
    number = letter("ona@example.lt")
    setting(**OWN[words])

    report = drain(NOON)

    assert report.problem == words
    assert (post.row(number).state, post.row(number).attempts) == ("pending", 0)


def test_the_mailbox_for_bounces_may_have_a_name(letter: Letter, served: Served, setting: Setting) -> None:
    """Only its address goes into the return path."""
    letter("ona@example.lt")
    setting(mail_bounces="Returned mail <bounce@house.example>")

    with served() as sink:
        drain(NOON)

    (said,) = (line for line in sink.heard if line.startswith("MAIL"))
    assert re.fullmatch(r"MAIL FROM:<bounce\+[0-9a-f]{40}@house\.example>", said)
