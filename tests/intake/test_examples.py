"""The examples a broker can try work as their README says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from core.actor import Actor, Door
from intake.history.mapping_reading import read_history_mapping
from intake.import_kinds import KINDS
from intake.importing import import_file
from intake.mappings.reading import parse_mapping, read_mapping
from models.contracts import insured_objects, terms
from models.parties import responsibilities
from models.people import absences, employees
from standards.definition_folder import read_definitions
from tasks.handbooks.house_names import known_house

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.map.yaml")), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_example_mapping_is_sound(path: Path) -> None:
    """All of them are for policies."""
    if "import: history" in path.read_text(encoding="utf-8").splitlines():
        read_history_mapping(path, zone="Europe/Vilnius")
        return
    mapping = read_mapping(path, kind=KINDS["policies"], zone="Europe/Vilnius")

    assert mapping.columns


def test_the_example_house_comes_in_without_a_problem(db: Connection) -> None:
    """In the order of the README, twice: the second time nothing changes."""
    steps = [
        ("employees", "employees.xlsx", None),
        ("absences", "absences.csv", None),
        ("policies", "policies.csv", EXAMPLES / "policies.map.yaml"),
    ]

    reports = [
        import_file(db, Actor(door=Door.IMPORT), KINDS[kind], EXAMPLES / name, at=MONDAY, map_path=mapping)
        for kind, name, mapping in steps * 2
    ]

    assert [problem for report in reports for problem in report] == []
    assert {tally.added + tally.changed for report in reports[3:] for tally in report.tallies.values()} == {0}
    counts = [db.scalar(select(func.count()).select_from(table)) for table in (employees, absences, terms)]
    assert counts == [5, 3, 29]
    assert db.scalar(select(func.count()).select_from(responsibilities)) == 19
    assert db.scalar(select(func.count()).select_from(insured_objects)) == 17


@pytest.mark.parametrize("path", ["employees.xlsx", "mcva_ibm/employees.csv"])
def test_the_definitions_that_come_with_taktas_suit_the_example_houses(path: str, db: Connection) -> None:
    """Whatever their teams are called: what is meant for a team they do not have goes another way."""
    import_file(db, Actor(door=Door.IMPORT), KINDS["employees"], EXAMPLES / path, at=MONDAY)

    told = read_definitions(house=known_house(db, MONDAY.date()))

    assert [str(problem) for problem in told.problems] == []
    assert any("the house has no team 'complaints'" in str(remark) for remark in told.remarks)


def test_the_mapping_in_the_manual_is_sound() -> None:
    """docs/import.md shows only what works."""
    manual = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)

    mapping = parse_mapping(shown, "import.md", kind=KINDS["policies"])

    assert mapping.business_key == ("policy.insurer", "policy.number", "term.starts_on")


def test_every_kind_is_described_in_the_manual() -> None:
    """And in the help of the command."""
    manual = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    command = (ROOT / "cli" / "import_group.py").read_text(encoding="utf-8")

    assert [kind for kind in KINDS if f"`{kind}`" not in manual] == []
    assert [kind for kind in KINDS if kind not in command] == []
