"""Reports as mail servers write them: what each says of the receiver, and when that speaks against the address."""

from __future__ import annotations

from base64 import encodebytes
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.database import read
from models.deliveries import BounceKind
from models.parties import contact_points
from models.work import happenings
from notifications.bounces.mailbox import LARGEST, mails
from notifications.bounces.reading import read_bounce
from notifications.bounces.taking_in import take_in
from notifications.outbox.message_id import message_id
from notifications.sending.addresses import may_work

MAILBOX = "bounce@house.example"
TOKEN = "0123456789abcdef0123456789abcdef01234567"

POSTFIX = """\
Reporting-MTA: dns; mail.house.example
X-Postfix-Queue-ID: 4F1C2
Arrival-Date: Mon,  2 Mar 2026 10:00:00 +0200 (EET)

Final-Recipient: rfc822; ona@example.lt
Original-Recipient: rfc822;ona@example.lt
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.lt
Diagnostic-Code: smtp; 550 5.1.1 <ona@example.lt>: Recipient
    address rejected: User unknown
"""
EXCHANGE = """\
Reporting-MTA: dns;DB9PR01.outlook.example
Received-From-MTA: dns;mail.house.example
Arrival-Date: Mon, 2 Mar 2026 08:00:00 +0000

Final-Recipient: rfc822;ona@example.lt
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup
"""
ANOTHER = "\nFinal-Recipient: rfc822; jonas@example.lt\nAction: {}\nStatus: {}\n"
EXIM = f"""\
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: letters@house.example
Envelope-To: bounce+{TOKEN}@house.example
Auto-Submitted: auto-replied
X-Failed-Recipients: ona@example.lt
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

  ona@example.lt
    host mx.example.lt [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ona@example.lt>:
    550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

Message-ID: <a@b>
Subject: Your policy
"""


def a_report(status: str, *, to: str = MAILBOX, kind: str = "message/delivery-status", encoding: str = "7bit") -> bytes:
    """A report around that machine's part."""
    return f"""\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset="utf-8"

Jūsų laiškas nepristatytas.

--cut
Content-Type: {kind}
Content-Transfer-Encoding: {encoding}

{status}
--cut
Content-Type: message/rfc822

Message-ID: <a@b>
Subject: Your policy

Dear Ona
--cut--
""".encode()


FAILED = (BounceKind.BOUNCED, "5.1.1", "ona@example.lt")
REPORTS = {
    "postfix": (a_report(POSTFIX), FAILED),
    "with a return path of its own": (a_report(POSTFIX, to=f"bounce+{TOKEN}@house.example"), FAILED),
    "lines end in CR LF": (a_report(POSTFIX).replace(b"\n", b"\r\n"), FAILED),
    "exchange": (a_report(EXCHANGE), (BounceKind.BOUNCED, "5.1.10", "ona@example.lt")),
    "exim": (EXIM.encode(), FAILED),
    "base64": (a_report(encodebytes(POSTFIX.encode()).decode(), encoding="base64"), FAILED),
    "quoted": (a_report(POSTFIX.replace("\n    address", "=\n address"), encoding="quoted-printable"), FAILED),
    "international": (
        a_report(
            POSTFIX.replace("rfc822;ona", "utf-8;žąsis").replace("User", "Naudotojas"),
            kind="message/global-delivery-status",
        ),
        FAILED,
    ),
    "a remark behind the action": (a_report(POSTFIX.replace("Action: failed", "Action: Failed (bad address)")), FAILED),
    "tried for days, then given up": (
        a_report(POSTFIX.replace("5.1.1", "4.4.1")),
        (BounceKind.BOUNCED, "4.4.1", "ona@example.lt"),
    ),
    "delayed": (
        a_report(POSTFIX.replace("failed", "delayed").replace("5.1.1", "4.4.1")),
        (BounceKind.DELAYED, "4.4.1", "ona@example.lt"),
    ),
    "relayed": (
        a_report(POSTFIX.replace("failed", "relayed").replace("5.1.1", "2.1.9")),
        (BounceKind.REPLY, "2.1.9", "ona@example.lt"),
    ),
    "passed on to two, one works": (
        a_report(POSTFIX + ANOTHER.format("delivered", "2.0.0")),
        (BounceKind.REPLY, "2.0.0", "jonas@example.lt"),
    ),
    "passed on to two, none works": (a_report(POSTFIX + ANOTHER.format("failed", "5.2.2")), FAILED),
    "a report without receivers": (a_report("Reporting-MTA: dns; mx"), (BounceKind.NOT_UNDERSTOOD, None, None)),
    "base64 that is none": (a_report("####", encoding="base64"), (BounceKind.NOT_UNDERSTOOD, None, None)),
}


