"""From the outbox to files: what leaves, once, with its Message-ID, and what does not and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.outbox.states import Outcome
from notifications.sending import draining
from notifications.sending.draining import drain
from notifications.sending.keeping import Desk
from notifications.sending.settling import Settlement


def test_a_reminder_becomes_a_file(post: Any, noon: datetime) -> None:
    """Without a mail server the message is an .eml named after its Message-ID, and the row keeps it as it was sent."""
    jonas = post.employee("Jonas")
    number = post.remind(jonas, "Call Ona about renewing P-1")

    report = drain(noon)

    (file,), (mail,), row = post.files(), post.mails(), post.row(number)
    assert report.counts[Outcome.SENT] == 1
    assert (row.state, row.rendered, row.message_id) == ("sent", file.read_bytes(), mail["Message-ID"])
    assert mail["Message-ID"] == post.message_id(number)
    assert file.stem == mail["Message-ID"].strip("<>").partition("@")[0]
    assert mail["Subject"] == "Reminder: Call Ona about renewing P-1"
    assert "Monday, 2 March 2026, 10:00" in mail.get_body(("plain",)).get_content()


def test_reminders_of_one_person_leave_as_one_message(post: Any, noon: datetime) -> None:
    """A digest: several rows, one file; another person has their own."""
    jonas, asta = post.employee("Jonas", language="lt"), post.employee("Asta")
    rows = [post.remind(jonas, "Paskambinti Onai"), post.remind(jonas, "Siųsti pasiūlymą")]
    post.remind(asta, "Call Petras")

    report = drain(noon)

    assert report.counts[Outcome.SENT] == 3
    assert len(post.files()) == 2
    digest = next(mail for mail in post.mails() if "Jonas" in mail["To"])
    text = digest.get_body(("plain",)).get_content()
    assert digest["Subject"] == "Priminimas: laukia užduočių – 2"
    assert "Paskambinti Onai" in text
    assert "Siųsti pasiūlymą" in text
    assert len({post.row(row).message_id for row in rows}) == 1


def test_a_digest_is_not_torn_by_a_limit(post: Any, noon: datetime) -> None:
    """A limit of one message takes the whole digest it belongs to."""
    jonas = post.employee("Jonas")
    for title in ("a", "b", "c"):
        post.remind(jonas, title)

    drain(noon, limit=1)

    assert len(post.files()) == 1
    assert "b" in post.mails()[0].get_body(("plain",)).get_content()


def test_what_is_to_go_at_once_goes_alone(post: Any, noon: datetime) -> None:
    """The standard said so."""
    jonas = post.employee("Jonas")
    post.remind(jonas, "a")
    post.remind(jonas, "b", facts={"at_once": True})

    drain(noon)

    assert len(post.files()) == 2


def test_sending_twice_sends_once(post: Any, noon: datetime) -> None:
    """What is sent is not due any more."""
    post.remind(post.employee())

    drain(noon)
    report = drain(noon)

    assert report.tried == 0
    assert len(post.files()) == 1


def test_what_is_not_due_waits(post: Any, noon: datetime) -> None:
    """A reminder for tomorrow morning does not leave today."""
    post.remind(post.employee(), not_before=noon + timedelta(hours=1))

    assert drain(noon).tried == 0
    assert drain(noon + timedelta(hours=1)).counts[Outcome.SENT] == 1


def test_without_an_address_it_fails_and_says_why(post: Any, noon: datetime) -> None:
    """The reason stands with the message and in the report."""
    number = post.remind(post.employee("Jonas", email=None))

    report = drain(noon)

    reason = "Jonas has no e-mail address. Add it, then send again."
    assert report.refusals == [(number, reason)]
    assert (post.row(number).state, post.row(number).last_answer) == ("failed", reason)


def test_one_that_cannot_be_written_stops_no_other(post: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in one message is remembered with it; the others leave."""
    bad, good = post.remind(post.employee("Jonas")), post.remind(post.employee("Asta"))
    from notifications.wording.staff import staff_content

    def broken(db: Any, group: Any, receiver: Any, *, at: datetime) -> Any:
        if receiver.name == "Jonas":
            raise KeyError("title")
        return staff_content(db, group, receiver, at=at)

    monkeypatch.setattr("notifications.sending.preparing.staff_content", broken)
    drain(noon)

    assert post.row(bad).last_answer == "it could not be written: KeyError: 'title'"
    assert post.row(good).state == "sent"


def test_what_has_lost_its_point_is_dropped(post: Any, noon: datetime) -> None:
    """It is not sent late."""
    number = post.remind(post.employee(), pointless_after=noon - timedelta(minutes=1))

    report = drain(noon)

    assert report.counts[Outcome.DROPPED] == 1
    assert post.row(number).state == "dropped"
    assert post.files() == []


