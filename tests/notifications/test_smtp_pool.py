"""Connections to a mail server: many at once, renewed, encrypted, and patient with domains that ask for it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select

from core.settings import settings
from models.deliveries import domain_brakes, message_attempts
from notifications.outbox.states import Outcome
from notifications.sending.carrier import CarrierDown
from notifications.sending.draining import drain
from notifications.sending.smtp import SmtpCarrier

Served = Callable[..., AbstractContextManager[Any]]
Write = Callable[..., list[int]]


@pytest.fixture
def write(post: Any) -> Write:
    """Service letters to as many clients of a domain."""
    text = post.letter("Renewal", "Good day.\n")

    def letters(count: int, domain: str = "example.lt", **values: Any) -> list[int]:
        letter = {"message_class": "service", "template": "renewal_reminder", "letter_version_id": text} | values
        clients = [post.client(email=f"c{number}@{domain}") for number in range(count)]
        return [int(post.queue(party_id=client, **letter)) for client in clients]

    return letters


@pytest.fixture
def told(post: Any) -> Callable[..., list[Any]]:
    """All rows of a table."""

    def rows(table: Any) -> list[Any]:
        with post.engine.begin() as db:
            return list(db.execute(select(table)))

    return rows


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets settings by name."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"TAKTAS_{name.upper()}", str(value))
        settings.cache_clear()

    yield put
    settings.cache_clear()


def test_many_messages_leave_over_several_connections(served: Served, write: Write, noon: datetime) -> None:
    """One for every five that wait, as many as the settings allow."""
    write(35)

    with served(slowness=0.01) as sink:
        report = drain(noon)

    assert report.counts[Outcome.SENT] == 35
    assert 2 <= sink.connections <= 7
    assert set(sink.counts.values()) == {1}


def test_a_connection_is_renewed_after_so_many_messages(
    served: Served, write: Write, setting: Callable[..., None], noon: datetime
) -> None:
    """Some servers hang up on those who stay too long."""
    write(5)
    setting(smtp_messages=2)

    with served() as sink:
        drain(noon)

    assert (len(sink.taken), sink.connections) == (5, 3)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_server_that_goes_away_politely_is_called_again(
    served: Served, write: Write, noon: datetime, step: str
) -> None:
    """421 ends the connection: the message waits, the next one leaves over a new connection."""
    write(2)

    with served(**{f"{step} c0@example.lt": "421 closing"} if step != "MAIL" else {"MAIL": "421 closing"}) as sink:
        report = drain(noon)

    assert report.counts[Outcome.RETRY] >= 1
    assert sink.connections == 2


@pytest.mark.parametrize("refusal", [{"connect": "554 no"}, {"connect": "421 busy"}, {"EHLO": "drop"}])
def test_a_server_that_lets_nobody_in_keeps_everything_waiting(
    post: Any, served: Served, write: Write, noon: datetime, refusal: dict[str, str]
) -> None:
    """Nothing is counted as tried."""
    (number,) = write(1)

    with served(**refusal):
        report = drain(noon)

    assert report.problem is not None
    assert (post.row(number).state, post.row(number).attempts) == ("pending", 0)


def test_every_attempt_is_a_row(post: Any, served: Served, write: Write, told: Any, noon: datetime) -> None:
    """How far it came, what was said, by whom, and how long it took."""
    (number,) = write(1)

    with served(RCPT="451 4.7.1 later") as sink:
        drain(noon)
    later = noon + timedelta(hours=1)
    with served() as other:
        drain(later)

    first, second = told(message_attempts)
    assert (first.message_id, first.attempt, first.stage, first.outcome, first.code) == (
        number,
        1,
        "rcpt",
        "retry",
        451,
    )
    assert (first.host, first.answer) == (f"127.0.0.1:{sink.port}", f"127.0.0.1:{sink.port} said: 451 4.7.1 later")
    assert (second.attempt, second.stage, second.outcome, second.code) == (2, "dot", "sent", 250)
    assert second.host == f"127.0.0.1:{other.port}"
    assert first.began_at <= first.ended_at <= second.began_at <= second.ended_at
    assert post.row(number).state == "sent"


def test_a_retry_that_would_come_too_late_is_not_made(post: Any, served: Served, write: Write, noon: datetime) -> None:
    """The message loses its point before its next attempt: it is dropped now, with the last answer."""
    (number,) = write(1, pointless_after=noon + timedelta(seconds=20))

    with served(RCPT="451 later") as sink:
        report = drain(noon)

    words = f"it has lost its point before the next attempt: 127.0.0.1:{sink.port} said: 451 later"
    assert report.counts[Outcome.DROPPED] == 1
    assert (post.row(number).state, post.row(number).last_answer) == ("dropped", words)


def test_attempts_end_when_the_pauses_are_used_up(post: Any, served: Served, write: Write, noon: datetime) -> None:
    """Seven pauses, eight attempts."""
    (number,) = write(1)
    post.try_before(number, ["rcpt"] * 7)

    with served(RCPT="451 later") as sink:
        drain(noon)

    assert post.row(number).state == "failed"
    assert post.row(number).last_answer == (f"given up after 8 attempts: 127.0.0.1:{sink.port} said: 451 later")


def test_a_domain_that_asks_for_patience_is_left_in_peace_and_others_go_on(
    post: Any, served: Served, write: Write, told: Any, noon: datetime
) -> None:
    """It is remembered: another sender, a moment later, waits too; after the pause one goes at a time."""
    write(1, "slow.example")

    with served(**{"RCPT c0@slow.example": "451 4.7.0 too many"}):
        drain(noon)
    waiting, other = write(1, "slow.example")[0], write(1, "quick.example")[0]
    with served():
        drain(noon + timedelta(seconds=5))

    (brake,) = told(domain_brakes)
    assert (brake.domain, brake.strikes, brake.at_once) == ("slow.example", 1, 1)
    assert (post.row(waiting).state, post.row(waiting).not_before) == ("pending", brake.paused_until)
    assert post.row(other).state == "sent"

    with served() as sink:
        drain(noon + timedelta(minutes=5))

    assert len(sink.taken) == 2
    assert told(domain_brakes)[0].at_once >= 2


def test_a_full_mailbox_slows_nobody_else(served: Served, write: Write, told: Any, noon: datetime) -> None:
    """4.2.x is about one receiver."""
    write(1)

    with served(RCPT="452 4.2.2 mailbox full"):
        drain(noon)

    assert told(domain_brakes) == []


def test_each_message_has_a_return_path_of_its_own(
    post: Any, served: Served, write: Write, setting: Callable[..., None], noon: datetime
) -> None:
    """What bounces tells by its address which message it was."""
    (number,) = write(1)
    setting(mail_bounces="bounce@house.example")

    with served() as sink:
        drain(noon)

    token = post.message_id(number).strip("<>").partition("@")[0]
    assert f"MAIL FROM:<bounce+{token}@house.example>" in sink.heard


class Keeps:
    """Keeps what it is given, and what it was logged in with."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.logins: list[object] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - their name
        """Called by the server."""
        self.contents.append(envelope.content)
        return "250 taken"

    def login(self, _server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        """Called by the server."""
        self.logins.append(data)
        is_right = isinstance(data, LoginPassword) and data.password == b"right"
        return AuthResult(success=is_right, handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of localhost that only this test trusts, and its key in one file."""
    pem = tmp_path / "localhost.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    how = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(pem), "-out"]
    run([*how, str(pem) + ".crt", *subject], check=True, capture_output=True)
    with pem.open("ab") as both:
        both.write(Path(str(pem) + ".crt").read_bytes())
    return pem


def free_port() -> int:
    """A port nobody uses: aiosmtpd cannot ask the system for one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def encrypted(certificate: Path, setting: Callable[..., None]) -> Iterator[Keeps]:
    """A real server (aiosmtpd) that wants STARTTLS, then a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    keeps = Keeps()
    server = Controller(
        keeps,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=keeps.login,
    )
    server.start()
    setting(smtp_host="localhost", smtp_port=server.port, smtp_user="house", smtp_password="right", smtp_ca=certificate)
    yield keeps
    server.stop()


def test_a_message_leaves_encrypted_and_logged_in(post: Any, encrypted: Keeps, write: Write, noon: datetime) -> None:
    """STARTTLS with a certificate that is checked, AUTH once, then the message as it was kept."""
    (number,) = write(1)

    report = drain(noon)

    assert report.problem is None
    assert encrypted.contents == [post.row(number).rendered]
    assert len(encrypted.logins) == 1


def test_a_wrong_password_keeps_everything_waiting(
    post: Any, encrypted: Keeps, write: Write, setting: Callable[..., None], noon: datetime
) -> None:
    """No message is to blame."""
    (number,) = write(1)
    setting(smtp_password="wrong")

    report = drain(noon)

    assert report.problem is not None
    assert (post.row(number).state, encrypted.contents) == ("pending", [])


def test_a_certificate_nobody_knows_is_not_trusted(
    post: Any, encrypted: Keeps, write: Write, setting: Callable[..., None], noon: datetime
) -> None:
    """Nothing is said to a server that may be another."""
    (number,) = write(1)
    setting(smtp_ca="")

    report = drain(noon)

    assert report.problem is not None
    assert "certificate" in report.problem
    assert (post.row(number).state, encrypted.logins) == ("pending", [])


def test_a_server_without_encryption_is_refused_where_it_is_required(
    post: Any, served: Served, write: Write, setting: Callable[..., None], noon: datetime
) -> None:
    """STARTTLS not offered: nothing leaves."""
    (number,) = write(1)
    setting(smtp_security="starttls")

    with served() as sink:
        report = drain(noon)

    assert report.problem is not None
    assert (post.row(number).state, sink.taken) == ("pending", [])


def test_a_password_never_leaves_this_machine_in_the_clear(setting: Callable[..., None]) -> None:
    """Settings that would send it so are refused before a connection is made."""
    setting(smtp_host="mail.example.lt", smtp_user="house", smtp_password="secret", smtp_security="none")

    with pytest.raises(CarrierDown) as refused, SmtpCarrier():
        pass

    assert str(refused.value) == (
        "The password for mail.example.lt:587 would leave this machine unencrypted. "
        "Set TAKTAS_SMTP_SECURITY to starttls or tls, or remove TAKTAS_SMTP_USER."
    )


def test_certificates_that_cannot_be_read_are_named(setting: Callable[..., None], tmp_path: Path) -> None:
    """The setting and the file."""
    setting(smtp_host="mail.example.lt", smtp_ca=tmp_path / "none.pem")

    with pytest.raises(CarrierDown) as refused, SmtpCarrier():
        pass

    assert str(refused.value) == (
        f"The certificates in {tmp_path / 'none.pem'} cannot be read: [Errno 2] No such file or directory. "
        "Look at TAKTAS_SMTP_CA."
    )
