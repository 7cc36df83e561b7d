"""Letters a process sends: to whom, in which language, with which facts, and when nothing is sent at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import contracts, outbox, parties
from tasks.handbooks.handbook import NotPublished

House = Any

STORY = """
process: story
title: A story
subject: term
start: {{by hand: true, assign: client.account_manager}}
steps:
  call: {{action: call, outcomes: {{yes: {{next: letter, ask: {{premium: money}}}}}}}}
  letter: {{send: hello, to: {to}, next: rest}}
  rest: {{wait: 3 days, end: good}}
ends:
  good: {{success: true}}
"""


def written(house: House, to: str = "client") -> Any:
    """A case that has sent its letter; the message in the outbox, if there is one."""
    house.publish(STORY.format(to=to))
    house.complete(house.task(house.start("story")), "yes", premium="120.50")
    messages = house.rows(outbox.messages)
    return messages[0] if messages else None


def test_a_letter_is_a_row_in_the_outbox_with_the_facts_that_must_not_drift(small_house: House) -> None:
    """Amounts and dates as they were when it was caused; names are read when it is sent."""
    house = small_house
    body = "{{ policyholder.name }}: {{ case.premium }} until {{ term.expires_on | date }}"
    version_id = house.letter("hello", body=body)

    message = written(house)

    assert (message["template"], message["letter_version_id"], message["party_id"]) == (
        "hello",
        version_id,
        house.ids["C-1"],
    )
    assert message["facts"] == {"case.premium": "120.50", "term.expires_on": "2026-03-31"}
    assert (message["message_class"], message["channel"], message["state"]) == ("service", "email", "pending")
    assert message["key"] == f"case:{message['case_id']}:letter::1:email:{house.ids['C-1']}"


@pytest.mark.parametrize(("speaks", "reads"), [("lt", "lt"), ("es", "en"), ("en", "en")])
def test_a_letter_is_in_the_clients_language_else_in_english(small_house: House, speaks: str, reads: str) -> None:
    """Spanish was never written."""
    house = small_house
    house.change(parties.parties, house.ids["C-1"], language=speaks)
    house.letter("hello", language="en")
    house.letter("hello", language="lt")

    assert written(house)["language"] == reads


def test_a_client_without_an_email_gets_a_letter(small_house: House) -> None:
    """On paper: the row waits for that channel."""
    house = small_house
    house.db.execute(parties.contact_points.delete())
    house.letter("hello")

    assert written(house)["channel"] == "letter"


def test_a_bounced_address_is_none(small_house: House) -> None:
    """What came back once is not tried again."""
    house = small_house
    house.db.execute(parties.contact_points.update().values(bounced_at=house.now))
    house.letter("hello")

    assert written(house)["channel"] == "letter"


def test_marketing_needs_consent_and_the_ledger_says_when_it_was_missing(small_house: House) -> None:
    """The case goes on without the letter."""
    house = small_house
    house.letter("hello", letter_class="marketing")

    message = written(house)

    (event,) = [row for row in house.events(house.case_id(), ["step.passed"]) if row["data"]["step"] == "letter"]
    assert message is None
    assert event["data"]["result"] == "no_consent"
    assert house.kinds(house.case_id())[-1] == "step.waited"


def test_marketing_goes_to_whoever_agreed(small_house: House) -> None:
    """And has not withdrawn."""
    house = small_house
    house.add(
        parties.consents,
        party_id=house.ids["C-1"],
        purpose="marketing",
        given_at=house.at("2025-01-01 09:00"),
        source="paper",
    )
    house.letter("hello", letter_class="marketing")

    assert written(house)["message_class"] == "marketing"


def test_the_payer_of_a_term_is_written_to_by_role(small_house: House) -> None:
    """A company pays for its driver."""
    house = small_house
    payer = house.client("C-2", "UAB Vežėjas", kind="company")
    house.add(contracts.party_roles, term_id=house.ids["term P-1"], party_id=payer, role="payer")
    house.letter("hello")

    message = written(house, "payer")

    assert (message["party_id"], message["role"]) == (payer, "payer")


def test_a_role_that_is_over_falls_back_to_the_client(small_house: House) -> None:
    """They no longer pay."""
    house = small_house
    payer = house.client("C-2", "UAB Vežėjas", kind="company")
    house.add(
        contracts.party_roles,
        term_id=house.ids["term P-1"],
        party_id=payer,
        role="payer",
        until=date(2026, 1, 1),
    )
    house.letter("hello")

    assert written(house, "payer")["party_id"] == house.ids["C-1"]


def test_a_letter_nobody_wrote_keeps_the_outcome_from_being_kept(small_house: House) -> None:
    """Silently sending nothing would be worse."""
    with pytest.raises(NotPublished) as refused:
        written(small_house)

    assert str(refused.value) == "There is no letter 'hello'. Write it under letters/ and publish."
