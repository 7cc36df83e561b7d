"""Renewals as a house lives them for years: one per term, none for the past, none lost, whatever comes late."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.client_programs import client_programs
from models.database import read

Office = Any

MANDATE = "client.number,type,received_at,valid_until,state\nK1,mandate,2026-01-10,2040-01-10,accepted\n"
RASA = ["--as", "rasa"]


def _furnish(office: Office, *terms: str) -> None:
    office.publish(as_of="2026-02-01")
    office.policies(*terms, as_of="2026-02-02")
    office.bring("documents", MANDATE, "--as-of", "2026-02-02")


def _run(office: Office, day: date, *more: str) -> int:
    counted = office.ask("run", "renewal", "--workers", "1", "--as-of", f"{day}T06:00", *more)
    number: int = counted["cases"]
    return number


def _next(office: Office, day: date, *words: str) -> list[int]:
    """Do the one open task there is, at ten; the numbers of what comes next."""
    (task,) = office.ask("tasks", "list", *RASA, "--as-of", f"{day}T10:00")
    done = office.ask("tasks", "complete", str(task["id"]), *words, *RASA, "--as-of", f"{day}T10:00")
    numbers: list[int] = done["tasks"]
    return numbers


def _due(office: Office, day: str) -> str:
    (task,) = office.ask("tasks", "list", *RASA, "--as-of", day)
    return str(office.ask("tasks", "show", str(task["id"]), *RASA, "--as-of", day)["limit_at"])


def test_a_policy_renewed_every_year_gets_one_renewal_per_term(office: Office) -> None:
    """Five years of runs, six weeks apart; each renewal that is won writes the next term."""
    _furnish(office, "P-1,1,2025-04-01,2026-04-01")

    days = [date(2026, 3, 2) + timedelta(weeks=6 * number) for number in range(44)]
    begun = []
    for day in days:
        if _run(office, day):
            begun.append(day.year)
            _next(office, day, "--outcome", "interested")
            _next(office, day, "--outcome", "accepted", "--answer", "premium=120")
            _next(office, day, "--outcome", "bound", "--answer", "policy_number=P-1")

    cases = office.ask("cases", "list", "--process", "renewal", "--ended", "--limit", "100")
    assert begun == [2026, 2027, 2028, 2029, 2030]
    assert {case["state"] for case in cases} == {"won"}
    assert [case["about"] for case in cases] == [f"policy P-1 to {year}-04-01" for year in range(2030, 2025, -1)]


def test_a_corrected_expiry_moves_the_limit_and_starts_nothing(office: Office) -> None:
    """The import says the new date, the beat moves the task, the next run finds the term in its case."""
    _furnish(office, "P-1,1,2025-04-01,2026-04-01")
    begun = _run(office, date(2026, 3, 2))
    before = _due(office, "2026-03-02T12:00")

    office.policies("P-1,1,2025-04-01,2026-04-15", as_of="2026-03-03")
    office.cli("tick", "--as-of", "2026-03-03T06:00")
    again = _run(office, date(2026, 3, 9))

    assert (begun, again) == (1, 0)
    assert (before[:10], _due(office, "2026-03-09T12:00")[:10]) == ("2026-03-27", "2026-04-10")
    assert len(office.ask("cases", "list", "--process", "renewal")) == 1


def test_a_run_missed_for_days_and_a_late_policy_are_caught_up(office: Office) -> None:
    """A run looks at the state of the book, not at what the last run did."""
    daily = [f"P-{day},1,2025-04-{day},2026-04-{day}" for day in range(12, 20)]
    _furnish(office, *daily)

    first, after_three_days = _run(office, date(2026, 3, 2)), _run(office, date(2026, 3, 5))
    office.policies("P-late,1,2025-03-20,2026-03-20", as_of="2026-03-05T12:00")
    late = _run(office, date(2026, 3, 6))
    proof = office.cli("runs", "reconcile", "renewal", "--as-of", "2026-03-06T12:00")

    assert (first, after_three_days, late) == (5, 3, 1)
    assert proof.code == 0


def test_a_first_publication_leaves_twenty_years_alone(office: Office) -> None:
    """What expired is never touched; what waits inside the window is asked about; nobody is written to."""
    terms = [f"P-1,{year - 2005},{year}-04-01,{year + 1}-04-01" for year in range(2006, 2026)]
    office.policies(*terms, as_of="2026-02-01")

    refused = office.cli("standards", "publish", "--yes", "--as-of", "2026-03-02", fails=True).err
    office.publish("--no-start-inside", as_of="2026-03-02")
    begun = _run(office, date(2026, 3, 3))
    office.cli("tick", "--as-of", "2026-03-03T12:00")
    sent = office.ask("send", "--as-of", "2026-03-03T12:00")

    assert "--start-inside" in refused
    assert begun == 0
    assert office.ask("cases", "list", "--ended") == []
    assert office.ask("tasks", "list", "--as-of", "2026-03-03T12:00") == []
    assert not any(value for value in sent.values() if isinstance(value, int)), sent


@pytest.mark.parametrize(
    ("begins", "ends", "due"),
    [
        ("2026-03-06T10:00", "2026-03-06T12:00", "2026-03-09T09:00:00+00:00"),
        ("2026-03-06T19:00", "2026-03-07T09:00", "2026-03-06T15:00:00+00:00"),
        ("2026-03-06T16:00", "2026-03-09T10:00", "2026-03-09T09:00:00+00:00"),
    ],
)
def test_eight_working_hours_from_friday_nine(office: Office, begins: str, ends: str, due: str) -> None:
    """Waiting Friday 10-12 makes it Monday 11:00; over night nothing changes; over the weekend it is Monday 11:00."""
    folder = office.folder / "definitions"
    (folder / "standards").mkdir(parents=True)
    (folder / "calendars").mkdir()
    (folder / "standards" / "all.yaml").write_text(
        "standards: {any: {for: all work, due: 8 working hours}}\n", encoding="utf-8"
    )
    (folder / "calendars" / "house.yaml").write_text(
        "calendar: house\nzone: Europe/Vilnius\nhours:\n  monday to friday: 09:00-17:00\n", encoding="utf-8"
    )
    office.publish(str(folder), as_of="2026-02-01")
    task = str(office.ask("tasks", "add", "Look into it", *RASA, "--as-of", "2026-03-06T09:00")["task"])

    office.cli("tasks", "wait", task, "--for", "client", *RASA, "--as-of", begins)
    office.cli("tasks", "resume", task, *RASA, "--as-of", ends)

    assert office.ask("tasks", "show", task, *RASA, "--as-of", ends)["due_at"] == due


def _dump(engine: Engine) -> list[str]:
    """The whole database as text, without the random key newer programs print."""
    with read() as db:
        version = int(db.execute(text("SHOW server_version_num")).scalar_one())
    programs = client_programs(engine, version, bundled_first=True)[0]
    command = [*programs.command("pg_dump"), "--dbname", programs.target]
    told = subprocess.run(command, env=programs.env, capture_output=True, check=True, text=True).stdout
    return [line for line in told.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_what_only_looks_leaves_a_dump_unchanged(office: Office, house: Any) -> None:
    """A dry run, a dry import, a plan, a check, a list: not a row, not a number of a sequence."""
    _furnish(office, "P-1,1,2025-04-01,2026-04-01")
    before = _dump(house.engine)

    would = _run(office, date(2026, 3, 2), "--dry-run")
    table = office.folder / "policies.csv"
    office.cli("import", "policies", str(table), "--dry-run", "--as-of", "2026-03-02")
    office.cli("standards", "plan", "--as-of", "2026-03-02")
    office.cli("standards", "check")
    office.cli("happenings", "list")
    office.cli("tasks", "list")

    assert would == 1
    assert _dump(house.engine) == before
