"""Every field of the catalogue can be read, by SQL, from every subject that reaches it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, func, literal, select, true

from models import campaigns, contacts, contracts, definitions, parties, receivables, work
from standards.catalogue import SUBJECTS, FieldType, fields_of
from standards.service.standard import Dimensions
from tasks.facts.fields import (
    FieldOutOfReach,
    Reading,
    client_and_campaign,
    dimensions_of,
    facts,
    facts_of_many,
    people_of,
)

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EARLIER, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
PATHS = [
    "term.expires_on",
    "term.premium_gross",
    "term.is_renewed",
    "policy.number",
    "policy.product_line",
    "insurer.code",
    "policyholder.name",
    "client.age",
    "client.is_blacklisted",
    "client.running",
    "client.product_lines",
    "client.last_contacted_at",
    "programme.kind",
]
OVERDUE = {
    "issuer": "house",
    "number": "I1",
    "kind": "premium",
    "creditor": "insurer",
    "collector": "house",
    "issued_on": date(2026, 2, 1),
    "due_on": date(2026, 3, 1),
    "amount": Decimal(10),
    "open_amount": Decimal(10),
    "currency": "EUR",
    "state": "issued",
}
SQL_TYPES = {
    FieldType.TEXT: {"text"},
    FieldType.CODE: {"text"},
    FieldType.CODES: {"text[]"},
    FieldType.NUMBER: {"integer", "bigint"},
    FieldType.MONEY: {"numeric"},
    FieldType.DATE: {"date"},
    FieldType.MOMENT: {"timestamp with time zone"},
    FieldType.YES_NO: {"boolean"},
    FieldType.PERSON: {"text"},
}


def a_case(process_id: int, subject_id: int) -> dict[str, Any]:
    """A running case about a term."""
    names = ("process_id", "version_id", "subject_type", "subject_id", "cycle_id", "started_at")
    return dict(zip(names, (process_id, 1, "term", subject_id, subject_id, AT), strict=True))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_field_has_sql_of_its_type(db: Connection, subject: str) -> None:
    """The type PostgreSQL gives an expression is the one the catalogue promises."""
    reading = Reading(subject, AT)
    known = fields_of(subject)
    columns = {path: func.pg_typeof(reading.value(path)) for path in known}

    one_row = select(literal(1).label("one")).subquery()
    found = db.execute(select(*columns.values()).select_from(one_row.outerjoin(reading.source, true())))

    types = dict(zip(columns, found.first() or (), strict=True))
    assert {path for path, field in known.items() if types[path] not in SQL_TYPES[field.type]} == set()


def test_facts_of_a_term_come_from_everything_it_hangs_on(book: Any) -> None:
    """One statement reads the term, its policy, its insurer and its client; a person is shown by name, not by login."""
    jonas = book.employee("jonas")
    client = book.client(account_manager=jonas, name="Ona", tier="vip", birth_date=date(1980, 3, 3))
    policy = book.policy(client, line="home", insurer="ergo", number="H-1")
    term = book.term(policy, date(2026, 4, 1), premium_gross=Decimal("120.50"), currency="EUR", premium_period="year")

    found = facts(book.db, "term", term, [*PATHS, "client.account_manager"], AT)

    assert found == {
        "term.expires_on": date(2026, 4, 1),
        "term.premium_gross": Decimal("120.50"),
        "term.is_renewed": False,
        "policy.number": "H-1",
        "policy.product_line": "home",
        "insurer.code": "ergo",
        "policyholder.name": "Ona",
        "client.age": 45,
        "client.is_blacklisted": False,
        "client.running": (),
        "client.product_lines": ("home",),
        "client.last_contacted_at": None,
        "client.account_manager": "Jonas",
        "programme.kind": None,
    }


def test_each_subject_has_its_own_facts(book: Any) -> None:
    """What is worked out for one is never another's, however deep the question goes."""
    jonas, ona = book.employee("jonas"), book.employee("ona")
    terms = [book.cover(date(2026, 4, 1), account_manager=manager) for manager in (jonas, ona, None)]

    found = facts_of_many(book.db, "term", terms, ["client.account_manager"], AT)

    assert [found[term]["client.account_manager"] for term in terms] == ["Jonas", "Ona", None]


def test_a_subject_that_does_not_exist_has_no_facts(book: Any) -> None:
    """Every field of it is missing."""
    assert facts(book.db, "term", 4711, ["term.expires_on"], AT) == {"term.expires_on": None}


def test_facts_of_many_are_read_at_once(book: Any) -> None:
    """By number of the subject, whatever the order, and only those that exist."""
    first, second = book.cover(date(2026, 4, 1)), book.cover(date(2026, 5, 1))

    found = facts_of_many(book.db, "term", [second, first, 4711], ["term.expires_on"], AT)

    assert found == {first: {"term.expires_on": date(2026, 4, 1)}, second: {"term.expires_on": date(2026, 5, 1)}}


def test_a_responsibility_ends_on_the_day_the_next_one_begins(book: Any) -> None:
    """Handing a client over on the 2nd makes the new manager theirs from the 2nd on."""
    old, new = book.employee("old"), book.employee("new")
    client = book.client()
    book.responsible(client, old, until=date(2026, 3, 2))
    book.responsible(client, new, since=date(2026, 3, 2))

    before, after = (
        people_of(book.db, "client", client, ["client.account_manager"], datetime(2026, 3, day, 12, tzinfo=UTC))
        for day in (1, 2)
    )

    assert (before, after) == ({"client.account_manager": old}, {"client.account_manager": new})


