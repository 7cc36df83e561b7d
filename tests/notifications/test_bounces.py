"""Mail that came back: what it says, which address it marks, and how little hostile mail can do."""

from __future__ import annotations

import mailbox
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from cli.app import run
from models.database import read
from models.deliveries import BounceKind, bounces
from models.parties import contact_points
from models.work import happenings
from notifications.bounces.mailbox import NoMailbox, mails
from notifications.bounces.reading import read_bounce
from notifications.bounces.taking_in import take_in
from notifications.outbox.message_id import message_id
from notifications.sending.verp import return_path, token_in

MAILBOX = "bounce@house.example"


def a_notification(
    *, to: str = MAILBOX, action: str = "failed", status: str = "5.1.1", returned: str = "<a@b>", more: str = ""
) -> bytes:
    """A delivery status notification as RFC 3464 has it."""
    return f"""\
From: MAILER-DAEMON@mx.example
To: {to}
Date: Tue, 03 Mar 2026 09:00:00 +0200
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"
{more}
--cut
Content-Type: text/plain

Sorry.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Ona@Example.lt
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown

--cut
Content-Type: text/rfc822-headers

Subject: Your policy
Message-ID: {returned}

--cut--
""".replace("\n", "\r\n").encode()


def test_a_notification_says_which_message_and_why() -> None:
    """By the returned head, the status and the words of the server that refused."""
    found = read_bounce(a_notification(), None)

    assert (found.kind, found.message_id, found.token) == (BounceKind.BOUNCED, "<a@b>", None)
    assert (found.status, found.words) == ("5.1.1", "550 5.1.1 User unknown")
    assert found.address == "Ona@Example.lt"
    assert found.arrived_at == datetime.fromisoformat("2026-03-03T09:00:00+02:00")


def test_the_return_path_tells_which_message() -> None:
    """Where nothing of the message came back with the report."""
    number = message_id("some key", "a secret")
    to = return_path(number, MAILBOX)

    found = read_bounce(a_notification(to=f"Returned mail <{to.upper()}>"), MAILBOX)

    assert f"<{found.token}@" == number.partition("@")[0] + "@"
    assert token_in("bounce+short@house.example", MAILBOX) is None
    assert token_in(to.replace("bounce", "sales"), MAILBOX) is None


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.7.1", BounceKind.BOUNCED),
        ("delayed", "4.4.7", BounceKind.DELAYED),
        ("failed", "4.4.7", BounceKind.BOUNCED),
        ("delivered", "2.0.0", BounceKind.REPLY),
        ("relayed", "2.0.0", BounceKind.REPLY),
        ("", "5.0.0", BounceKind.BOUNCED),
    ],
)
def test_only_what_is_given_up_is_a_bounce(action: str, status: str, kind: BounceKind) -> None:
    """Whatever the status: what has failed is not tried again."""
    assert read_bounce(a_notification(action=action, status=status), None).kind is kind


def test_an_automatic_reply_is_no_bounce() -> None:
    """Somebody is on holiday (RFC 3834)."""
    mail = b"From: ona@example.lt\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nBack on Monday.\r\n"

    assert read_bounce(mail, None).kind is BounceKind.REPLY


def test_a_letter_from_a_person_is_left_for_a_person() -> None:
    """It may be a client who answers."""
    mail = b"From: ona@example.lt\r\nSubject: Stop writing to me\r\n\r\nPlease.\r\n"

    found = read_bounce(mail, None)

    assert (found.kind, found.words) == (BounceKind.NOT_UNDERSTOOD, "Stop writing to me")


@given(some.binary(max_size=400))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    """Whatever they are; alone, and inside a notification."""
    for mail in (content, a_notification().replace(b"Sorry.", content), a_notification().replace(b"5.1.1", content)):
        assert read_bounce(mail, MAILBOX) == read_bounce(mail, MAILBOX)


def test_a_thousand_nested_parts_do_not_stop_the_reading() -> None:
    """A mail made to exhaust a parser is not understood."""
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 5000

    assert read_bounce(nested, None).kind is BounceKind.NOT_UNDERSTOOD


def sent_letter(post: Any) -> int:
    """A letter that left for ona@example.lt."""
    client = post.client("Ona")
    version = post.letter("S", "B")
    about = {"employee_id": None, "party_id": client, "subject_type": "client", "subject_id": client}
    number = post.queue(message_class="service", letter_version_id=version, **about)
    post.change(number, state="sent", attempts=1, address="ona@example.lt", message_id=post.message_id(number))
    return int(number)


def test_a_bounce_marks_the_address_once_and_the_case_hears(post: Any, noon: datetime) -> None:
    """Read twice, it changes nothing; the status and the words stand with the address."""
    number = sent_letter(post)
    mail = ("mail 1", a_notification(returned=post.row(number).message_id))

    first = take_in([mail], None, at=noon)
    second = take_in([mail], None, at=noon)

    assert (first.marked, first.kinds[BounceKind.BOUNCED]) == (["ona@example.lt"], 1)
    assert (second.marked, second.known) == ([], 1)
    with read() as db:
        point = db.execute(select(contact_points)).one()
        heard = db.execute(select(happenings.c.kind)).scalars().all()
        row = db.execute(select(bounces)).one()
    assert (point.bounced_at, point.bounce_reason) == (noon, "550 5.1.1 User unknown")
    assert heard == ["letter.bounced"]
    assert (row.message_id, row.place, row.content) == (number, "mail 1", None)


