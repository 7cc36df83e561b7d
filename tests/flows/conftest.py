"""One Prefect server for the whole test run: its first start takes up to half a minute."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, text

from core.actor import Actor, Door
from flows.account import Account
from flows.duties import DUTIES
from flows.place import environment
from flows.prefect_server import PrefectServer, start
from models import contracts, people
from models.database import begin
from models.timetable import CatchUp, schedules
from standards.definition_folder import read_definitions
from tasks.handbooks.publishing import publish
from tasks.timetable.claiming import Claim
from tasks.timetable.house_schedules import Duty

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EVERYBODY = text(
    """
    WITH clients AS (
        INSERT INTO parties (number, kind, name, sort_key)
        SELECT 'M' || n, 'person', 'Client ' || n, 'm' || n FROM generate_series(1, :count) AS n RETURNING id
    ), led AS (
        INSERT INTO responsibilities (client_id, employee_id, role, since)
        SELECT id, :employee_id, 'account_manager', DATE '2000-01-01' FROM clients
    ), bought AS (
        INSERT INTO policies (client_id, insurer_id, product_line_id, number)
        SELECT id, :insurer_id, :product_line_id, 'P' || id FROM clients RETURNING id
    )
    INSERT INTO terms (policy_id, starts_on, expires_on, sequence)
    SELECT id, DATE '2025-04-01', DATE '2026-03-31', 1 FROM bought
    """
)


@pytest.fixture
def crowd() -> Callable[[int], None]:
    """Writes one account manager with so many renewals, and publishes the library's definitions."""

    def write(terms: int) -> None:
        with begin() as db:
            house = _put(db, people.organisations, code="house", name="House", kind="house")
            ona = _put(db, people.employees, organisation_id=house, login="ona", name="Ona", sort_key="ona")
            insurer = _put(db, contracts.insurers, code="lietuvos", name="Lietuvos")
            line = _put(db, contracts.product_lines, code="motor", labels={"en": "Motor"})
            numbers = {"count": terms, "employee_id": ona, "insurer_id": insurer, "product_line_id": line}
            db.execute(EVERYBODY, numbers)
            before = MONDAY - timedelta(days=60)
            publish(db, Actor(door=Door.RUN), read_definitions(), before, start_inside=True, start_behind=False)

    return write


def _put(db: Connection, table: Table, **values: Any) -> int:
    return int(db.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


@dataclass(frozen=True, kw_only=True)
class Prefect:
    """The Prefect of this test run."""

    server: PrefectServer
    home: Path


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """A Prefect of this test run: at home in a folder of its own, its server on this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("prefect")
        for name, value in (environment() | {"PREFECT_HOME": str(home)}).items():
            patch.setenv(name, value)
        patch.setattr("flows.prefect_server.home", lambda: home)
        server = start()
        patch.setenv("PREFECT_API_URL", server.api)
        yield Prefect(server=server, home=home)
        server.stop()


@pytest.fixture
def prefect_home(prefect_server: Prefect) -> Path:
    """The home of that Prefect; flows report to its server."""
    return prefect_server.home


@pytest.fixture
def bell(house: Any) -> Callable[..., None]:
    """Puts a schedule into the table."""

    def declare(code: str, phrase: str, catches_up: CatchUp = CatchUp.ONCE, **facts: Any) -> None:
        values: dict[str, Any] = {
            "code": code,
            "phrase": phrase,
            "catches_up": catches_up.value,
            "does": "tick",
            "arguments": {},
        }
        with begin() as db:
            db.execute(insert(schedules).values(values | facts))

    return declare


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """What was done: the work itself is only noted."""
    noted: list[Claim] = []

    def note(claimed: Claim, _stop: threading.Event) -> Account:
        noted.append(claimed)
        return Account(sentence="noted", page="# Noted\n", key="noted")

    monkeypatch.setattr("flows.duties.DUTIES", dict.fromkeys(DUTIES, note) | {Duty.TICK: note})
    return noted
