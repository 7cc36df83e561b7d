"""A small brokerage to generate for: employees, clients, policies and terms, written as plainly as a test needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from core.actor import Actor, Door
from models import contracts, definitions, parties, people, work
from models.database import begin
from standards.parsing import process_of
from tasks.generation.running import generate_here
from tasks.generation.tally import Tally
from tasks.handbooks import calendars

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = Actor(door=Door.RUN)
PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)

RENEWAL = """
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  where: {term.renews: by offer}
  leave out:
    placed elsewhere: {term.placed: elsewhere}
    blacklisted: {client.is_blacklisted: true}
  GROUP
  assign: client.account_manager
steps:
  call:
    action: call
    title: Call {policyholder.name} about {policy.number}
    no later than: 3 working days before term.expires_on
    outcomes:
      renewed: {next: record}
      declined: {end: lost}
  record:
    record: next term
    end: won
ends:
  won: {success: true}
  lost: {success: false}
"""

STANDARDS = """
standards:
  all work:
    start within: 4 working hours
    due: 2 working days
    effort: 30 minutes
    remind: [4 working hours before due]
    escalate: [{after: 1 working day, to: manager}]
  important clients:
    for: {client.tier: vip}
    due: 4 working hours
"""


@dataclass(kw_only=True)
class Book:
    """Rows of one brokerage; every method returns the number of the row it wrote."""

    db: Connection
    house_id: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    insurers: dict[str, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def put(self, table: Table, **values: Any) -> int:
        """One row of any table."""
        return int(self.db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

    def publish(
        self, source: str, *, at: datetime = PUBLISHED, starts_from: datetime | None = None, version: int = 1
    ) -> int:
        """A version of a process. Returns its number."""
        process = process_of(source)
        written = pg_insert(definitions.processes).values(name=process.name, subject=process.subject)
        kept = written.on_conflict_do_update(index_elements=["name"], set_={"subject": process.subject})
        process_id = self.db.execute(kept.returning(definitions.processes.c.id)).scalar_one()
        return self.put(
            definitions.process_versions,
            process_id=process_id,
            version=version,
            content_hash=f"{process.name} {version}",
            source=source,
            published_at=at,
            starts_from=starts_from,
        )

    def renewals(self, *, group: str = "", **more: Any) -> int:
        """The process most tests generate."""
        return self.publish(RENEWAL.replace("GROUP", f"group: {group}" if group else ""), **more)

    def standards(self, source: str = STANDARDS, version: int = 1) -> int:
        """A book of service standards."""
        return self.put(
            definitions.standard_books,
            version=version,
            content_hash=f"book {version} {hash(source)}",
            sources={"standards/all.yaml": source},
            published_at=PUBLISHED,
        )

    def team(self, code: str, **more: Any) -> int:
        """A team of the house."""
        return self.put(people.teams, organisation_id=self.house_id, code=code, name=code.title(), **more)

    def employee(self, login: str, **more: Any) -> int:
        """Somebody who works here."""
        values = {"organisation_id": self.house_id, "login": login, "name": login.title(), "sort_key": login}
        return self.put(people.employees, **values | more)

    def absent(self, employee_id: int, starts_at: datetime, ends_at: datetime, substitute_id: int | None = None) -> int:
        """A stretch in which somebody is away."""
        return self.put(
            people.absences,
            employee_id=employee_id,
            starts_at=starts_at,
            ends_at=ends_at,
            kind="holiday",
            substitute_id=substitute_id,
        )

    def client(self, *, account_manager: int | None = None, **more: Any) -> int:
        """A client, with an account manager since long ago when one is given."""
        number = f"C{next(self.numbers)}"
        values = {"number": number, "kind": "person", "name": f"Client {number}", "sort_key": number}
        client_id = self.put(parties.parties, **values | more)
        if account_manager is not None:
            self.responsible(client_id, account_manager)
        return client_id

    def responsible(self, client_id: int, employee_id: int, role: str = "account_manager", **more: Any) -> int:
        """Who is that to a client."""
        dated = {"since": date(2000, 1, 1)} | more
        return self.put(parties.responsibilities, client_id=client_id, employee_id=employee_id, role=role, **dated)

    def policy(self, client_id: int, *, line: str = "motor", insurer: str = "lietuvos", **more: Any) -> int:
        """A policy without terms."""
        if line not in self.lines:
            self.lines[line] = self.put(contracts.product_lines, code=line, labels={"en": line})
        if insurer not in self.insurers:
            self.insurers[insurer] = self.put(contracts.insurers, code=insurer, name=insurer.title())
        values = {
            "client_id": client_id,
            "insurer_id": self.insurers[insurer],
            "product_line_id": self.lines[line],
            "number": f"P{next(self.numbers)}",
        }
        return self.put(contracts.policies, **values | more)

    def term(self, policy_id: int, expires_on: date, *, sequence: int = 1, **more: Any) -> int:
        """A year of cover that ends on that day."""
        values = {"starts_on": expires_on - timedelta(days=364), "expires_on": expires_on, "sequence": sequence}
        return self.put(contracts.terms, policy_id=policy_id, **values | more)

    def generate(self, at: datetime = MONDAY, process: str = "renewal") -> Tally:
        """Everything of a process that is due, in the transaction of the test."""
        return generate_here(self.db, RUN, process, at)

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, in order."""
        return [dict(row) for row in self.db.execute(select(work.tasks).order_by(work.tasks.c.id)).mappings()]

    def cases(self) -> list[dict[str, Any]]:
        """All cases, in order of their subjects."""
        wanted = select(work.cases).order_by(work.cases.c.subject_id, work.cases.c.attempt)
        return [dict(row) for row in self.db.execute(wanted).mappings()]

    def cover(self, expires_on: date, *, account_manager: int | None = None, **more: Any) -> int:
        """A client with one policy and one term."""
        return self.term(self.policy(self.client(account_manager=account_manager)), expires_on, **more)