def test_a_full_disk_stops_sending_and_nothing_is_lost(post: Any, noon: datetime) -> None:
    """Everything not tried stays pending, as if it had never been claimed."""
    number = post.remind(post.employee())
    post.data_dir.mkdir(parents=True)
    (post.data_dir / "outbox").write_text("a file where the folder should be", encoding="utf-8")

    report = drain(noon)

    assert report.problem is not None
    assert report.problem.startswith(f"Messages cannot be written to {post.data_dir / 'outbox' / 'house'}: ")
    assert (post.row(number).state, post.row(number).attempts) == ("pending", 0)


def test_what_a_dead_sender_had_claimed_is_sent_by_the_next(post: Any, noon: datetime) -> None:
    """Its lease has ended before data: nothing had left."""
    number = post.remind(post.employee())
    post.change(number, state="claimed", attempts=1, lease_until=noon - timedelta(days=900))

    drain(noon)

    assert post.row(number).state == "sent"


def test_a_reminder_left_at_data_goes_out_again_under_the_same_number(post: Any, noon: datetime) -> None:
    """Nobody knows whether it arrived; a second copy has the same Message-ID and the same bytes."""
    number = post.remind(post.employee())
    drain(noon)
    before = post.row(number)
    post.change(number, state="at_data", lease_until=noon - timedelta(days=900))

    drain(noon)

    after = post.row(number)
    assert after.state == "sent"
    assert (after.message_id, after.rendered) == (before.message_id, before.rendered)
    assert len(post.files()) == 1


def test_a_letter_left_at_data_is_held_for_a_person(post: Any, noon: datetime) -> None:
    """Dunning and legal letters are never sent twice on a guess."""
    letter = post.letter("Renewal", "Good day.\n")
    number = post.queue(
        message_class="service", template="renewal_reminder", party_id=post.client(), letter_version_id=letter
    )
    post.change(number, state="at_data", attempts=1, lease_until=noon - timedelta(days=900))

    drain(noon)

    assert post.row(number).state == "unknown"
    assert post.row(number).last_answer == "its sender ended before the answer came"
    assert post.files() == []


def test_a_sender_that_lost_its_lease_writes_nothing(post: Any, noon: datetime) -> None:
    """Another has claimed the message since: the first one stops before the receiver has it."""
    number = post.remind(post.employee())
    told: list[Settlement] = []

    with Desk(noon, told.append) as desk, draining.chosen_carrier() as way:
        batches = [desk.supply()]
        post.change(number, attempts=2)
        way.carry(lambda: batches.pop() if batches else [], desk)

    assert post.files() == []
    assert told == []
    assert post.row(number).state == "claimed"


def test_two_senders_at_once_send_each_message_once(post: Any, noon: datetime) -> None:
    """What one holds the other passes by."""
    text = post.letter("Renewal", "Good day.\n")
    for number in range(40):
        client = post.client(email=f"c{number}@example.lt")
        post.queue(message_class="service", template="renewal_reminder", party_id=client, letter_version_id=text)

    with ThreadPoolExecutor(2) as senders:
        reports = list(senders.map(lambda _: drain(noon, limit=40), range(2)))

    assert sum(report.counts[Outcome.SENT] for report in reports) == 40
    assert len(post.files()) == 40


def test_the_hour_of_the_reader_is_told(post: Any, noon: datetime) -> None:
    """Somebody in Madrid reads Madrid's clock, in Spanish."""
    post.remind(post.employee("Lucía", language="es", zone="Europe/Madrid"))

    drain(noon)

    text = post.mails()[0].get_body(("plain",)).get_content()
    assert "Hola, Lucía:" in text
    assert "lunes, 2 de marzo de 2026, 9:00" in text


@pytest.mark.parametrize("language", ["en", "lt", "es"])
@pytest.mark.parametrize("template", ["task_reminder", "task_escalated"])
def test_every_text_exists_in_every_language(post: Any, noon: datetime, template: str, language: str) -> None:
    """One task and several, late and not, with a holder and without."""
    jonas = post.employee("Jonas", language=language)
    one = post.task("First", assignee_id=jonas)
    other = post.task("Second", due_at=None)
    post.queue(employee_id=jonas, template=template, task_id=one)
    post.queue(employee_id=jonas, template=template, task_id=other)

    drain(noon)

    (mail,) = post.mails()
    for kind in ("plain", "html"):
        assert all(title in mail.get_body((kind,)).get_content() for title in ("First", "Second"))


def test_a_title_is_escaped_in_html(post: Any, noon: datetime) -> None:
    """What a title holds is shown, never run."""
    post.remind(post.employee(), "<script>alert(1)</script>")

    drain(noon)

    assert "&lt;script&gt;" in post.mails()[0].get_body(("html",)).get_content()
    assert "<script>" in post.mails()[0].get_body(("plain",)).get_content()
