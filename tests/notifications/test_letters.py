"""Letters to clients: published text, today's fields, lasting amounts, consent at the moment of sending."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import contracts, parties, receivables, work
from notifications.outbox.states import Outcome
from notifications.sending.draining import drain
from notifications.wording.letters import fact_again


@pytest.fixture
def term(post: Any) -> tuple[int, int]:
    """A client's term of a policy: the numbers of both."""
    client = post.client("Ona Šiaulytė", language="lt")
    line = post.put(contracts.product_lines, code="motor", labels={"en": "Motor"})
    insurer = post.put(contracts.insurers, code="balta", name="Balta")
    policy = post.put(
        contracts.policies, client_id=client, insurer_id=insurer, product_line_id=line, number="P-1", channel="office"
    )
    made = post.put(
        contracts.terms,
        policy_id=policy,
        sequence=1,
        starts_on=date(2025, 4, 1),
        expires_on=date(2026, 3, 31),
        premium_gross=Decimal("120.50"),
        premium_period="year",
        currency="EUR",
    )
    return client, made


def queue_letter(post: Any, term: tuple[int, int], letter: int, **values: Any) -> int:
    """A service letter about the term, to its client."""
    facts = {
        "message_class": "service",
        "template": "renewal_reminder",
        "party_id": term[0],
        "subject_type": "term",
        "subject_id": term[1],
        "letter_version_id": letter,
    } | values
    return int(post.queue(**facts))


