"""A house that lives as long as one benchmark, on an embedded server with the settings every house has."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from core.settings import settings
from models import database
from models.definitions import process_versions, processes, standard_books
from models.embedded.server import embedded
from tasks.handbooks import calendars
from tasks.handbooks.short_forms import renew_short_forms

LIBRARY = Path(__file__).resolve().parents[2] / "standards" / "library"
PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EMPLOYEES, ABSENT, DAYS = 100, 30, 40


@contextmanager
def throwaway_house() -> Iterator[None]:
    """Everything in a temporary folder, removed at the end; other processes started meanwhile find it too."""
    folder = tempfile.mkdtemp(prefix="taktas-bench-")
    Path(folder).chmod(0o711)
    os.environ["TAKTAS_DATA_DIR"] = folder
    os.environ.pop("TAKTAS_DATABASE_URL", None)
    settings.cache_clear()
    database.forget_engine()
    try:
        database.prepared_engine()
        yield
    finally:
        database.forget_engine()
        embedded().stop()
        shutil.rmtree(folder, ignore_errors=True)


def outside_transaction(statement: str) -> None:
    """Run a statement that PostgreSQL wants by itself."""
    with database.prepared_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text(statement))


def write_book(db: Connection, clients: int) -> None:
    """So many clients, each with a policy whose term lies in the window of renewals.

    A hundred account managers, every third of them away for a week with somebody to stand in.
    """
    for statement in _BOOK.split(";"):
        db.execute(
            text(statement), {"clients": clients, "employees": EMPLOYEES, "days": DAYS, "first": _first_expiry()}
        )
    for number in range(1, ABSENT + 1):
        starts_at = AT + timedelta(days=number % 10)
        away = {"employee": number, "starts_at": starts_at, "ends_at": starts_at + timedelta(days=7)}
        db.execute(text(_ABSENCE), away | {"substitute": ABSENT + number})


def _first_expiry() -> date:
    return AT.date() + timedelta(days=4)


def publish_library(db: Connection, process: str = "renewal") -> None:
    """The process and all standards as they are shipped."""
    source = (LIBRARY / "processes" / f"{process}.yaml").read_text(encoding="utf-8")
    sources = {f"standards/{it.name}": it.read_text(encoding="utf-8") for it in (LIBRARY / "standards").glob("*.yaml")}
    number = db.execute(processes.insert().values(name=process, subject="term").returning(processes.c.id)).scalar_one()
    version = {"process_id": number, "version": 1, "content_hash": "shipped", "published_at": PUBLISHED}
    db.execute(process_versions.insert().values(source=source, **version))
    book = {"version": 1, "content_hash": "shipped", "published_at": PUBLISHED}
    db.execute(standard_books.insert().values(sources=sources, **book))
    calendars.calendar_of(db)
    renew_short_forms(db)


_BOOK = """
INSERT INTO organisations (id, code, name, kind) VALUES (1, 'house', 'House', 'house');
INSERT INTO teams (id, organisation_id, code, name)
    SELECT n, 1, 'team' || n, 'Team ' || n FROM generate_series(1, 5) n;
INSERT INTO employees (id, organisation_id, team_id, login, name, sort_key)
    SELECT n, 1, 1 + n % 5, 'e' || n, 'Employee ' || n, lpad(n::text, 4, '0') FROM generate_series(1, :employees) n;
INSERT INTO product_lines (id, code, labels) SELECT n, 'line' || n, '{}' FROM generate_series(1, 7) n;
INSERT INTO insurers (id, code, name) SELECT n, 'insurer' || n, 'Insurer ' || n FROM generate_series(1, 5) n;
INSERT INTO parties (id, number, kind, name, sort_key, tier, standing)
    SELECT n, 'C' || n, CASE WHEN n % 4 = 0 THEN 'company' ELSE 'person' END, 'Client ' || n, n::text,
        CASE WHEN n % 20 = 0 THEN 'vip' ELSE 'standard' END, 'existing' FROM generate_series(1, :clients) n;
INSERT INTO responsibilities (client_id, employee_id, role, since)
    SELECT n, 1 + n % :employees, 'account_manager', '2020-01-01' FROM generate_series(1, :clients) n;
INSERT INTO policies (id, client_id, insurer_id, product_line_id, number)
    SELECT n, n, 1 + n % 5, 1 + n % 7, 'P' || n FROM generate_series(1, :clients) n;
INSERT INTO terms (id, policy_id, sequence, starts_on, expires_on)
    SELECT n, n, 1, CAST(:first AS date) + (n % :days)::int - 365, CAST(:first AS date) + (n % :days)::int
    FROM generate_series(1, :clients) n
"""
_ABSENCE = """
INSERT INTO absences (employee_id, starts_at, ends_at, kind, substitute_id)
    VALUES (:employee, :starts_at, :ends_at, 'holiday', :substitute)
"""
