"""The worked examples of docs/figures.md about the business: renewals, commission, campaigns, and what lies ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from core.actor import Actor, Door
from models import campaigns, contacts, contracts, definitions, parties, people, receivables
from reports.assignment import Question
from reports.campaign import campaign_report
from reports.dimension import By
from reports.load import load
from reports.period import Period
from reports.renewals import renewals_report
from standards.parsing import process_of
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks import calendars, handbook
from tasks.handbooks.book_sources import read_sources
from tasks.handbooks.edition import Edition, WrittenProcess
from tasks.handbooks.publishing import publish

ZONE = "Europe/Vilnius"
AS_OF = datetime(2026, 3, 6, 12, tzinfo=UTC)
ENDS = {"won": True, "lost": False, "lapsed": False, "moved": None}
RENEWALS = """\
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  leave out:
    blacklisted: {client.is_blacklisted: true}
steps:
  call:
    action: call
    outcomes:
      renewed: {end: won}
ends:
  won: {success: true}
"""
Page = Callable[[str], list[dict[str, str]]]


def in_vilnius(text: str) -> datetime:
    """A moment of a table, on the clock of the house."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def shown(figure: float | None, form: str = "") -> str:
    """A figure as a table has it."""
    return "" if figure is None else format(figure, form)


def edition_of(process: str) -> Edition:
    """One process, a standard for its calls, and the hours of the house."""
    sources = {"standards/calls.yaml": "standards:\n  calls:\n    for: {action: call}\n    effort: 20 minutes\n"}
    hours = {"calendar": "house", "zone": ZONE, "hours": {"monday to friday": "09:00-17:00"}}
    return Edition(
        processes=(WrittenProcess(process=process_of(process), source=process),),
        content=read_sources(sources),
        sources=sources,
        calendars=(CalendarDefinition.model_validate(hours),),
        letters=(),
    )


def write_renewals(desk: Any, page: Page) -> dict[tuple[str, str], int]:
    """The terms of the example, each with its case: number, old or new -> id."""
    written: dict[tuple[str, str], int] = {}
    process = desk.put(definitions.processes, name="renewal", subject="term")
    house = desk.put(contracts.insurers, code="acme", name="Acme")
    lines = {
        code: desk.put(contracts.product_lines, code=code, labels={"en": code}) for code in ("motor", "travel")
    }  # fmt: skip
    client = desk.client()
    for row in page("The renewals by hand"):
        policy = desk.put(
            contracts.policies,
            client_id=client,
            insurer_id=house,
            product_line_id=lines[row["product"]],
            number=row["term"],
        )
        facts = {
            "policy_id": policy,
            "sequence": 1,
            "starts_on": date(2025, 3, 15),
            "expires_on": date(2026, 3, 15),
            "premium_gross": Decimal(row["premium"]),
            "premium_period": row["for a"],
            "currency": row["currency"],
        }
        term = written[row["term"], "old"] = desk.put(contracts.terms, **facts)
        end, _, undone = row["case"].partition(", ")
        ended = {"end_code": end, "is_success": ENDS[end], "reason": row["reason"] or None} if end in ENDS else {}
        case = desk.case(process_id=process, subject_id=term, **ended)
        desk.task(case_id=case, dimensions={"product_line": row["product"]})
        if row["renewed at"]:
            stage = {"stage": "not_taken_up"} if undone else {}
            renewed = {"sequence": 2, "expires_on": date(2027, 3, 15), "starts_on": date(2026, 3, 15), **stage}
            amount = {"premium_gross": Decimal(row["renewed at"]), "premium_period": "year", "renewed_term_id": term}
            written[row["term"], "new"] = desk.put(contracts.terms, **(facts | renewed | amount))
    return written


