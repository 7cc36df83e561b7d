"""The real file of a motor insurer: all its policies come in, and every hole in its damaged copy is named."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from core.actor import Actor, Door
from intake.import_kinds import KINDS
from intake.importing import ImportReport, import_file
from models.contracts import insured_objects, policies, terms
from models.parties import parties
from models.people import employees
from models.work import cases, tasks
from standards.definition_folder import read_definitions
from tasks.generation.running import generate_here
from tasks.handbooks.publishing import publish

MAPPING = Path(__file__).resolve().parents[2] / "examples" / "mcva_ibm" / "policies.map.yaml"
CLEAN = "WA_Fn-UseC_-Marketing-Customer-Value-Analysis_CLEAN.csv"
DAMAGED = "WA_Fn-UseC_-Marketing-Customer-Value-Analysis_DIRTY_copy.csv"
AT = datetime(2011, 1, 3, 6, tzinfo=UTC)


@pytest.fixture
def mcva(real_data: Callable[[str], Path]) -> Path:
    """The folder of the data set."""
    return real_data("mcva_ibm")


@pytest.fixture(autouse=True)
def _people(db: Connection) -> None:
    """Those who look after the clients."""
    path = MAPPING.with_name("employees.csv")
    import_file(db, Actor(door=Door.IMPORT), KINDS["employees"], path, at=AT)


def _import(db: Connection, path: Path, mend_to: Path, *, dry_run: bool = False) -> ImportReport:
    return import_file(
        db,
        Actor(door=Door.IMPORT),
        KINDS["policies"],
        path,
        at=AT,
        map_path=MAPPING,
        mend_to=mend_to,
        dry_run=dry_run,
    )


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_every_policy_of_the_clean_copy_comes_in(db: Connection, mcva: Path, tmp_path: Path) -> None:
    """As many as the file has rows, with the dates and monthly premiums of the file."""
    report = _import(db, mcva / CLEAN, tmp_path / "mend.csv")

    rows = _rows(mcva / CLEAN)[1:]
    february = sum(1 for row in rows if row[6].startswith("2/"))
    premiums = sum(int(row[12]) for row in rows)
    assert (report.rows, report.refused, report.problems.counted.total()) == (9_134, 0, 0)
    for table in (parties, policies, terms, insured_objects):
        assert db.scalar(select(func.count()).select_from(table)) == 9_134
    assert (
        db.scalar(select(func.count()).where(terms.c.expires_on >= datetime(2011, 2, 1, tzinfo=UTC).date())) == february
    )
    assert db.scalar(select(func.sum(terms.c.premium_gross))) == premiums
    assert db.execute(select(terms.c.premium_period, terms.c.currency).distinct()).all() == [("month", "USD")]


def test_every_hole_of_the_damaged_copy_is_named(db: Connection, mcva: Path, tmp_path: Path) -> None:
    """By row and column; rows that lack what every policy needs are refused, all others are in the book."""
    clean, damaged = _rows(mcva / CLEAN), _rows(mcva / DAMAGED)
    headings = damaged[0]
    holes = {
        (number, headings[place])
        for number, (whole, torn) in enumerate(zip(clean[1:], damaged[1:], strict=True), start=2)
        for place in range(len(headings))
        if whole[place] and not torn[place]
    }
    needed = {"Customer", "Effective To Date", "Policy Type"}
    must_refuse = {number for number, heading in holes if heading in needed}

    report = _import(db, mcva / DAMAGED, tmp_path / "mend.csv")

    assert len(holes) == 100
    assert {(problem.row, problem.column) for problem in report} == holes
    assert set(report.problems.refused) == must_refuse
    kept = {row[0] for number, row in enumerate(damaged[1:], start=2) if number not in must_refuse}
    assert set(db.scalars(select(parties.c.number))) == kept
    mend = _rows(tmp_path / "mend.csv")[1:]
    assert [row[:-2] for row in mend] == [damaged[number - 1] for number in sorted(must_refuse)]


def test_the_clean_copy_fills_the_holes(db: Connection, mcva: Path, tmp_path: Path) -> None:
    """Importing it after the damaged one adds the refused rows and changes only the holes."""
    _import(db, mcva / DAMAGED, tmp_path / "mend.csv")

    again = _import(db, mcva / CLEAN, tmp_path / "mend.csv")

    assert (again.tallies["policies"].added, again.tallies["terms"].added) == (13, 13)
    assert again.tallies["terms"].fields == {"premium_gross": 3}
    assert db.scalar(select(func.count()).select_from(terms)) == 9_134


def test_a_dry_run_of_the_damaged_copy_names_the_same_holes(db: Connection, mcva: Path, tmp_path: Path) -> None:
    """And writes neither to the database nor a file."""
    report = _import(db, mcva / DAMAGED, tmp_path / "mend.csv", dry_run=True)

    assert (len(list(report)), report.refused, report.tallies["policies"].added) == (100, 13, 9_121)
    assert not (tmp_path / "mend.csv").exists()
    assert db.scalar(select(func.count()).select_from(policies)) == 0


def test_the_renewals_of_the_window_are_those_of_the_file(db: Connection, mcva: Path, tmp_path: Path) -> None:
    """As of 3 January 2011: each term that ends within 45 days gets one, with whoever looks after the client."""
    published_at = datetime(2010, 12, 1, tzinfo=UTC)
    publish(db, Actor(door=Door.IMPORT), read_definitions().checked(), published_at)
    _import(db, mcva / CLEAN, tmp_path / "mend.csv")

    tally = generate_here(db, Actor(door=Door.RUN), "renewal", AT)
    again = generate_here(db, Actor(door=Door.RUN), "renewal", AT)

    ends = [datetime.strptime(row[6], "%m/%d/%Y").replace(tzinfo=UTC).date() for row in _rows(mcva / CLEAN)[1:]]
    agents = sum(row[20] == "Agent" for row, end in zip(_rows(mcva / CLEAN)[1:], ends, strict=True) if _is_due(end))
    anna = select(employees.c.id).where(employees.c.login == "anna").scalar_subquery()
    assert tally.cases == sum(map(_is_due, ends))
    assert db.scalar(select(func.count()).select_from(cases)) == tally.cases
    assert db.scalar(select(func.count()).where(tasks.c.assignee_id == anna)) == agents
    assert (again.cases, sum(again.left_out.values())) == (0, 0)


def _is_due(end: date) -> bool:
    return date(2011, 1, 3) <= end <= date(2011, 1, 3) + timedelta(days=45)
