"""Contacts with clients into the book, and what of it running work hears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from intake.importing import ImportReport
from models.contacts import complaints, interactions
from models.contracts import policies, terms
from models.parties import parties
from models.work import happenings

VILNIUS = ZoneInfo("Europe/Vilnius")
Bring = Callable[..., ImportReport]

HEAD = (
    "interaction.number,client.number,client.kind,client.name,interaction.kind,direction,interaction.channel,topic,"
    "at,employee,policy.number,cause,received_at,answer_by,answered_at,closed_at\n"
)
CALL = "I-1,K1,,,call,in,phone,renewal,2026-03-01T10:30,rasa,P-1,,,,,\n"
COMPLAINT = "I-2,K1,,,complaint,in,email,service,2026-03-02T07:00,,,delay,,2026-04-01,,\n"
ENQUIRY = "I-3,K9,person,Petras,enquiry,in,web,new cover,2026-03-01,,,,,,,\n"
POLICIES = (
    "client.number,client.kind,client.name,client.standing,policy.insurer,policy.number,policy.product_line,"
    "term.starts_on,term.expires_on,term.sequence,term.notice_received_on\n"
)


def _furnish(bring: Bring) -> None:
    bring("employees", "login,name\nrasa,Rasa\n")
    bring("insurers", "code,name\nlumen,Lumen\nlunar,Lunar\n")
    bring("product_lines", "code,label_en\nmotor,Motor\n")
    rows = "K1,person,Ona,existing,lumen,P-1,motor,{},{},{},\n"
    old = rows.format("2024-06-01", "2025-06-01", 1)
    new = rows.format("2025-06-01", "2026-06-01", 2)
    bring("policies", POLICIES + old + new)


def _reported(db: Connection) -> list[tuple[str, str]]:
    rows = db.execute(select(happenings.c.kind, happenings.c.subject_type).order_by(happenings.c.id))
    return [(row.kind, row.subject_type) for row in rows]


def _reasons(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report]


def test_a_contact_comes_in_whole(db: Connection, bring: Bring) -> None:
    """Kind, channel, topic, when, who, and the term in force on that day."""
    _furnish(bring)

    report = bring("interactions", HEAD + CALL)

    row = db.execute(select(interactions)).mappings().one()
    sequence = db.scalar(select(terms.c.sequence).where(terms.c.id == row["term_id"]))
    assert (row["number"], row["kind"], row["direction"], row["channel"]) == ("I-1", "call", "in", "phone")
    assert (row["topic"], row["at"], sequence) == ("renewal", datetime(2026, 3, 1, 10, 30, tzinfo=VILNIUS), 2)
    assert row["employee_id"] is not None
    assert row["party_id"] == db.scalar(select(parties.c.id))
    assert report.tallies["contacts"].added == 1


def test_contacts_are_news_once(db: Connection, bring: Bring) -> None:
    """The client got in touch; importing the file again reports nothing."""
    _furnish(bring)

    bring("interactions", HEAD + CALL + COMPLAINT)
    again = bring("interactions", HEAD + CALL + COMPLAINT)

    assert _reported(db) == [
        ("interaction.received", "interaction"),
        ("client.answered", "client"),
        ("complaint.received", "interaction"),
        ("interaction.received", "interaction"),
        ("client.answered", "client"),
    ]
    assert {(tally.added, tally.changed) for tally in again.tallies.values()} == {(0, 0)}


def test_a_complaint_is_kept_with_its_care(db: Connection, bring: Bring) -> None:
    """Received when the contact took place; closing it later is reported once."""
    _furnish(bring)
    bring("interactions", HEAD + COMPLAINT)
    closed = COMPLAINT.replace("2026-04-01,,\n", "2026-04-01,2026-03-03,2026-03-04\n")

    changed = bring("interactions", HEAD + closed, at=datetime(2026, 3, 5, 8, tzinfo=UTC))
    bring("interactions", HEAD + closed, at=datetime(2026, 3, 6, 8, tzinfo=UTC))

    row = db.execute(select(complaints)).mappings().one()
    assert (row["cause"], row["answer_by"]) == ("delay", date(2026, 4, 1))
    assert (row["received_at"], row["closed_at"]) == (
        datetime(2026, 3, 2, 7, tzinfo=VILNIUS),
        datetime(2026, 3, 4, tzinfo=VILNIUS),
    )
    assert changed.tallies["complaints"].fields == {"answered_at": 1, "closed_at": 1}
    assert [kind for kind, _ in _reported(db)].count("complaint.closed") == 1


def test_a_stranger_who_writes_in_is_a_lead(db: Connection, bring: Bring) -> None:
    """The client comes in with the contact."""
    bring("interactions", HEAD + ENQUIRY)

    assert db.scalar(select(parties.c.standing)) == "new"
    assert _reported(db) == [
        ("lead.created", "client"),
        ("interaction.received", "interaction"),
        ("client.answered", "client"),
    ]


def test_old_contacts_are_history(db: Connection, bring: Bring) -> None:
    """Years of calls wake nobody; a complaint nobody answered does, an answered one does not; ours never."""
    _furnish(bring)
    old_call = CALL.replace("2026-03-01T10:30", "2020-03-01T10:30")
    open_one = COMPLAINT.replace("2026-03-02T07:00", "2025-11-02T07:00")
    answered = open_one.replace("I-2", "I-4").replace("2026-04-01,,", "2026-04-01,2025-11-03,")
    ours = CALL.replace("I-1", "I-5").replace("call,in", "call,out")

    bring("interactions", HEAD + old_call + open_one + answered + ours)

    assert _reported(db) == [("complaint.received", "interaction")]
    moment = db.scalar(select(happenings.c.at))
    assert moment == datetime(2025, 11, 2, 7, tzinfo=VILNIUS)


def test_a_dry_run_reports_nothing(db: Connection, bring: Bring) -> None:
    """It counts as if."""
    _furnish(bring)

    report = bring("interactions", HEAD + CALL + COMPLAINT + ENQUIRY, dry_run=True)

    counted = {name: tally.added for name, tally in report.tallies.items() if name in {"contacts", "complaints"}}
    assert counted == {"contacts": 3, "complaints": 1}
    assert _reported(db) == []


def test_a_contact_that_cannot_be_is_refused(bring: Bring) -> None:
    """Each with its reason."""
    _furnish(bring)
    bring("interactions", HEAD + COMPLAINT.replace("I-2", "I-0"))

    report = bring(
        "interactions",
        HEAD
        + CALL.replace("2026-03-01", "2026-03-09")
        + COMPLAINT.replace("complaint,in", "complaint,out")
        + CALL.replace("I-1", "I-3").replace("P-1,,", "P-1,delay,")
        + COMPLAINT.replace("I-2", "I-4").replace("2026-04-01,,", "2026-04-01,2026-03-01,")
        + CALL.replace("I-1", "I-5").replace("P-1", "P-7")
        + CALL.replace("I-1", "I-6").replace("rasa", "rasa2")
        + CALL.replace("I-1", "I-7").replace("call,in", "cal,in")
        + CALL.replace("I-1", "I-0"),
    )

    assert _reasons(report) == [
        "row 2, at: the moment lies in the future",
        "row 3, direction: a complaint comes in; what we answer belongs under complaint.answered_at",
        "row 4, cause: only a contact of the kind complaint has one",
        "row 5, answered_at: it lies before the complaint was received",
        "row 6, policy.number: there is no policy with the number 'P-7'; did you mean P-1? Import policies first.",
        "row 7, employee: there is no employee with the login 'rasa2'; did you mean rasa? Import employees first.",
        (
            "row 8, interaction.kind: 'cal' is not one of call, visit, letter, message, complaint, enquiry, praise, "
            "service_request, referral; did you mean call?"
        ),
        (
            "row 9, interaction.kind: it is in the book as a complaint, which can be closed but not unsaid; "
            "bring complaint.closed_at"
        ),
    ]


def test_a_policy_number_of_two_insurers_needs_the_insurer(bring: Bring, db: Connection) -> None:
    """A number is unique with one insurer only."""
    _furnish(bring)
    bring("policies", POLICIES + "K1,person,Ona,existing,lunar,P-1,motor,2025-06-01,2026-06-01,1,\n")
    head = HEAD.replace("policy.number", "policy.insurer,policy.number")

    report = bring(
        "interactions",
        head + CALL.replace("P-1", ",P-1") + CALL.replace("I-1", "I-2").replace("P-1", "lunar,P-1"),
    )

    assert _reasons(report) == [
        "row 2, policy.number: several insurers have a policy of that number; bring policy.insurer"
    ]
    insurer = select(policies.c.insurer_id).join(terms).join(interactions, interactions.c.term_id == terms.c.id)
    assert len(db.scalars(insurer).all()) == 1


def test_blacklisting_a_client_is_reported_when_it_changes(db: Connection, bring: Bring) -> None:
    """Once; a date that only moves is no news."""
    head = "number,kind,name,blacklisted_at,blacklist_reason\n"
    bring("clients", head + "K1,person,Ona,,\n")

    bring("clients", head + "K1,person,Ona,2026-03-01,fraud\nK2,person,Jonas,2025-01-01,fraud\n")
    bring("clients", head + "K1,person,Ona,2026-02-28,fraud\n")

    assert _reported(db) == [("client.blacklisted", "client")] * 2
    assert db.scalar(select(parties.c.blacklist_reason).where(parties.c.number == "K1")) == "fraud"


def test_a_reason_for_blacklisting_needs_its_date(bring: Bring) -> None:
    """Else nobody knows whether the client is listed."""
    report = bring("clients", "number,kind,name,blacklist_reason\nK1,person,Ona,fraud\n")

    assert _reasons(report) == ["row 2, blacklist_reason: a reason without a date; bring client.blacklisted_at"]


def test_withdrawn_consent_is_reported_when_it_was_given(db: Connection, bring: Bring) -> None:
    """Saying no to what was never given changes nothing."""
    head = "number,kind,name,marketing_consent\n"
    bring("clients", head + "K1,person,Ona,yes\nK2,person,Jonas,no\n")

    bring("clients", head + "K1,person,Ona,no\nK2,person,Jonas,no\n")
    bring("clients", head + "K1,person,Ona,no\n")

    assert _reported(db) == [("client.consent_withdrawn", "client")]


def test_a_lead_is_a_new_client_whom_the_file_calls_new(db: Connection, bring: Bring) -> None:
    """A list of clients that says nothing of them is a move from another system."""
    bring("clients", "number,kind,name\nK1,person,Ona\n")
    head = "number,kind,name,standing\n"

    bring("clients", head + "K1,person,Ona,new\nK2,person,Jonas,new\nK3,person,Rasa,existing\n")
    bring("clients", head + "K2,person,Jonas,new\n")

    leads = select(parties.c.number).join(happenings, happenings.c.subject_id == parties.c.id)
    assert db.scalars(leads).all() == ["K2"]


def test_notice_is_reported_when_it_comes(db: Connection, bring: Bring) -> None:
    """For a term in the book, and for one that comes in with it; not for one that is over."""
    _furnish(bring)
    rows = "K1,person,Ona,existing,lumen,{},motor,{},{},1,2026-03-01\n"
    known = "K1,person,Ona,existing,lumen,P-1,motor,2025-06-01,2026-06-01,2,2026-03-01\n"
    fresh, over = rows.format("P-2", "2025-06-01", "2026-06-01"), rows.format("P-3", "2024-06-01", "2025-06-01")

    bring("policies", POLICIES + known + fresh + over)
    bring("policies", POLICIES + known + fresh + over)

    told = db.scalars(
        select(policies.c.number)
        .select_from(happenings.join(terms, terms.c.id == happenings.c.subject_id).join(policies))
        .where(happenings.c.kind == "term.notice_received")
        .order_by(policies.c.number)
    ).all()
    assert told == ["P-1", "P-2"]
