"""Reports as mail servers write them: what each says of the receiver, and when that speaks against the address."""

from __future__ import annotations

from base64 import encodebytes
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from cli.app import run
from core.actor import Actor, Door
from models.contacts import notes
from models.database import begin, read
from models.deliveries import BounceKind
from models.parties import contact_points, responsibilities
from models.people import employees
from models.work import happenings
from notifications.bounces import taking_in
from notifications.bounces.mailbox import LARGEST, mails
from notifications.bounces.marks import NotMarked, trust
from notifications.bounces.reading import read_bounce
from notifications.bounces.taking_in import take_in
from notifications.sending.addresses import may_work
from notifications.sending.draining import drain
from notifications.sending.verp import return_path
from tasks.desk.noting import ReasonMissing
from tasks.soundness import mail_that_came_back

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


def test_words_in_the_servers_own_language_are_kept() -> None:
    """Plain UTF-8 where only ASCII should stand."""
    content = a_report(POSTFIX.replace("User unknown", "Naudotojas nežinomas"))

    assert read_bounce(content, None).words.endswith("address rejected: Naudotojas nežinomas")


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


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("Action: relayed", "Status: 5.1.1", BounceKind.REPLY),
        ("Action: undeliverable", "Status: 5.1.1", BounceKind.BOUNCED),
        ("Action: queued", "Status: 4.4.1", BounceKind.DELAYED),
        ("X: y", "Status: 2.0.0", BounceKind.REPLY),
        ("Action: sorry", "X: y", BounceKind.NOT_UNDERSTOOD),
        ("X: y", "X: y", BounceKind.NOT_UNDERSTOOD),
    ],
)
def test_a_report_whose_action_nobody_knows_is_read_by_its_status(action: str, status: str, kind: BounceKind) -> None:
    """Without either a person looks at it: it is not taken for a receipt."""
    group = f"Final-Recipient: rfc822; a@b\n{action}\n{status}\n"

    assert read_bounce(a_report(f"Reporting-MTA: dns; mx.example\n\n{group}"), None).kind is kind


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
    sent = post.message_id(number)
    post.change(number, state="sent", attempts=1, address="ona@example.lt", message_id=sent)
    mail = a_report(POSTFIX.replace("5.1.1", "5.7.1")).replace(b"<a@b>", sent.encode())

    report = take_in([("new/1", mail)], None, at=noon)

    assert (report.marked, report.spared, report.kinds[BounceKind.BOUNCED]) == ([], 1, 1)
    with read() as db:
        assert db.execute(select(contact_points.c.bounced_at)).scalar_one() is None
        assert db.execute(select(happenings.c.kind)).scalars().all() == ["letter.bounced"]


def test_a_mail_read_before_the_mailbox_was_named_is_understood_later(post: Any, noon: datetime) -> None:
    """By its return path alone; until then it answers nothing of ours."""
    number = post.queue(message_class="service", party_id=post.client("Ona"), letter_version_id=post.letter("S", "B"))
    sent = post.message_id(number)
    post.change(number, state="sent", attempts=1, address="ona@example.lt", message_id=sent)
    mail = ("new/1", a_report(POSTFIX, to=return_path(sent, MAILBOX)))

    reports = [take_in([mail], mailbox, at=noon) for mailbox in (None, MAILBOX, MAILBOX)]

    assert [(one.strange, one.known, one.marked) for one in reports] == [
        (1, 0, []),
        (0, 0, ["ona@example.lt"]),
        (0, 1, []),
    ]