def test_a_letter_is_filled_with_what_is_so_now(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """Fields are read when sending, in the letter's language, as text and as HTML."""
    letter = post.letter(
        "{{ policy.number }} baigiasi",
        "Gerb. {{ client.name }}, polisas galioja iki {{ term.expires_on | date }}.\n",
        "<p>Gerb. {{ client.name }}</p>\n",
        language="lt",
    )
    queue_letter(post, term, letter)

    report = drain(noon)

    (mail,) = post.mails()
    assert report.counts[Outcome.SENT] == 1
    assert mail["Subject"] == "P-1 baigiasi"
    assert mail["To"].addresses[0].display_name == "Ona Šiaulytė"
    text = mail.get_body(("plain",)).get_content().strip()
    assert text == "Gerb. Ona Šiaulytė, polisas galioja iki 2026 m. kovo 31 d.."
    assert mail.get_body(("html",)).get_content().strip() == "<p>Gerb. Ona Šiaulytė</p>"


def test_amounts_and_dates_are_those_of_the_day_it_was_caused(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """The premium was changed since; the letter names the one it was written about."""
    letter = post.letter("Premium", "{{ term.premium_gross | money(term.currency) }}\n")
    queue_letter(post, term, letter, facts={"term.premium_gross": "99.90", "term.expires_on": "2026-03-31"})

    drain(noon)

    assert post.mails()[0].get_body(("plain",)).get_content().strip() == "€99.90"


def test_a_list_in_a_letter_names_each_member(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """The client's open receivables, each with its own fields."""
    client, made = term
    for number in ("I-1", "I-2"):
        post.put(
            receivables.receivables,
            issuer="house",
            number=number,
            kind="fee",
            creditor="house",
            collector="house",
            payer_id=client,
            term_id=made,
            issued_on=date(2026, 1, 1),
            due_on=date(2026, 2, 1),
            amount=Decimal(10),
            open_amount=Decimal(10),
            currency="EUR",
            state="sent",
        )
    letter = post.letter("Due", "{% for it in term.receivables %}{{ it.number }};{% endfor %}\n")
    queue_letter(post, term, letter, case_id=post.put_case(made, client))

    drain(noon)

    assert post.mails()[0].get_body(("plain",)).get_content().strip() == "I-1;I-2;"


def test_a_missing_field_is_an_error_and_not_a_blank(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """The letter does not leave, and says which field it needs."""
    letter = post.letter("Call us", "Your number {{ client.phone }}.\n")
    number = queue_letter(post, term, letter)

    report = drain(noon)

    reason = (
        "The letter renewal_reminder (en, body.txt) needs client.phone, which is not known here. "
        "Fill it in, or drop this receiver."
    )
    assert report.refusals == [(number, reason)]
    assert post.row(number).state == "failed"


def test_marketing_without_consent_does_not_leave(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """Consent was there when it was queued and is withdrawn now: dropped, with the reason."""
    letter = post.letter("Offer", "Hello.\n", letter_class="marketing")
    post.put(
        parties.consents, party_id=term[0], purpose="marketing", given_at=noon, withdrawn_at=noon, source="website"
    )
    number = queue_letter(post, term, letter, message_class="marketing")

    report = drain(noon)

    assert report.counts[Outcome.DROPPED] == 1
    assert post.row(number).last_answer == (
        "Ona Šiaulytė has not agreed to marketing, or has withdrawn it; the letter is not sent."
    )


def test_marketing_with_consent_can_be_left(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """It carries the header by which a mail program offers to unsubscribe."""
    letter = post.letter("Offer", "Hello.\n", letter_class="marketing")
    post.put(parties.consents, party_id=term[0], purpose="marketing", given_at=noon, source="website")
    queue_letter(post, term, letter, message_class="marketing")

    drain(noon)

    assert post.mails()[0]["List-Unsubscribe"] == "<mailto:taktas@localhost?subject=unsubscribe>"


def test_nothing_is_sent_to_whom_was_erased(post: Any, noon: datetime) -> None:
    """Whatever the class."""
    letter = post.letter("Hello", "Hello.\n")
    number = post.queue(
        message_class="service", template="x", party_id=post.client(erased_at=noon), letter_version_id=letter
    )

    drain(noon)

    assert post.row(number).last_answer == "The data of this client were erased; nothing is sent to them."


def test_an_address_that_bounced_is_no_address(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """Without another one the letter fails."""
    with post.engine.begin() as db:
        db.execute(parties.contact_points.update().values(bounced_at=noon))
    number = queue_letter(post, term, post.letter("Hello", "Hello.\n"))

    drain(noon)

    assert post.row(number).last_answer == ("Ona Šiaulytė has no e-mail address that works. Add one, then send again.")


def test_a_paper_letter_is_not_mailed(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """Another channel waits for whoever prints it."""
    number = queue_letter(post, term, post.letter("Hello", "Hello.\n"), channel="letter")

    assert drain(noon).tried == 0
    assert post.row(number).state == "pending"


@pytest.mark.parametrize(
    ("path", "stored", "value"),
    [
        ("term.premium_gross", "12.30", Decimal("12.30")),
        ("term.expires_on", "2026-03-31", date(2026, 3, 31)),
        ("client.name", "Ona", "Ona"),
    ],
)
def test_a_stored_fact_is_the_value_it_was(path: str, stored: str, value: object) -> None:
    """Amounts as Decimal and dates as dates."""
    assert fact_again(path, stored) == value


@pytest.mark.parametrize(("has_bounced", "kind"), [(False, "letter.sent"), (True, "letter.bounced")])
def test_what_became_of_a_letter_is_told_to_its_cases_once(
    post: Any, term: tuple[int, int], noon: datetime, has_bounced: bool, kind: str
) -> None:
    """A process that waits for its letter to be delivered hears of it, or that it could not be."""
    if has_bounced:
        with post.engine.begin() as db:
            db.execute(parties.contact_points.update().values(bounced_at=noon))
    queue_letter(post, term, post.letter("Hello", "Hello.\n"), key="a-letter")

    drain(noon)
    drain(noon)

    with post.engine.begin() as db:
        told = db.execute(select(work.happenings.c.key, work.happenings.c.subject_id)).all()
    assert [tuple(row) for row in told] == [(f"{kind}:a-letter", term[1])]


def test_marketing_to_somebody_blacklisted_does_not_leave(post: Any, term: tuple[int, int], noon: datetime) -> None:
    """Blacklisted since it was queued; what the contract asks for still leaves."""
    letter = post.letter("Offer", "Hello.\n", letter_class="marketing")
    post.put(parties.consents, party_id=term[0], purpose="marketing", given_at=noon, source="website")
    number = queue_letter(post, term, letter, message_class="marketing")
    with post.engine.begin() as db:
        db.execute(parties.parties.update().where(parties.parties.c.id == term[0]).values(blacklisted_at=noon))

    drain(noon)

    row = post.row(number)
    assert (row.state, row.last_answer) == ("dropped", "Ona Šiaulytė is blacklisted; no marketing is sent to them.")