@pytest.mark.parametrize("maker", REPORTS)
def test_reports_of_many_makers_say_the_same(maker: str) -> None:
    """Whoever wrote them, and however they are encoded."""
    content, expected = REPORTS[maker]

    found = read_bounce(content, MAILBOX)

    assert (found.kind, found.status, found.address) == expected
    assert found.message_id == "<a@b>"
    assert found.token == (TOKEN if TOKEN.encode() in content else None)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: auto-replied\nSubject: Away", BounceKind.REPLY),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=c", BounceKind.REPLY),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=c", BounceKind.NOT_UNDERSTOOD),
        ("From: noreply-dmarc@mx.example\nContent-Type: application/zip", BounceKind.NOT_UNDERSTOOD),
    ],
)
def test_what_is_no_bounce_marks_nothing(head: str, kind: BounceKind) -> None:
    """Away, read, called a nuisance, counted: the address works."""
    assert read_bounce(f"{head}\nX-Of: <a@b>\n\n--c\n\nhello\n--c--\n".encode(), MAILBOX).kind is kind


def test_a_subject_is_shown_as_it_is_read() -> None:
    """Not in the letters it travelled in; and one nobody can read as it came."""
    assert read_bounce(b"Subject: =?utf-8?b?xb3EhXPEl3M=?=\n\nx\n", None).words == "Žąsės"
    assert read_bounce(b"Subject: =?no-such?b?xb3EhXPEl3M=?=\n\nx\n", None).words == "=?no-such?b?xb3EhXPEl3M=?="


def test_ten_million_bytes_come_back_and_no_more_are_read(tmp_path: Path) -> None:
    """A letter with its attachments is read whole; of what is larger only the beginning."""
    body = b"x" * 70 + b"\n"
    large = a_report(POSTFIX).replace(b"Dear Ona\n", body * 130_000)
    for name in ("new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_bytes(b"x" * (LARGEST + 1000))
    (tmp_path / "new" / "folder").mkdir()

    assert read_bounce(large, None).status == "5.1.1"
    ((place, content),) = mails(tmp_path)
    assert (place, len(content)) == ("new/1", LARGEST + 1)
    assert read_bounce(content, None).words == "too large to be a bounce"


@pytest.mark.parametrize("status", [None, "5.0.0", "5.1.1", "5.1.10", "5.2.0", "5.2.1", "5.4.1", "5.4.4", "5.4.310"])
def test_such_an_answer_speaks_against_the_address(status: str | None) -> None:
    """Nobody of that name, no such domain, or no reason given."""
    assert not may_work(status)


@pytest.mark.parametrize("status", ["4.4.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4", "5.4.6", "5.4.14", "5.6.1", "5.7.1"])
def test_such_an_answer_says_nothing_against_the_address(status: str) -> None:
    """Full, too large, looping, refused for its content or its sender."""
    assert may_work(status)


def test_a_letter_refused_as_unwanted_came_back_but_its_address_is_kept(post: Any, noon: datetime) -> None:
    """The case hears that the letter did not arrive; the next one may."""
    client = post.client("Ona")
    about = {"party_id": client, "subject_type": "client", "subject_id": client}
    number = post.queue(message_class="service", letter_version_id=post.letter("S", "B"), **about)
    sent = message_id(post.row(number).key)
    post.change(number, state="sent", address="ona@example.lt", message_id=sent)
    mail = a_report(POSTFIX.replace("5.1.1", "5.7.1")).replace(b"<a@b>", sent.encode())

    report = take_in([("new/1", mail)], None, at=noon)

    assert (report.marked, report.spared, report.kinds[BounceKind.BOUNCED]) == ([], 1, 1)
    with read() as db:
        assert db.execute(select(contact_points.c.bounced_at)).scalar_one() is None
        assert db.execute(select(happenings.c.kind)).scalars().all() == ["letter.bounced"]
