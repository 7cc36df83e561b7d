"""A small house with work in it, row by row, so that a test can count by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from models import contracts, parties, people, work

DEFAULT_OPENED = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass(kw_only=True)
class Desk:
    """Writes people, cases and tasks as rows; every method returns the new id."""

    db: Connection
    resolutions: dict[tuple[str, ...], int]
    count: int = 0

    def number(self) -> int:
        """A number not used before in this test."""
        self.count += 1
        return self.count

    def put(self, table: Any, **values: Any) -> int:
        """One row of any table."""
        return int(self.db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

    def employee(self, name: str, **values: Any) -> int:
        """Somebody who works here."""
        house = self.put(people.organisations, code=f"o{self.number()}", name="House", kind="house")
        facts = {"organisation_id": house, "login": f"e{self.number()}", "name": name, "sort_key": name} | values
        return self.put(people.employees, **facts)

    def client(self, name: str = "Ona") -> int:
        """A person who is a client."""
        return self.put(parties.parties, number=f"C{self.number()}", kind="person", name=name, sort_key=name.lower())

    def case(self, **values: Any) -> int:
        """A case; with `end_code` it has ended."""
        facts = {
            "process_id": 1,
            "version_id": 1,
            "subject_type": "term",
            "subject_id": self.number(),
            "cycle_id": self.number(),
            "started_at": DEFAULT_OPENED,
        } | values
        if "end_code" in facts:
            facts |= {"status": "ended"}
            facts.setdefault("ended_at", DEFAULT_OPENED)
        return self.put(work.cases, **facts)

    def resolution(self, action: str = "call", **dimensions: str) -> int:
        """What holds for a combination of dimensions, each combination once."""
        key = (action, *(f"{name}={value}" for name, value in sorted(dimensions.items())))
        if key not in self.resolutions:
            self.resolutions[key] = self.put(
                work.resolutions,
                content_hash=f"h{self.number()}",
                action=action,
                fields={},
                explanation={},
                **dimensions,
            )
        return self.resolutions[key]

    def task(self, *, action: str = "call", dimensions: dict[str, str] | None = None, **values: Any) -> int:
        """A task, open unless told otherwise."""
        facts = {
            "status": "open",
            "step": "call",
            "resolution_id": self.resolution(action, **(dimensions or {})),
            "opened_at": DEFAULT_OPENED,
        } | values
        if facts["status"] in {"open", "active", "waiting"}:
            facts.setdefault("held_since", facts["opened_at"])
        if facts["status"] == "waiting":
            facts.setdefault("waiting_since", facts["opened_at"])
        return self.put(work.tasks, **facts)

    def done(self, *, by: int, at: datetime, working: int = 3600, waiting: int = 0, **values: Any) -> int:
        """A task that somebody held from its opening to its end; `working` and `waiting` in seconds."""
        facts: dict[str, Any] = {"status": "done", "assignee_id": by, "finished_at": at} | values
        task = self.task(**facts)
        self.hold(task, by=by, ended_at=at, ended_by=facts["status"], working=working, waiting=waiting)
        return task

    def put_item(self, task: int, case: int) -> int:
        """A case's share of a task that serves several."""
        return self.put(work.task_items, task_id=task, case_id=case, step="x")

    def hold(
        self,
        task: int,
        *,
        by: int | None,
        ended_at: datetime,
        ended_by: str,
        began_at: datetime = DEFAULT_OPENED,
        working: int = 0,
        waiting: int = 0,
    ) -> int:
        """A stretch of somebody's time with a task."""
        return self.put(
            work.holds,
            task_id=task,
            employee_id=by,
            began_at=began_at,
            ended_at=ended_at,
            working_seconds=working,
            waiting_seconds=waiting,
            ended_by=ended_by,
        )


@pytest.fixture
def desk(db: Connection) -> Desk:
    """A house of one transaction."""
    return Desk(db=db, resolutions={})


@pytest.fixture
def desk_of() -> Callable[[Connection], Desk]:
    """The same in a transaction of the test's own."""
    return lambda db: Desk(db=db, resolutions={})


@pytest.fixture
def product_lines(desk: Desk) -> Callable[..., None]:
    """Names of product lines in three languages."""

    def make(**lines: dict[str, str]) -> None:
        for code, names in lines.items():
            desk.put(contracts.product_lines, code=code, labels=names)

    return make


@pytest.fixture(scope="session")
def page() -> Callable[[str], list[dict[str, str]]]:
    """The first table below a heading of docs/figures.md, row by row."""
    written = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")

    def table(heading: str) -> list[dict[str, str]]:
        found: list[list[str]] = []
        for line in written.partition(f"# {heading}\n")[2].splitlines():
            if line.startswith("|"):
                found.append([cell.strip() for cell in line.strip("|").split("|")])
            elif found:
                break
        head, _, *cells = found
        return [dict(zip(head, row, strict=True)) for row in cells]

    return table