def test_what_was_settled_before_is_not_read_again(post: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mailboxes only grow. What answered nothing of ours is looked at again for a week."""
    number = post.queue(message_class="service", party_id=post.client("Ona"), letter_version_id=post.letter("S", "B"))
    sent = post.message_id(number)
    post.change(number, state="sent", attempts=1, address="ona@example.lt", message_id=sent)
    ours, strange = a_report(POSTFIX).replace(b"<a@b>", sent.encode()), a_report(EXCHANGE)
    take_in([("1", ours), ("2", strange)], None, at=noon)
    looked_at: list[bytes] = []

    def look(content: bytes, mailbox: str | None) -> Any:
        looked_at.append(content)
        return read_bounce(content, mailbox)

    monkeypatch.setattr(taking_in, "read_bounce", look)
    known = [take_in([("1", ours), ("2", strange)], None, at=noon + timedelta(days=days)).known for days in (1, 8)]

    assert (known, looked_at) == ([2, 2], [strange])


def test_a_report_marks_one_address_only(post: Any, noon: datetime) -> None:
    """The return path decides, whatever message the report claims to return."""
    text, ids = post.letter("S", "B"), []
    for name in ("ona", "petras"):
        client = post.client(name, email=f"{name}@example.lt")
        number = post.queue(message_class="service", party_id=client, letter_version_id=text)
        ids.append(post.message_id(number))
        post.change(number, state="sent", attempts=1, address=f"{name}@example.lt", message_id=ids[-1])
    mail = a_report(POSTFIX, to=return_path(ids[1], MAILBOX)).replace(b"<a@b>", ids[0].encode())

    report = take_in([("new/1", mail)], MAILBOX, at=noon)

    assert report.marked == ["petras@example.lt"]


@pytest.fixture
def marked_client(post: Any, noon: datetime) -> int:
    """Ona, whose address is marked; Petras looks after her, Jonas does not."""
    client = int(post.client("Ona"))
    petras, _ = post.employee("Petras", login="petras"), post.employee("Jonas", login="jonas")
    post.put(responsibilities, client_id=client, employee_id=petras, role="account_manager", since=noon.date())
    with begin() as db:
        db.execute(update(contact_points).values(bounced_at=noon, bounce_reason="550 5.1.1 no such user"))
    return client


def test_a_marked_address_is_listed_and_trusted_again(
    post: Any, marked_client: int, noon: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """By whoever looks after the client, with a reason that stays with them; then letters leave again."""
    letter = {"message_class": "service", "letter_version_id": post.letter("S", "B")}
    number = post.queue(party_id=marked_client, **letter)
    drain(noon)

    assert run(["--as", "petras", "bounces", "marked"]) == 0
    listed = capsys.readouterr().out
    because = ["--reason", "she wrote from it today"]
    assert run(["--as", "petras", "bounces", "trust", "Ona@Example.lt", *because]) == 0
    told = capsys.readouterr().out
    assert run(["--as", "petras", "messages", "retry", str(number), "--as-of", "2026-03-02 13:00", *because]) == 0
    drain(noon + timedelta(hours=2))

    assert all(word in listed for word in ("ona@example.lt", "550 5.1.1 no such user", "Petras"))
    assert told == (
        "Ona@Example.lt is written to again. `taktas messages list --state failed` shows what could not be sent "
        "meanwhile.\n"
    )
    assert post.row(number).state == "sent"
    with read() as db:
        point = db.execute(select(contact_points)).one()
        note = db.execute(select(notes).where(notes.c.on_type == "party")).one()
    assert (point.bounced_at, point.bounce_reason, point.verified_by is not None) == (None, None, True)
    assert (note.client_id, note.body) == (marked_client, "Ona@Example.lt: she wrote from it today")


NOT_MARKED = (
    "ona@example.lt is not marked as not working, or is of none of your clients. `taktas bounces marked` lists those "
    "that are."
)
NO_REASON = "Trusting ona@example.lt again needs a reason. Add --reason and say how you know that it works."


@pytest.mark.usefixtures("marked_client")
def test_an_address_is_trusted_by_those_it_concerns_and_with_a_reason(
    noon: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who does not look after the client sees nothing; the refusal says what is marked."""
    with read() as db:
        logins = db.execute(select(employees.c.login, employees.c.id)).all()
        jonas, petras = (Actor(door=Door.COMMAND_LINE, employee_id=number) for _, number in sorted(logins))

    assert run(["--as", "jonas", "bounces", "marked"]) == 0
    assert capsys.readouterr().out == "Every address works, as far as is known.\n"
    with begin() as db:
        with pytest.raises(NotMarked) as not_his:
            trust(db, jonas, "ona@example.lt", reason="x", at=noon)
        with pytest.raises(NotMarked, match=r"did you mean ona@example\.lt\?"):
            trust(db, petras, "ona@exampel.lt", reason="x", at=noon)
        with pytest.raises(ReasonMissing) as no_reason:
            trust(db, petras, "ona@example.lt", reason=" ", at=noon)
    assert (str(not_his.value), str(no_reason.value)) == (NOT_MARKED, NO_REASON)


@pytest.mark.usefixtures("marked_client")
def test_the_doctor_names_clients_nobody_can_write_to_and_mails_nobody_understood(noon: datetime) -> None:
    """For a week; and an address that works beside the marked one is enough."""
    take_in([("new/1", b"Subject: what\n\nhello\n")], None, at=noon)

    with begin() as db:
        found = mail_that_came_back(db, noon)
        later = mail_that_came_back(db, noon + timedelta(days=8))
        party = db.execute(select(contact_points.c.party_id)).scalar_one()
        db.execute(insert(contact_points).values(party_id=party, channel="email", value="ona@new.lt"))
        mended = mail_that_came_back(db, noon + timedelta(days=8))

    assert [(one.what, one.count) for one in found] == [
        ("clients whose e-mail addresses all came back", 1),
        ("mails of the last week in the bounce mailbox that say nothing we understand", 1),
    ]
    assert ([one.count for one in later], mended) == ([1], [])