def test_the_renewals_are_counted_as_by_hand(desk: Any, page: Page) -> None:
    """Won, lost and lapsed by product, and the money by currency."""
    write_renewals(desk, page)
    march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone=ZONE)

    told = renewals_report(desk.db, Question(period=march, by=(By.PRODUCT,), as_of=AS_OF))

    counts, money = told.sheets
    assert counts.total is not None
    names = ("renewals", "won", "lost", "lapsed", "undecided", "not counted")
    for row, wanted in zip([*counts.rows, counts.total], page("Renewals by product"), strict=True):
        assert row["product_name"] == wanted["product"]
        assert [str(row[name.replace(" ", "_")]) for name in names] == [wanted[name] for name in names]
    assert counts.rows[0]["reasons"] == {"lapsed": 1, "not_taken_up": 1, "price": 1}
    parts = {"expiring": "expiring", "kept": "won", "renewed at": "renewed", "lost": "lost", "lapsed": "lapsed"}
    for row, wanted in zip([*money.rows, *money.totals], page("Premium by product and currency"), strict=True):
        assert (row["product_name"], row["currency"]) == (wanted["product"], wanted["currency"])
        for name, key in (parts | {"undecided": "undecided"}).items():
            amount = row[f"premium_{key}"]
            assert ("" if amount is None else f"{amount:.0f}") == wanted[name], (name, wanted)


def test_the_campaign_is_counted_as_by_hand(desk: Any, page: Page) -> None:
    """Everybody in each stage they got to."""
    campaign = desk.put(
        campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 6)
    )
    for row in page("The campaign by hand"):
        listed_at = datetime(2026, 3, 1, tzinfo=UTC)
        member = desk.put(
            campaigns.campaign_members, campaign_id=campaign, party_id=desk.client(row["person"]), listed_at=listed_at
        )
        ended = {"end_code": row["end"], "is_success": row["end"] == "sold"} if row["end"] else {}
        case = desk.case(subject_type="campaign_member", subject_id=member, **ended)
        done = {"status": "done", "finished_at": AS_OF}
        if row["call"]:
            desk.task(case_id=case, outcome=row["call"], **done)
        if row["sale"]:
            sale = desk.case(parent_id=case)
            if row["offer"]:
                desk.task(action="offer", case_id=sale, outcome="accepted", **done)

    told = campaign_report(desk.db, datetime(2026, 3, 12, tzinfo=UTC), zone_name=ZONE)

    (counted,) = told.sheets[0].rows
    (wanted,) = page("How far they got")
    assert {stage: str(counted[stage]) for stage in wanted} == wanted
    assert (counted["sold_rate"], counted["days"]) == (0.2, 5)


def test_the_load_is_counted_as_by_hand(desk: Any, page: Page) -> None:
    """Work due in a week against the hours people are there in it."""
    calendars.calendar_of(desk.db)
    at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    friday = datetime(2026, 3, 5, 22, tzinfo=UTC), datetime(2026, 3, 6, 22, tzinfo=UTC)
    desk.put(people.absences, employee_id=staff["Asta"], starts_at=friday[0], ends_at=friday[1], kind="holiday")
    for row in page("The load by hand"):
        minutes = {"effort_minutes": int(row["effort"])}
        due = datetime.fromisoformat(row["due"]).replace(tzinfo=UTC) if row["due"] else None
        desk.task(dimensions=minutes, assignee_id=staff[row["who"]], due_at=due)

    told = load(desk.db, at, zone_name=ZONE, weeks=2)

    counted = [
        {
            "who": cell.name,
            "week": str(cell.week),
            "work": f"{cell.hours:.1f}",
            "there": f"{cell.capacity:.1f}",
            "load": f"{cell.load:.3f}",
        }
        for cell in told.cells
    ]
    assert counted == page("Load by person")
    assert [(cell.name, str(cell.week)) for cell in told.cells if cell.is_over] == [("Asta", "2026-03-02")]


