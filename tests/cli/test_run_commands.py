"""`taktas run` and `taktas runs` as a manager sees them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from cli.app import run
from models import contracts, definitions, parties, people
from models.database import begin

AT = ["--as-of", "2026-03-02T08:00"]
RENEWAL = """
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  leave out:
    placed elsewhere: {term.placed: elsewhere}
  assign: client.account_manager
steps:
  call:
    action: call
    title: Call {policyholder.name}
    no later than: 3 working days before term.expires_on
    outcomes: {done: {end: won}}
ends:
  won: {success: true}
"""


@pytest.fixture(autouse=True)
def _office(house: Any) -> None:
    """Jonas, who manages, with three clients; the insurance of one of them is placed elsewhere."""
    with begin() as db:

        def put(table: Any, **values: Any) -> int:
            return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

        org = put(people.organisations, code="house", name="House", kind="house")
        facts = {"organisation_id": org, "name": "Jonas Jonaitis", "sort_key": "j", "is_manager": True}
        jonas = put(people.employees, login="jonas", **facts)
        insurer = put(contracts.insurers, code="ergo", name="Ergo")
        line = put(contracts.product_lines, code="motor", labels={"en": "Motor", "lt": "Transportas"})
        process = put(definitions.processes, name="renewal", subject="term")
        version = {"version": 1, "content_hash": "1", "source": RENEWAL}
        put(definitions.process_versions, process_id=process, published_at=datetime(2026, 1, 1, tzinfo=UTC), **version)
        for place in range(3):
            number = str(place)
            client = put(parties.parties, number=number, kind="person", name=number, sort_key=number)
            since = date(2000, 1, 1)
            put(parties.responsibilities, client_id=client, employee_id=jonas, role="account_manager", since=since)
            facts = {"client_id": client, "insurer_id": insurer, "product_line_id": line}
            policy = put(contracts.policies, number=number, **facts)
            placed = "elsewhere" if place == 2 else "by_us"
            put(contracts.terms, policy_id=policy, sequence=1, expires_on=date(2026, 4, 1), placed=placed)
        from tasks.handbooks import calendars

        calendars.calendar_of(db)


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What a command printed."""
    assert run(list(words)) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def test_a_dry_run_says_how_many_for_whom_when_and_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """In words a manager can check by hand."""
    told = said(capsys, "run", "renewal", *AT, "--dry-run")

    assert told.startswith(
        "renewal@1 as of Mon 2026-03-02 08:00. This is only a look ahead: nothing was written. "
        "2 cases would start, with 2 first tasks. 0 had their case already; 1 left out.\n"
    )
    for words in ("Jonas Jonaitis", "Motor", "Ergo", "2026-03-23", "placed elsewhere"):
        assert words in told


def test_a_run_reports_what_it_did_also_to_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything in one object, with codes that do not change with the language."""
    told = json.loads(said(capsys, "run", "renewal", *AT, "--json"))

    assert (told["cases"], told["tasks"], told["left_out"], told["state"]) == (2, 2, {"placed elsewhere": 1}, "done")
    assert told["by"]["employee"] == {"Jonas Jonaitis": 2}


def test_a_run_is_repeated_without_harm(capsys: pytest.CaptureFixture[str]) -> None:
    """The second says what is there already, and both are listed."""
    said(capsys, "run", "renewal", *AT)
    second = said(capsys, "run", "renewal", *AT)
    listed = said(capsys, "runs", "list")

    assert "Run 2: renewal@1" in second
    assert "0 cases started, with 0 first tasks. 2 had their case already; 1 left out." in second
    assert listed.count("renewal@1") == 2


def test_a_proposal_is_looked_through_and_approved(capsys: pytest.CaptureFixture[str]) -> None:
    """By somebody with a name."""
    proposed = said(capsys, "run", "renewal", *AT, "--propose", "--as", "jonas")
    shown = said(capsys, "runs", "show", "1")
    nobody = said(capsys, "runs", "approve", "1", code=2)
    approved = said(capsys, "runs", "approve", "1", *AT, "--as", "jonas")

    assert "2 cases would start" in proposed
    assert "taktas runs approve 1" in proposed
    assert "jonas" in shown
    assert "Who are you?" in nobody
    assert approved == (
        "Run 1: renewal@1 as of Mon 2026-03-02 08:00. 2 cases started, with 2 first tasks.\n"
        "Nothing had changed since it was proposed.\n"
    )


def test_a_proposal_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """And stays so."""
    said(capsys, "run", "renewal", *AT, "--propose", "--as", "jonas")

    assert said(capsys, "runs", "refuse", "1", "--as", "jonas") == "Run 1 is refused. Nothing was started.\n"
    again = said(capsys, "runs", "approve", "1", "--as", "jonas", code=1)
    assert again == "Run 1 is refused and cannot be approved any more. Propose a new one.\n"


def test_reconciling_proves_or_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 with the numbers and the way forward, 0 when everything is accounted for."""
    before = said(capsys, "runs", "reconcile", "renewal", *AT, code=1)
    said(capsys, "run", "renewal", *AT)
    after = said(capsys, "runs", "reconcile", "renewal", *AT)

    assert before == (
        "2 are due and have neither case nor reason (policy 0 to 2026-04-01, 0; policy 1 to 2026-04-01, 1): "
        "start them with `taktas run renewal`.\n"
    )
    assert "3 subjects in the window" in after
    assert after.endswith("Nothing is missing.\n")


def test_a_process_nobody_published_is_refused_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Misspelt, it is answered with the nearest."""
    told = said(capsys, "run", "renewl", *AT, code=1)

    assert told == "There is no process 'renewl'; did you mean renewal? Published: renewal.\n"


def test_wrong_words_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """A proposal is written, a dry run is not."""
    told = said(capsys, "run", "renewal", "--dry-run", "--propose", code=2)

    assert told == "--dry-run writes nothing and --propose writes a proposal. Choose one of them.\n"


def test_without_a_run_the_list_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list is no dead end."""
    told = said(capsys, "runs", "list")

    assert told == "There was no run yet. `taktas run renewal --dry-run` shows what one would do.\n"