def test_a_bounce_of_somebody_elses_mail_marks_nothing(post: Any, noon: datetime) -> None:
    """Nobody can have an address marked by writing a bounce about it."""
    sent_letter(post)

    report = take_in([("mail 1", a_notification(returned="<forged@elsewhere>"))], None, at=noon)

    assert (report.marked, report.strange) == ([], 1)
    with read() as db:
        assert db.execute(select(contact_points.c.bounced_at)).scalar_one() is None


def test_what_is_delayed_marks_nothing(post: Any, noon: datetime) -> None:
    """It is noted only."""
    number = sent_letter(post)
    mail = a_notification(action="delayed", status="4.4.1", returned=post.row(number).message_id)

    report = take_in([("mail 1", mail)], None, at=noon)

    assert (report.marked, report.kinds) == ([], {BounceKind.DELAYED: 1})


def test_what_nobody_understood_is_kept_whole(post: Any, noon: datetime) -> None:
    """For a person to read."""
    take_in([("new/1", b"\xff\x00 what is this")], None, at=noon)

    with read() as db:
        row = db.execute(select(bounces)).one()
    assert (row.kind, row.content) == ("not_understood", b"\xff\x00 what is this")


def test_both_kinds_of_mailboxes_are_read(tmp_path: Path) -> None:
    """Nothing in them is moved."""
    folder, file = tmp_path / "Maildir", tmp_path / "bounces.mbox"
    maildir, mbox = mailbox.Maildir(folder, create=True), mailbox.mbox(file)
    for box in (maildir, mbox):
        box.add(a_notification().replace(b"\r\n", b"\n"))
        box.add(b"Subject: x\n\ny\n")
        box.close()
    before = file.read_bytes()

    assert [len(list(mails(place))) for place in (folder, file)] == [2, 2]
    assert file.read_bytes() == before
    assert {read_bounce(content, None).kind for _, content in mails(file)} == {
        BounceKind.BOUNCED,
        BounceKind.NOT_UNDERSTOOD,
    }


def test_a_mailbox_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    """With the way forward."""
    with pytest.raises(NoMailbox) as none:
        list(mails(None))
    with pytest.raises(NoMailbox) as missing:
        list(mails(tmp_path / "nothing"))
    with pytest.raises(NoMailbox) as other:
        list(mails(tmp_path))
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(NoMailbox, match=r"letter\.pdf is neither a Maildir"):
        list(mails(tmp_path / "letter.pdf"))
    (tmp_path / "empty").touch()
    assert list(mails(tmp_path / "empty")) == []

    assert str(none.value) == (
        "No mailbox for bounces is set. Name a Maildir folder or an mbox file with --from, or set "
        "TAKTAS_BOUNCE_MAILBOX."
    )
    forward = "Name the mailbox your mail server puts returned mail in."
    assert str(missing.value) == f"{tmp_path / 'nothing'} is not there. {forward}"
    neither = "is neither a Maildir (a folder with new, cur and tmp) nor an mbox file"
    assert str(other.value) == f"{tmp_path} {neither}. {forward}"


def test_the_commands_read_and_list(post: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the keyboard."""
    number = sent_letter(post)
    box = mailbox.mbox(tmp_path / "box")
    box.add(a_notification(returned=post.row(number).message_id).replace(b"\r\n", b"\n"))
    box.close()

    assert run(["bounces", "read", "--from", str(tmp_path / "box")]) == 0
    assert capsys.readouterr().out == "Came back: 1 for good.\nMarked as not working: ona@example.lt\n"
    assert run(["bounces", "list", "--kind", "bounced"]) == 0
    assert "5.1.1" in capsys.readouterr().out
    assert run(["bounces", "list", "--kind", "bounce"]) == 2
    assert "There is no kind 'bounce'; did you mean bounced?" in capsys.readouterr().err


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_mailbox_that_may_not_be_read_is_said_to_be_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_folder: bool
) -> None:
    """With the file in question."""
    place = tmp_path / "box"
    file = place / "new" / "1" if is_folder else place
    file.parent.mkdir(parents=True, exist_ok=True)
    if is_folder:
        (place / "cur").mkdir()
    file.touch()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(NoMailbox) as shut:
        list(mails(place))

    assert str(shut.value) == f"{file} cannot be read: Permission denied. Let this user read the mailbox."


def test_nobody_can_make_up_the_token_of_a_message(post: Any) -> None:
    """The house's own secret is in it, made once; another house, or a stranger who knows the key, comes to another."""
    number = post.remind(post.employee("Jonas"), "Call Ona")

    mine, again = post.message_id(number), post.message_id(number)

    assert mine == again
    assert message_id(post.row(number).key, "a guess") != mine