def test_the_commission_is_counted_as_by_hand(desk: Any, page: Page) -> None:
    """Each kind by itself, each currency by itself; nothing where there is none, or where it was booked later."""
    terms, currencies = (
        write_renewals(desk, page),
        {row["term"]: row["currency"] for row in page("The renewals by hand")},
    )
    for row in page("Commission of these terms"):
        entry = {"kind": row["kind"], "amount": Decimal(row["amount"]), "currency": currencies[row["term"]]}
        term = terms[row["term"], row["on"]]
        desk.put(receivables.commission_entries, term_id=term, booked_on=date(2026, 3, 1), **entry)
        later = {**entry, "amount": Decimal(1000)}
        desk.put(receivables.commission_entries, term_id=term, booked_on=date(2026, 3, 7), **later)
    march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone=ZONE)

    money = renewals_report(desk.db, Question(period=march, by=(By.PRODUCT,), as_of=AS_OF)).sheets[1]

    keys = {name: f"commission_{name.replace(' ', '_')}" for name in ("expected", "received", "clawed back")}
    keys |= {"lost (expected)": "commission_lost_expected"}
    expected = page("Commission by product and currency")
    assert [(told["product_name"], told["currency"]) for told in money.rows] == [
        *((wanted["product"], wanted["currency"]) for wanted in expected),
        ("travel", "EUR"),
    ]
    for told, wanted in zip(money.rows, expected, strict=False):
        shown = {name: "" if told[key] is None else f"{told[key]:.0f}" for name, key in keys.items()}
        assert shown == {name: wanted[name] for name in keys}
    assert all(row["commission_earned"] is None for row in (*money.rows, *money.totals))


def test_the_requests_a_day_are_counted_as_by_hand(desk: Any, page: Page) -> None:
    """On days that are over, and on as many before; at midnight one day ends and the next begins."""
    days = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 6)}
    campaign = desk.put(campaigns.campaigns, code="spring", name="Spring", **days)
    listed = {row["person"]: desk.client(row["person"]) for row in page("The campaign by hand")}
    for party in listed.values():
        listed_at = datetime(2026, 3, 1, tzinfo=UTC)
        desk.put(campaigns.campaign_members, campaign_id=campaign, party_id=party, listed_at=listed_at)
    for row in page("Requests a day by hand"):
        facts = {"kind": row["what"], "at": in_vilnius(row["came in"]), "party_id": listed.get(row["from"])}
        desk.put(contacts.interactions, direction="in", channel="phone", **facts)

    for wanted in page("How many asked"):
        (told,) = campaign_report(desk.db, in_vilnius(wanted["as of"]), zone_name=ZONE).sheets[0].rows

        counts = {"days": "days", "before": "requests_before", "since": "requests_since"}
        counts |= {"listed before": "listed_requests_before", "listed since": "listed_requests_since"}
        assert {name: shown(told[key]) for name, key in counts.items()} == {name: wanted[name] for name in counts}
        rates = {"a day before": "a_day_before", "a day since": "a_day_since"}
        assert {name: shown(told[key], ".2f") for name, key in rates.items()} == {name: wanted[name] for name in rates}


def test_what_is_to_come_is_counted_as_by_hand(desk: Any, page: Page) -> None:
    """At the ringing that finds it, once, and not what is left out."""
    nobody = Actor(door=Door.COMMAND_LINE)
    publish(desk.db, nobody, edition_of(RENEWALS), datetime(2026, 1, 5, tzinfo=UTC))
    renewal, _ = handbook.current(desk.db, "renewal"), desk.employee("Asta")
    insurer = desk.put(contracts.insurers, code="acme", name="Acme")
    line = desk.put(contracts.product_lines, code="motor", labels={})
    for row in page("What is to come, by hand"):
        expires_on, client = date.fromisoformat(row["expires"]), desk.client()
        policy = desk.put(
            contracts.policies, client_id=client, insurer_id=insurer, product_line_id=line, number=row["term"]
        )
        term = desk.put(contracts.terms, policy_id=policy, sequence=1, expires_on=expires_on)
        assert str(expires_on - timedelta(days=45)) == row["45 days before"]
        if row["what of it"].startswith("has its case"):
            desk.case(process_id=renewal.process_id, subject_id=term, cycle_id=term, client_id=client)
        if row["what of it"] == "blacklisted":
            desk.db.execute(update(parties.parties).where(parties.parties.c.id == client).values(blacklisted_at=AS_OF))

    told = load(desk.db, in_vilnius("2026-03-04 12:00"), zone_name=ZONE, weeks=3)

    (coming,) = told.coming
    counted = [
        {"week": str(week), "new cases": str(cases), "first tasks (h)": f"{hours:.2f}"}
        for week, cases, hours in zip(told.weeks, coming.cases, coming.hours, strict=True)
    ]
    assert counted == page("To come by week")
