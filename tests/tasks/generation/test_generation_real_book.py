"""A real book of policies: imported with the mapping that is shipped, renewed by the process that is shipped."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from core.actor import Actor, Door
from intake.import_kinds import KINDS
from intake.importing import import_file
from models import contracts, parties, people, work
from standards.definition_folder import read_definitions
from tasks.generation.running import generate_here
from tasks.handbooks.edition import edition_of
from tasks.handbooks.publishing import publish

MAPPING = Path(__file__).resolve().parents[3] / "examples" / "mcva_ibm" / "policies.map.yaml"
CLEAN = "WA_Fn-UseC_-Marketing-Customer-Value-Analysis_CLEAN.csv"
AT = datetime(2011, 1, 3, 6, tzinfo=UTC)
RUN = Actor(door=Door.RUN)
FIRST, LAST = date(2011, 1, 3), date(2011, 1, 3) + timedelta(days=45)


@pytest.fixture
def rows(real_data: Callable[[str], Path], book: Any, tmp_path: Path) -> list[dict[str, str]]:
    """The file as it is, and the book after importing it and publishing everything shipped."""
    path = real_data("mcva_ibm") / CLEAN
    importer = Actor(door=Door.IMPORT)
    import_file(book.db, importer, KINDS["employees"], MAPPING.with_name("employees.csv"), at=AT)
    import_file(book.db, importer, KINDS["policies"], path, at=AT, map_path=MAPPING, mend_to=tmp_path / "mend.csv")
    publish(book.db, RUN, edition_of(read_definitions()), AT, start_inside=True, start_behind=False)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _due(row: dict[str, str]) -> bool:
    """Counted over the file alone: cover ends within forty-five days from that Monday on."""
    month, day, year = (int(part) for part in row["Effective_To_Date"].split("/"))
    return FIRST <= date(year, month, day) <= LAST


def test_as_many_renewals_start_as_the_file_says(book: Any, rows: list[dict[str, str]]) -> None:
    """In total, by state of the client and by sales channel; none is left out, a second run starts nothing, and each
    renewal has an owner, a due time and a reason for it.
    """
    expected = [row for row in rows if _due(row)]

    tally = generate_here(book.db, RUN, "renewal", AT)
    again = generate_here(book.db, RUN, "renewal", AT)

    assert (tally.cases, tally.tasks, tally.left_out) == (len(expected), len(expected), {})
    assert (again.cases, again.known) == (0, len(expected))
    found = book.db.execute(
        select(parties.parties.c.region, contracts.policies.c.channel)
        .join_from(work.cases, contracts.terms, contracts.terms.c.id == work.cases.c.subject_id)
        .join(contracts.policies, contracts.policies.c.id == contracts.terms.c.policy_id)
        .join(parties.parties, parties.parties.c.id == work.cases.c.client_id)
    ).all()
    assert Counter(row.region for row in found) == Counter(row["State"] for row in expected)
    channels = Counter(row["Sales_Channel"].lower().replace(" ", "_") for row in expected)
    assert Counter(row.channel for row in found) == channels

    _assert_each_is_explained(book)


def _assert_each_is_explained(book: Any) -> None:
    """Every task has an owner, a due time before its limit, a next moment, and the standard that gave them."""
    tasks = book.tasks()
    assert all(task["due_at"] and task["due_at"] <= task["limit_at"] and task["next_at"] for task in tasks)
    assert set(Counter(task["assignee_id"] for task in tasks)) == set(
        book.db.execute(select(people.employees.c.id)).scalars()
    )
    explained = book.db.execute(text("SELECT explanation -> 'due' -> 'winner' ->> 'name' FROM resolutions")).scalars()
    assert set(explained) == {"renewal calls"}
