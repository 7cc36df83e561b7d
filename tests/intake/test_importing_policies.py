"""Policies into the book: what is new goes in once, what differs changes, and running cases hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from intake.importing import ImportReport
from models.contracts import insured_objects, insurers, policies, product_lines, programmes, terms
from models.imports import imports
from models.parties import parties
from models.work import happenings

Bring = Callable[..., ImportReport]

MAPPING = """\
import: policies
premium: {period: year, currency: EUR}
insurers: {ergo: ERGO, gjensidige: Gjensidige}
product lines: {motor: Motor, home: Home}
columns:
  client: client.number
  name: client.name
  policy: policy.number
  insurer: policy.insurer
  line: policy.product_line
  from: term.starts_on
  to: term.expires_on
  premium: term.premium_gross
  plate: object.plate
constants: {client.kind: person}
may be empty: [plate, premium]
"""
HEAD = "client,name,policy,insurer,line,from,to,premium,plate\n"
ROW = "K1,Jonas,P1,ergo,motor,2025-03-01,2026-03-01,120.50,ABC123\n"


def _terms(db: Connection, number: str = "P1") -> list[RowMapping]:
    joined = terms.join(policies, policies.c.id == terms.c.policy_id)
    rows = db.execute(
        select(terms).select_from(joined).where(policies.c.number == number).order_by(terms.c.sequence)
    ).mappings()
    return list(rows)


def _reasons(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report]


def test_a_row_brings_client_policy_term_and_object(db: Connection, bring: Bring) -> None:
    """And the insurer and product line the mapping declares."""
    report = bring("policies", HEAD + ROW, mapping=MAPPING)

    client = db.execute(select(parties)).mappings().one()
    policy = db.execute(select(policies)).mappings().one()
    (term,) = _terms(db)
    assert (client["number"], client["name"], client["standing"]) == ("K1", "Jonas", "existing")
    assert (policy["number"], policy["client_id"]) == ("P1", client["id"])
    assert (term["sequence"], term["starts_on"], term["expires_on"]) == (1, date(2025, 3, 1), date(2026, 3, 1))
    assert (str(term["premium_gross"]), term["premium_period"], term["currency"]) == ("120.50", "year", "EUR")
    assert (term["placed"], term["renews"], term["stage"]) == ("by_us", "by_offer", "in_force")
    assert db.scalar(select(insured_objects.c.plate)) == "ABC123"
    assert set(db.scalars(select(insurers.c.code))) == {"ergo", "gjensidige"}
    assert db.scalar(select(product_lines.c.labels).where(product_lines.c.code == "motor")) == {"en": "Motor"}
    assert (report.rows, report.refused, report.tallies["policies"].added) == (1, 0, 1)


def test_the_same_file_again_changes_nothing(db: Connection, bring: Bring) -> None:
    """Nothing goes in twice, and nobody hears of anything."""
    bring("policies", HEAD + ROW, mapping=MAPPING)

    again = bring("policies", HEAD + ROW, mapping=MAPPING)

    assert {(tally.added, tally.changed) for tally in again.tallies.values()} == {(0, 0)}
    assert len(_terms(db)) == 1
    assert db.scalars(select(happenings.c.id)).all() == []


def test_a_changed_row_says_what_changed(db: Connection, bring: Bring) -> None:
    """Fields with counts; an empty cell leaves what is known."""
    bring("policies", HEAD + ROW, mapping=MAPPING)

    again = bring("policies", HEAD + ROW.replace("Jonas", "Jonas Jonaitis").replace("120.50", ""), mapping=MAPPING)

    assert again.tallies["clients"].fields == {"name": 1}
    assert again.tallies["terms"].changed == 0
    assert str(_terms(db)[0]["premium_gross"]) == "120.50"
    assert db.scalar(select(parties.c.sort_key)) == "jonas jonaitis\tjonas jonaitis"


def test_an_empty_cell_clears_where_the_mapping_says_so(db: Connection, bring: Bring) -> None:
    """Only there."""
    mapping = MAPPING.replace("premium: term.premium_gross", "premium: {to: term.premium_gross, empty: clears}")
    bring("policies", HEAD + ROW, mapping=mapping)

    again = bring("policies", HEAD + ROW.replace("120.50", ""), mapping=mapping)

    assert again.tallies["terms"].fields == {"premium_gross": 1}
    assert _terms(db)[0]["premium_gross"] is None


def test_a_corrected_expiry_is_a_happening_and_no_new_term(db: Connection, bring: Bring) -> None:
    """Due times move because the engine hears it; nothing starts because the term is the same."""
    bring("policies", HEAD + ROW, mapping=MAPPING)

    again = bring("policies", HEAD + ROW.replace("2026-03-01", "2026-03-15"), mapping=MAPPING)

    (term,) = _terms(db)
    heard = db.execute(select(happenings)).mappings().one()
    assert (term["sequence"], term["expires_on"]) == (1, date(2026, 3, 15))
    assert again.tallies["terms"].fields == {"expires_on": 1}
    assert (heard["kind"], heard["subject_type"], heard["subject_id"]) == ("term.expiry_corrected", "term", term["id"])
    assert heard["data"] == {"from": "2026-03-01", "to": "2026-03-15"}


def test_a_later_start_is_the_next_term_and_renews_the_one_before(db: Connection, bring: Bring) -> None:
    """Also when both stand in one file, in any order."""
    later = ROW.replace("2025-03-01,2026-03-01", "2026-03-01,2027-03-01")
    latest = ROW.replace("2025-03-01,2026-03-01", "2027-03-01,2028-03-01")
    bring("policies", HEAD + ROW, mapping=MAPPING)

    bring("policies", HEAD + latest + later + ROW, mapping=MAPPING)

    first, second, third = _terms(db)
    assert [term["sequence"] for term in (first, second, third)] == [1, 2, 3]
    assert [term["expires_on"].year for term in (first, second, third)] == [2026, 2027, 2028]
    assert (second["renewed_term_id"], third["renewed_term_id"]) == (first["id"], second["id"])


def test_a_start_within_a_known_term_is_not_guessed_at(db: Connection, bring: Bring) -> None:
    """It may be a corrected start or a mistake: the sequence tells."""
    bring("policies", HEAD + ROW, mapping=MAPPING)
    moved = ROW.replace("2025-03-01,2026-03-01", "2025-03-15,2026-03-15")

    refused = bring("policies", HEAD + moved, mapping=MAPPING)
    mapping = MAPPING.replace("  plate: ", "  nr: term.sequence\n  plate: ")
    taken = bring("policies", HEAD.replace("plate", "nr,plate") + moved.replace("ABC", "1,ABC"), mapping=mapping)

    assert _reasons(refused) == [
        (
            "row 2, from: the policy is covered until 2026-03-01 already, so this is neither a known term nor the next "
            "one; if a start was corrected, bring term.sequence and make it part of the key"
        )
    ]
    assert taken.tallies["terms"].fields == {"starts_on": 1, "expires_on": 1}


def test_terms_of_one_file_do_not_overlap(bring: Bring) -> None:
    """The later one is refused, by name."""
    overlapping = ROW.replace("2025-03-01,2026-03-01", "2026-02-01,2027-02-01")

    report = bring("policies", HEAD + ROW + overlapping, mapping=MAPPING)

    assert _reasons(report) == ["row 3, from: the term begins before the one of row 2 is over"]


def test_without_start_and_sequence_a_row_is_about_the_newest_term(db: Connection, bring: Bring) -> None:
    """A later expiry is a correction then, never a second term."""
    mapping = MAPPING.replace("  from: term.starts_on\n", "") + "leave out: [from]\n"
    bring("policies", HEAD + ROW, mapping=mapping)

    again = bring("policies", HEAD + ROW.replace(",2026-03-01", ",2027-03-01"), mapping=mapping)

    assert [term["expires_on"] for term in _terms(db)] == [date(2027, 3, 1)]
    assert again.tallies["terms"].changed == 1


def test_a_term_known_without_its_start_is_recognised_by_its_end(db: Connection, bring: Bring) -> None:
    """The start comes in later."""
    mapping = MAPPING.replace("  from: term.starts_on\n", "") + "leave out: [from]\n"
    bring("policies", HEAD + ROW, mapping=mapping)

    again = bring("policies", HEAD + ROW, mapping=MAPPING)

    assert [term["starts_on"] for term in _terms(db)] == [date(2025, 3, 1)]
    assert again.tallies["terms"].fields == {"starts_on": 1}


def test_several_rows_bring_several_objects_of_one_term(db: Connection, bring: Bring) -> None:
    """A fleet as most insurers send it; the same plate comes in once."""
    fleet = ROW + ROW.replace("ABC123", "DEF456")

    bring("policies", HEAD + fleet, mapping=MAPPING)
    again = bring("policies", HEAD + fleet + ROW.replace("ABC123", "GHI789"), mapping=MAPPING)

    assert set(db.scalars(select(insured_objects.c.plate))) == {"ABC123", "DEF456", "GHI789"}
    assert (again.tallies["insured objects"].added, again.tallies["insured objects"].unchanged) == (1, 2)
    assert len(_terms(db)) == 1


def test_rows_about_one_term_that_disagree_are_refused(bring: Bring) -> None:
    """The first stands; the other says in what it differs."""
    other = ROW.replace("120.50", "130").replace("ABC123", "DEF456")
    plain = ROW.replace("ABC123", "")

    report = bring("policies", HEAD + ROW + other + plain, mapping=MAPPING)

    assert _reasons(report) == [
        "row 3, policy: row 2 is about the same term and says otherwise in premium",
        "row 4, policy: row 2 is about the same term already",
    ]


def test_what_the_book_does_not_have_is_refused_with_the_nearest(db: Connection, bring: Bring) -> None:
    """Insurers, product lines, colleagues."""
    mapping = MAPPING.replace("  plate: ", "  who: client.account_manager\n  plate: ")
    head = HEAD.replace("plate", "who,plate")
    rows = [
        ROW.replace("ergo", "egro").replace("ABC", "jonas,ABC"),
        ROW.replace("motor", "boat").replace("P1", "P2").replace("ABC", "jonas,ABC"),
        ROW.replace("P1", "P3").replace("ABC", "jonas,ABC"),
    ]

    report = bring("policies", head + "".join(rows), mapping=mapping)

    assert _reasons(report) == [
        (
            "row 2, insurer: there is no insurer 'egro'; did you mean ergo? Import insurers first, "
            "or declare it in the mapping under insurers."
        ),
        (
            "row 3, line: there is no product line 'boat'. Import product lines first, "
            "or declare it in the mapping under product lines."
        ),
        "row 4, who: there is no employee with the login 'jonas'. Import employees first.",
    ]
    assert db.scalars(select(parties.c.id)).all() == []


def test_a_row_that_cannot_be_is_refused(bring: Bring) -> None:
    """Dates the wrong way round; a policy already in the book keeps its own start in mind."""
    bring("policies", HEAD + ROW, mapping=MAPPING)
    no_start = MAPPING.replace("  from: term.starts_on\n", "") + "leave out: [from]\n"

    reversed_row = bring("policies", HEAD + ROW.replace("2026-03-01", "2024-03-01"), mapping=MAPPING)
    against_book = bring("policies", HEAD + ROW.replace("2026-03-01", "2024-03-01"), mapping=no_start)

    reason = ["row 2, to: the term would end before it begins"]
    assert (_reasons(reversed_row), _reasons(against_book)) == (reason, reason)


def test_a_cancelled_policy_and_an_ended_term_are_happenings(db: Connection, bring: Bring) -> None:
    """Only when the book did not know; the end of a term that comes in ended tells nobody anything."""
    mapping = MAPPING.replace("  plate: ", "  ended: term.ended_on\n  cancelled: policy.cancelled_on\n  plate: ")
    mapping = mapping.replace("[plate", "[ended, cancelled, plate")
    head = HEAD.replace("plate", "ended,cancelled,plate")
    other = ROW.replace("P1", "P2").replace("ABC123", "2025-06-01,2025-06-01,")
    bring("policies", head + ROW.replace("ABC123", ",,") + other, mapping=mapping)
    row = head + ROW.replace("ABC123", "2025-06-01,2025-06-01,")

    bring("policies", row, mapping=mapping)
    bring("policies", row, mapping=mapping)

    assert sorted(db.scalars(select(happenings.c.kind))) == ["policy.cancelled", "term.ended"]


def test_programmes_come_in_beside_their_policies(db: Connection, bring: Bring) -> None:
    """A new one must say what it is."""
    mapping = MAPPING.replace(
        "  plate: ", "  fleet: programme.number\n  kind: programme.kind\n  called: programme.name\n  plate: "
    )
    head = HEAD.replace("plate", "fleet,kind,called,plate")
    good = ROW.replace("ABC", "F1,fleet,Vans,ABC")
    bad = ROW.replace("P1", "P2").replace("ABC", "F2,,,ABC")

    report = bring("policies", head + good + bad, mapping=mapping)

    assert db.execute(select(programmes.c.number, programmes.c.kind, programmes.c.name)).all() == [
        ("F1", "fleet", "Vans")
    ]
    assert db.scalar(select(policies.c.programme_id)) == db.scalar(select(programmes.c.id))
    assert [str(problem) for problem in report if problem.is_refusal] == [
        (
            "row 3, fleet: the programme is new, so programme.kind and programme.name are needed; "
            "or import programmes first"
        )
    ]


def test_an_import_is_remembered(db: Connection, bring: Bring) -> None:
    """What kind, which content, how many rows, and what became of them."""
    report = bring("policies", HEAD + ROW + ROW.replace("P1", "").replace("K1", "K2"), mapping=MAPPING)

    row: Any = db.execute(select(imports)).mappings().one()
    assert (row["id"], row["kind"], row["file_name"], row["rows"]) == (report.import_id, "policies", "table.csv", 2)
    assert (row["counts"]["refused"], row["counts"]["tallies"]["policies"]["added"]) == (1, 1)
    assert len(row["content_hash"]) == 64


def test_one_client_with_two_names_is_told(db: Connection, bring: Bring) -> None:
    """The first name is kept; the row goes in."""
    report = bring("policies", HEAD + ROW + ROW.replace("Jonas", "Ona").replace("P1", "P2"), mapping=MAPPING)

    assert _reasons(report) == ["row 3, name: the client has another name in row 2, which is kept"]
    assert db.scalars(select(parties.c.name)).all() == ["Jonas"]
    assert report.imported == 2


def test_a_client_of_whom_only_the_number_is_known_must_be_in_the_book(db: Connection, bring: Bring) -> None:
    """Somebody without a name cannot be called."""
    bring("policies", HEAD + ROW, mapping=MAPPING)
    mapping = MAPPING.replace("may be empty: [", "may be empty: [name, ")
    known, unknown = ROW.replace("Jonas", "").replace("P1", "P2"), ROW.replace("K1,Jonas,P1", "K2,,P3")

    report = bring("policies", HEAD + known + unknown, mapping=mapping)

    assert _reasons(report) == ["row 3, client: the client is new, so client.name and client.kind are needed"]
    assert db.scalars(select(parties.c.name)).all() == ["Jonas"]


def test_cover_placed_elsewhere_makes_no_existing_client(db: Connection, bring: Bring) -> None:
    """It is an x-date of somebody we would like to win."""
    bring("policies", HEAD + ROW, mapping=MAPPING.replace("{client.kind", "{term.placed: elsewhere, client.kind"))

    assert db.scalar(select(parties.c.standing)) == "new"
    assert _terms(db)[0]["placed"] == "elsewhere"


def test_a_dry_run_says_the_same_and_writes_nothing(db: Connection, bring: Bring) -> None:
    """Also where new things hang on new things."""
    bring("policies", HEAD + ROW, mapping=MAPPING)
    changed = ROW.replace("2026-03-01", "2026-04-01").replace("K1,Jonas", "K9,Nauja")
    table = HEAD + changed + ROW.replace("P1", "P2").replace("K1", "K8") + ROW.replace("P1", "P3").replace("motor", "x")
    savepoint = db.begin_nested()
    really = bring("policies", table, mapping=MAPPING)
    savepoint.rollback()

    dry = bring("policies", table, mapping=MAPPING, dry_run=True)

    assert dry.counts == really.counts
    assert _reasons(dry) == _reasons(really)
    assert (dry.import_id, dry.mend_file) == (None, None)
    assert db.scalars(select(policies.c.number)).all() == ["P1"]
