"""Invoices and payments into the book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from intake.importing import ImportReport
from models.contracts import terms
from models.receivables import payment_matches, payments, receivables
from models.work import happenings

Bring = Callable[..., ImportReport]

POLICY_MAP = """\
import: policies
insurers: {ergo: ERGO}
product lines: {motor: Motor}
columns: {client: [client.number, client.name], policy: policy.number, from: term.starts_on, to: term.expires_on}
constants: {client.kind: person, policy.insurer: ergo, policy.product_line: motor}
"""
POLICIES = "client,policy,from,to\nK1,P1,2025-03-01,2026-03-01\nK1,P1,2026-03-01,2027-03-01\n"
HEAD = (
    "issuer,receivable.number,payer.number,kind,creditor,collector,insurer,policy.number,"
    "issued_on,due_on,amount,open_amount,currency\n"
)
PREMIUM = "ergo,I1,K1,premium,insurer,house,ergo,P1,2026-02-01,2026-02-15,120.00,,EUR\n"
FEE = "house,F1,K1,fee,house,house,,,2026-03-01,2026-03-15,15.00,,EUR\n"
PAY_HEAD = "source,reference,received_on,payment.amount,payment.currency,payer.number,issuer,receivable.number\n"


@pytest.fixture
def book(bring: Bring) -> Bring:
    """A house with one policy of two terms."""
    bring("policies", POLICIES, mapping=POLICY_MAP)
    return bring


def _reasons(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report]


def test_an_invoice_belongs_to_the_term_in_force_when_it_was_issued(db: Connection, book: Bring) -> None:
    """Whose money it is, who pays, what is open."""
    report = book("invoices", HEAD + PREMIUM + FEE)

    premium, fee = db.execute(select(receivables).order_by(receivables.c.number.desc())).mappings()
    first_term = db.scalar(select(terms.c.id).where(terms.c.sequence == 1))
    assert (premium["term_id"], premium["open_amount"], premium["state"]) == (first_term, Decimal(120), "issued")
    assert (fee["term_id"], fee["creditor"], fee["insurer_id"]) == (None, "house", None)
    assert report.tallies["invoices"].added == 2
    assert book("invoices", HEAD + PREMIUM + FEE).tallies["invoices"].unchanged == 2


def test_an_invoice_that_cannot_be_is_refused(book: Bring) -> None:
    """Each for its own reason."""
    rows = [
        PREMIUM.replace(",insurer,house,ergo", ",insurer,house,"),
        PREMIUM.replace(",insurer,house", ",house,house").replace("I1", "I2"),
        PREMIUM.replace("2026-02-15", "2026-01-15").replace("I1", "I3"),
        PREMIUM.replace("120.00,,", "120.00,130.00,").replace("I1", "I4"),
        PREMIUM.replace("K1", "K7").replace("I1", "I5"),
        PREMIUM.replace("P1", "P9").replace("I1", "I6"),
        FEE + FEE,
    ]

    report = book("invoices", HEAD + "".join(rows))

    assert _reasons(report) == [
        "row 2, insurer: the creditor is an insurer, so receivable.insurer must say which",
        "row 3, creditor: a premium is the insurer's money; only fees are the house's",
        "row 4, due_on: it would be due before it is issued",
        "row 5, open_amount: more is open than was ever owed",
        "row 6, payer.number: there is no client with the number 'K7'. Import clients first.",
        "row 7, policy.number: there is no policy with the number 'P9'. Import policies first.",
        "row 9, receivable.number: row 8 is about the same invoice already",
    ]


def test_a_policy_number_of_two_insurers_is_not_guessed(book: Bring) -> None:
    """The row must name the insurer, and the insurer must have the policy."""
    other = POLICY_MAP.replace("policy.insurer: ergo", "policy.insurer: gjf").replace(
        "{ergo: ERGO}", "{gjf: Gjf, if1: If}"
    )
    book("policies", POLICIES, mapping=other)
    fee = FEE.replace(",house,house,,,", ",house,house,,P1,")
    wrong = FEE.replace("F1", "F2").replace(",house,house,,,", ",house,house,if1,P1,")

    report = book("invoices", HEAD + fee + wrong)

    assert _reasons(report) == [
        "row 2, policy.number: several insurers have a policy of that number; bring receivable.insurer",
        "row 3, policy.number: that insurer has no policy of that number",
    ]


def test_payments_pay_the_invoices_they_name(db: Connection, book: Bring) -> None:
    """In the order of the file, never more than is open; what is left over stays unmatched."""
    book("invoices", HEAD + PREMIUM)
    rows = [
        "bank,B1,2026-02-10,50.00,EUR,K1,ergo,I1\n",
        "bank,B2,2026-02-11,100.00,EUR,K1,ergo,I1\n",
        "cash,C1,2026-02-11,7.00,EUR,,,\n",
    ]

    report = book("payments", PAY_HEAD + "".join(rows))
    again = book("payments", PAY_HEAD + "".join(rows))

    invoice = db.execute(select(receivables)).mappings().one()
    unmatched = dict(db.execute(select(payments.c.reference, payments.c.unmatched_amount)).all())
    assert (invoice["open_amount"], invoice["state"], str(invoice["settled_on"])) == (0, "paid", "2026-03-02")
    assert unmatched == {"B1": 0, "B2": Decimal(30), "C1": Decimal(7)}
    assert db.scalars(select(payment_matches.c.amount).order_by("id")).all() == [50, 70]
    assert (report.tallies["matches"].added, "matches" in again.tallies) == (2, False)
    assert sorted(db.scalars(select(happenings.c.kind))) == ["payment.matched", "receivable.settled"]


def test_a_part_payment_leaves_the_rest_open(db: Connection, book: Bring) -> None:
    """And no one is told that it is settled."""
    book("invoices", HEAD + PREMIUM)

    book("payments", PAY_HEAD + "bank,B1,2026-02-10,50.00,EUR,K1,ergo,I1\n")

    assert db.execute(select(receivables.c.open_amount, receivables.c.state)).one() == (Decimal(70), "part_paid")
    assert db.scalars(select(happenings.c.kind)).all() == ["payment.matched"]


def test_a_payment_that_cannot_be_is_refused(book: Bring) -> None:
    """Changed afterwards, for an unknown invoice, in another currency."""
    book("invoices", HEAD + PREMIUM)
    book("payments", PAY_HEAD + "bank,B1,2026-02-10,50.00,EUR,K1,ergo,I1\n")
    rows = [
        "bank,B1,2026-02-10,55.00,EUR,K1,ergo,I1\n",
        "bank,B2,2026-02-10,50.00,EUR,K1,,I1\n",
        "bank,B3,2026-02-10,50.00,EUR,K1,ergo,I9\n",
        "bank,B4,2026-02-10,50.00,USD,K1,ergo,I1\n",
    ]

    report = book("payments", PAY_HEAD + "".join(rows))

    assert _reasons(report) == [
        (
            "row 2, payment.amount: the payment is in the book with another amount, currency or date; "
            "a payment is never changed, only reversed"
        ),
        "row 3, issuer: an invoice's number is unique with its issuer only; bring receivable.issuer",
        "row 4, receivable.number: there is no such invoice of that issuer; import invoices first",
        "row 5, payment.currency: the invoice is in another currency; a person must decide what it pays",
    ]


def test_an_invoice_the_insurer_says_is_paid_is_settled(db: Connection, book: Bring) -> None:
    """Its state comes from the insurer's file."""
    book("invoices", HEAD + PREMIUM)

    book("invoices", HEAD + PREMIUM.replace("120.00,,", "120.00,0,"))

    assert db.scalars(select(happenings.c.kind)).all() == ["receivable.settled"]


def test_a_dry_run_of_payments_counts_their_matches(book: Bring) -> None:
    """As if they had gone in."""
    book("invoices", HEAD + PREMIUM)

    dry = book("payments", PAY_HEAD + "bank,B1,2026-02-10,50.00,EUR,K1,ergo,I1\n", dry_run=True)

    assert (dry.tallies["payments"].added, dry.tallies["matches"].added) == (1, 1)