def test_what_is_computed_counts_only_what_holds_on_the_day(book: Any) -> None:
    """Consent withdrawn later, a claim still open, a debt overdue since yesterday, a blacklisting of today."""
    client = book.client(blacklisted_at=AT)
    policy = book.policy(client)
    term = book.term(policy, date(2026, 4, 1))
    book.put(
        parties.consents, party_id=client, purpose="marketing", given_at=EARLIER, withdrawn_at=LATER, source="form"
    )
    book.put(contacts.claims, number="K1", policy_id=policy, occurred_at=EARLIER)
    book.put(contacts.interactions, party_id=client, kind="call", direction="in", channel="phone", at=EARLIER)
    book.put(receivables.receivables, **OVERDUE, payer_id=client, insurer_id=book.insurers["lietuvos"])
    book.term(policy, date(2027, 4, 1), sequence=2, renewed_term_id=term)

    paths = ["client.has_marketing_consent", "policy.open_claims", "client.is_debtor", "client.is_blacklisted"]
    found = facts(book.db, "term", term, [*paths, "client.last_contacted_at", "term.is_renewed"], AT)

    assert tuple(found.values()) == (True, 1, True, True, EARLIER, True)


def test_processes_under_way_are_known_by_name(book: Any) -> None:
    """Running cases count once per process; ended ones do not."""
    client = book.client()
    process = book.put(definitions.processes, name="renewal", subject="term")
    for subject in (1, 2):
        book.put(work.cases, **a_case(process, subject), client_id=client)

    assert facts(book.db, "client", client, ["client.running"], AT) == {"client.running": ("renewal",)}


def test_preferred_addresses_come_first_and_bounced_ones_never(book: Any) -> None:
    """An e-mail that came back is as good as none."""
    client = book.client()
    for value, more in (("a@x.lt", {}), ("b@x.lt", {"is_preferred": True}), ("c@x.lt", {"bounced_at": AT})):
        book.put(parties.contact_points, party_id=client, channel="email", value=value, **more)

    assert facts(book.db, "client", client, ["client.email", "client.phone"], AT) == {
        "client.email": "b@x.lt",
        "client.phone": None,
    }


def test_dimensions_follow_from_the_subject(book: Any) -> None:
    """The channel of the policy outranks that of the client; what a subject cannot have stays empty."""
    term = book.term(book.policy(book.client(tier="vip", channel="web"), channel="branch"), date(2026, 4, 1))

    found = dimensions_of(book.db, "term", term, action="call", process="renewal", step="call", as_of=AT)

    assert found == Dimensions(
        action="call",
        process="renewal",
        step="call",
        product_line="motor",
        client_kind="person",
        client_tier="vip",
        client_standing="new",
        insurer="lietuvos",
        channel="branch",
    )


def test_a_campaign_member_knows_client_and_campaign(book: Any) -> None:
    """Its client is the party on the list, its cycle the campaign."""
    client, line = book.client(), book.put(contracts.product_lines, code="travel", labels={})
    campaign = book.put(campaigns.campaigns, code="spring", name="Spring", product_line_id=line, starts_on=AT.date())
    member = book.put(campaigns.campaign_members, campaign_id=campaign, party_id=client, listed_at=AT)

    found = dimensions_of(book.db, "campaign_member", member, action="call", process="c", step="s", as_of=AT)

    assert client_and_campaign(book.db, "campaign_member", member, AT) == (client, campaign)
    assert (found.campaign, found.product_line) == ("spring", "travel")


def test_a_receivable_without_term_belongs_to_its_payer(book: Any) -> None:
    """A fee is owed by somebody even when no policy stands behind it."""
    client = book.client()
    fee = book.put(receivables.receivables, **OVERDUE | {"kind": "fee", "creditor": "house"}, payer_id=client)

    assert client_and_campaign(book.db, "receivable", fee, AT) == (client, None)


def test_an_employee_belongs_to_no_client(book: Any) -> None:
    """Its team and manager are fields like others."""
    boss = book.employee("boss")
    jonas = book.employee("jonas", manager_id=boss, team_id=book.team("sales"))

    assert client_and_campaign(book.db, "employee", jonas, AT) == (None, None)
    assert facts(book.db, "employee", jonas, ["employee.team", "employee.manager"], AT) == {
        "employee.team": "sales",
        "employee.manager": "Boss",
    }


def test_a_period_is_known_by_its_number_alone(db: Connection) -> None:
    """A year, a quarter and a month, each from its first day to its last."""
    found = facts_of_many(db, "period", [2028, 20281, 202802], ["period.starts_on", "period.ends_on"], AT)

    assert {number: tuple(dates.values()) for number, dates in found.items()} == {
        2028: (date(2028, 1, 1), date(2028, 12, 31)),
        20281: (date(2028, 1, 1), date(2028, 3, 31)),
        202802: (date(2028, 2, 1), date(2028, 2, 29)),
    }


def test_a_field_out_of_reach_is_refused(db: Connection) -> None:
    """The message names the subject, the path and the nearest that exists."""
    with pytest.raises(FieldOutOfReach) as refused:
        facts(db, "client", 1, ["term.expires_on"], AT)
    with pytest.raises(FieldOutOfReach) as misspelt:
        facts(db, "client", 1, ["client.teir"], AT)

    assert str(refused.value) == "A client has no 'term.expires_on'."
    assert str(misspelt.value) == "A client has no 'client.teir'; did you mean client.tier?"


def test_a_subject_there_is_not_is_refused() -> None:
    """The message lists the subjects there are."""
    with pytest.raises(FieldOutOfReach, match=r"^No case can be about 'trem'; did you mean term\? Subjects are term, "):
        Reading("trem", AT)


def test_only_fields_of_people_name_people(db: Connection) -> None:
    """A path that names nobody is refused where somebody is looked for."""
    with pytest.raises(FieldOutOfReach, match=r"^A client has no 'client\.name'"):
        people_of(db, "client", 1, ["client.name"], AT)