def _book(db: Connection) -> Book:
    book = Book(db=db)
    book.house_id = book.put(people.organisations, code="house", name="House", kind="house")
    return book


@pytest.fixture
def make_book() -> Callable[[Connection], Book]:
    """Begins a brokerage in a transaction that will be kept."""
    return _book


@pytest.fixture
def book(db: Connection) -> Book:
    """An empty brokerage in the transaction of the test."""
    return _book(db)


MANY_TERMS = text(
    """
    WITH client AS (
        INSERT INTO parties (number, kind, name, sort_key)
        SELECT 'M' || n, 'person', 'Client ' || n, n::text FROM generate_series(1, :count) n RETURNING id
    ), responsible AS (
        INSERT INTO responsibilities (client_id, employee_id, role, since)
        SELECT id, (SELECT min(id) FROM employees) + id % 2, 'account_manager', '2000-01-01' FROM client
    ), policy AS (
        INSERT INTO policies (client_id, insurer_id, product_line_id, number)
        SELECT id, :insurer_id, :product_line_id, 'M' || id FROM client RETURNING id
    )
    INSERT INTO terms (policy_id, sequence, expires_on) SELECT id, 1, date '2026-03-10' + (id % 35)::int FROM policy
    """
)


@pytest.fixture
def office(fresh_engine: Engine, make_book: Callable[[Connection], Book]) -> Callable[[int], Engine]:
    """A brokerage that other processes can see: two account managers, and as many terms in the window as asked for."""

    def build(terms: int) -> Engine:
        with begin() as db:
            book = make_book(db)
            jonas, _ona = (book.employee(login) for login in ("jonas", "ona"))
            book.renewals()
            book.standards()
            calendars.calendar_of(db)
            book.policy(book.client(account_manager=jonas))
            numbers = {"insurer_id": book.insurers["lietuvos"], "product_line_id": book.lines["motor"]}
            db.execute(MANY_TERMS, {"count": terms, **numbers})
        return fresh_engine

    return build
