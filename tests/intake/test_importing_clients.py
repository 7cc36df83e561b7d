"""Clients into the book: who they are, where they can be reached, who looks after them, what they agreed to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, select

from intake.importing import ImportReport
from intake.loading.care import FROM_THE_FIRST
from intake.reading.headings import HeadingsNotFields
from models.parties import consents, contact_points, parties, requirements, responsibilities
from models.people import employees

Bring = Callable[..., ImportReport]

HEAD = "number,kind,name,given_name,family_name,language,email,phone,account_manager,marketing_consent\n"
ONA = "K1,person,Ona Žukė,Ona,Žukė,lt,ona@example.lt,+370 600 00001,rasa,yes\n"
PEOPLE = "login,name\nrasa,Rasa\ntomas,Tomas\n"


def test_a_client_comes_in_whole(db: Connection, bring: Bring) -> None:
    """In taktas' own layout no mapping is needed; people are ordered by their family name."""
    bring("employees", PEOPLE)

    report = bring("clients", HEAD + ONA)

    client = db.execute(select(parties)).mappings().one()
    assert (client["number"], client["name"], client["language"]) == ("K1", "Ona Žukė", "lt")
    assert client["sort_key"] == "z~uke ona\tžukė ona"
    assert set(db.execute(select(contact_points.c.channel, contact_points.c.value)).all()) == {
        ("email", "ona@example.lt"),
        ("phone", "+370 600 00001"),
    }
    login = select(employees.c.login).join(responsibilities, responsibilities.c.employee_id == employees.c.id)
    assert db.scalars(login).all() == ["rasa"]
    assert db.execute(select(consents.c.purpose, consents.c.source)).all() == [("marketing", "import")]
    assert {name: tally.added for name, tally in report.tallies.items()} == {
        "clients": 1,
        "addresses": 2,
        "responsibilities": 1,
        "consents": 1,
    }


def test_the_same_client_again_changes_nothing(bring: Bring) -> None:
    """Addresses, responsibilities and consents neither."""
    bring("employees", PEOPLE)
    bring("clients", HEAD + ONA)

    again = bring("clients", HEAD + ONA)

    assert {(tally.added, tally.changed) for tally in again.tallies.values()} == {(0, 0)}


def test_a_name_may_come_in_two_parts(db: Connection, bring: Bring) -> None:
    """The whole name is put together."""
    bring("clients", "number,kind,given_name,family_name,language\nK1,person,Juan,Núñez,es\n")

    assert db.execute(select(parties.c.name, parties.c.sort_key)).one() == ("Juan Núñez", "nun~ez juan\tnúñez juan")


def test_a_new_address_is_preferred_and_the_old_one_kept(db: Connection, bring: Bring) -> None:
    """The reader of a letter is asked at the address that was told last."""
    bring("employees", PEOPLE)
    bring("clients", HEAD + ONA)

    bring("clients", HEAD + ONA.replace("ona@example.lt", "ona@example.com"))

    emails = select(contact_points.c.value, contact_points.c.is_preferred).where(contact_points.c.channel == "email")
    assert set(db.execute(emails).all()) == {("ona@example.lt", False), ("ona@example.com", True)}


def test_handing_a_client_over_is_dated(db: Connection, bring: Bring) -> None:
    """The first ever named has had them from the first, so that work as of an earlier day finds an owner."""
    bring("employees", PEOPLE)
    bring("clients", HEAD + ONA, at=datetime(2026, 3, 2, 8, tzinfo=UTC))

    again = bring("clients", HEAD + ONA.replace("rasa", "tomas"), at=datetime(2026, 4, 1, 8, tzinfo=UTC))

    rows = db.execute(
        select(employees.c.login, responsibilities.c.since, responsibilities.c.until)
        .join(responsibilities, responsibilities.c.employee_id == employees.c.id)
        .order_by(responsibilities.c.since)
    ).all()
    assert rows == [("rasa", FROM_THE_FIRST, date(2026, 4, 1)), ("tomas", date(2026, 4, 1), None)]
    assert again.tallies["responsibilities"].fields == {"account_manager": 1}


def test_a_consent_is_withdrawn_and_given_anew(db: Connection, bring: Bring) -> None:
    """Each time is a row of its own."""
    bring("employees", PEOPLE)
    bring("clients", HEAD + ONA)

    bring("clients", HEAD + ONA.replace("yes", "ne"))
    withdrawn = db.scalars(select(consents.c.withdrawn_at)).all()
    bring("clients", HEAD + ONA.replace("yes", "taip"))

    assert withdrawn == [datetime(2026, 3, 2, 8, tzinfo=UTC)]
    assert len(db.scalars(select(consents.c.id)).all()) == 2


def test_a_client_named_twice_goes_in_once(db: Connection, bring: Bring) -> None:
    """The second row is refused."""
    report = bring("clients", "number,kind,name\nK1,person,Ona\nK1,person,Jonas\n")

    assert [str(problem) for problem in report] == ["row 3, number: row 2 is about the same client already"]
    assert db.scalars(select(parties.c.name)).all() == ["Ona"]


def test_birth_dates_lie_in_the_past(bring: Bring) -> None:
    """A date of next year is a mistake."""
    report = bring("clients", "number,kind,name,birth_date\nK1,person,Ona,2026-03-03\n")

    assert [str(problem) for problem in report] == ["row 2, birth_date: the date lies in the future"]


def test_headings_that_are_no_fields_are_refused_together(bring: Bring) -> None:
    """A misspelt column would be left out silently otherwise."""
    with pytest.raises(HeadingsNotFields) as refused:
        bring("clients", "number,kind,name,emial,colour\nK1,person,Ona,,\n")

    assert str(refused.value) == (
        "Without a mapping the columns of table.csv must be headed with the fields of clients "
        "(`taktas import clients --fields` lists them). Rename them, or write a mapping and name it with --map.\n"
        "the column 'emial' is none.\n"
        "the column 'colour' is none."
    )


def test_papers_come_in_once_each(db: Connection, bring: Bring) -> None:
    """A mandate that came on another day is another mandate; its state may change."""
    bring("clients", "number,kind,name\nK1,person,Ona\n")
    head = "client.number,type,received_at,valid_until,state\n"
    bring("documents", head + "K1,mandate,2025-01-10,2026-01-10,received\n")

    again = bring(
        "documents",
        head
        + "K1,mandate,2025-01-10,2026-01-10,accepted\n"
        + "K1,mandate,2026-01-10,2027-01-10,accepted\n"
        + "K9,mandate,2026-01-10,2027-01-10,accepted\n",
    )

    tally = again.tallies["documents"]
    assert (tally.added, tally.changed, tally.fields) == (1, 1, {"state": 1})
    assert [str(problem) for problem in again] == [
        "row 4, client.number: there is no client with the number 'K9'. Import clients first."
    ]
    assert db.scalars(select(requirements.c.state)).all() == ["accepted", "accepted"]
