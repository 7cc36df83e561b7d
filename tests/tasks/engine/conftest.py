"""A small house to tell stories in: three people, one client, one policy, and whatever process a story needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, RowMapping, insert, select, update

from core.actor import Actor, Door
from models import contracts, definitions, parties, people, work
from standards.parsing import process_of
from standards.working_time.calendar import CalendarDefinition
from tasks.beat import happening, ticking
from tasks.desk import casework, working
from tasks.desk.completing import Completion
from tasks.facts.step_titles import short_form
from tasks.facts.titles import titles_of
from tasks.handbooks.calendar_versions import store_version, stored_layers

VILNIUS = ZoneInfo("Europe/Vilnius")
MONDAY = "2026-03-02 09:00"

CALL = """
process: renewal
title: Policy renewal
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call:
    action: call
    title: Call {policyholder.name} about {policy.number}
    no later than: 3 working days before term.expires_on
    outcomes:
      interested: {next: offer}
      thinking: {repeat in: 3 working days, at most: 2, then: {end: lost}}
      declined: {end: lost, ask: {reason: [price, competitor, other]}}
  offer:
    action: offer
    title: {en: "Send {policyholder.name} an offer", lt: "Pateikti {policyholder.name} pasiūlymą"}
    outcomes:
      accepted: {end: won, ask: {premium: money, policy_number: {type: text, optional: true}}}
      declined: {end: lost, ask: {reason: [price, competitor, other]}}
on:
  policy.cancelled: {end: lost, reason: cancelled}
ends:
  won: {success: true}
  lost: {success: false}
"""

STORY = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
"""
STORY_ENDS = """
ends:
  good: {success: true}
  bad: {success: false}
"""

STANDARDS = """
standards:
  any work:
    for: all work
    due: 8 working hours
    effort: 30 minutes
    remind: [2 working hours before due]
    escalate: [{after: 1 working hour, to: manager}]
"""


def at(written: str) -> datetime:
    """A moment on the wall clock of Vilnius."""
    return datetime.fromisoformat(written).replace(tzinfo=VILNIUS)


@dataclass
class House:
    """What a story needs: people, a client with a term, published definitions, and short ways to act."""

    db: Connection
    ids: dict[str, int] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: at(MONDAY))
    call: str = CALL
    head: str = STORY

    def actor(self, login: str = "jonas") -> Actor:
        """Somebody at the command line."""
        return Actor(door=Door.COMMAND_LINE, employee_id=self.ids[login])

    def add(self, table: Any, **values: Any) -> int:
        """A row; returns its number."""
        number: int = self.db.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
        return number

    def employee(self, login: str, **values: Any) -> int:
        """Somebody who works here, in the sales team unless told otherwise."""
        facts = {"organisation_id": self.ids["house"], "team_id": self.ids["sales"], "login": login}
        facts |= {"name": login.capitalize(), "sort_key": login, "email": f"{login}@house.test"}
        self.ids[login] = self.add(people.employees, **(facts | values))
        return self.ids[login]

    def absence(self, login: str, begins: str, ends: str, substitute: str | None = None) -> None:
        """Somebody is away."""
        stand_in = self.ids[substitute] if substitute else None
        self.add(
            people.absences,
            employee_id=self.ids[login],
            starts_at=at(begins),
            ends_at=at(ends),
            kind="holiday",
            substitute_id=stand_in,
        )

    def client(self, number: str, name: str, *, manager: str | None = "jonas", **values: Any) -> int:
        """A client with an e-mail and an account manager."""
        facts = {"kind": "person", "sort_key": name.lower(), "standing": "existing"} | values
        client_id = self.add(parties.parties, number=number, name=name, **facts)
        self.add(parties.contact_points, party_id=client_id, channel="email", value=f"{number}@client.test")
        if manager is not None:
            self.responsible(client_id, manager)
        self.ids[number] = client_id
        return client_id

    def responsible(self, client_id: int, login: str, role: str = "account_manager") -> None:
        """Who is that to the client from 2020 on."""
        self.add(
            parties.responsibilities,
            client_id=client_id,
            employee_id=self.ids[login],
            role=role,
            since=date(2020, 1, 1),
        )

    def term(self, number: str = "P-1", client: str = "C-1", expires: str = "2026-03-31", **values: Any) -> int:
        """A policy with one term of ours."""
        policy_id = self.add(
            contracts.policies,
            client_id=self.ids[client],
            insurer_id=self.ids["lumen"],
            product_line_id=self.ids["motor"],
            number=number,
        )
        expires_on = date.fromisoformat(expires)
        facts: dict[str, Any] = {"policy_id": policy_id, "sequence": 1, "expires_on": expires_on}
        facts |= {"starts_on": expires_on.replace(year=expires_on.year - 1), "premium_gross": 100}
        facts |= {"premium_period": "year", "currency": "EUR"}
        self.ids[number] = policy_id
        self.ids[f"term {number}"] = self.add(contracts.terms, **(facts | values))
        return self.ids[f"term {number}"]

    def standards(self, *sources: str, lists: str = "") -> None:
        """Publish a book of standards, and coded lists when a story needs them."""
        texts = {f"standards/{place}.yaml": text for place, text in enumerate(sources)}
        known = self.db.execute(select(definitions.standard_books.c.id)).all()
        self.add(
            definitions.standard_books,
            version=len(known) + 1,
            content_hash=f"book {len(known)} {hash((sources, lists))}",
            sources=texts | ({"lists.yaml": lists} if lists else {}),
            published_at=self.now,
        )

    def publish(self, *sources: str) -> None:
        """Publish processes as they are written."""
        for source in sources:
            name = next(line.split(":")[1].strip() for line in source.splitlines() if line.startswith("process:"))
            subject = next(line.split(":")[1].strip() for line in source.splitlines() if line.startswith("subject:"))
            key = f"process {name}"
            if key not in self.ids:
                self.ids[key] = self.add(definitions.processes, name=name, subject=subject)
            versions = definitions.process_versions
            number = len(self.db.execute(select(versions.c.id).where(versions.c.process_id == self.ids[key])).all()) + 1
            self.ids[f"{name}@{number}"] = self.add(
                versions,
                process_id=self.ids[key],
                version=number,
                content_hash=f"{name} {hash(source)}",
                source=source,
                titles=short_form(process_of(source)),
                published_at=self.now,
            )

    def letter(self, name: str, *, language: str = "en", letter_class: str = "service", body: str = "Hello.") -> int:
        """Publish the text of a letter."""
        return self.add(
            definitions.letter_versions,
            name=name,
            language=language,
            version=1,
            content_hash=f"{name} {language}",
            letter_class=letter_class,
            subject="About your policy",
            body_text=body,
            published_at=self.now,
        )

    def start(
        self, process: str = "renewal", subject: str = "term P-1", subject_type: str = "term", **more: Any
    ) -> int:
        """Start a case by hand, as Ona the manager."""
        return casework.start_case(
            self.db,
            self.actor("ona"),
            process=process,
            subject_type=subject_type,
            subject_id=self.ids[subject],
            at=self.now,
            **more,
        )

    def complete(
        self, task: RowMapping | int, outcome: str | None = None, *, by: str = "ona", **more: Any
    ) -> Completion:
        """Complete a task; answers go by their names."""
        known = {name: more.pop(name) for name in ("case_id", "late_reason", "spent_minutes", "note") if name in more}
        task_id = task if isinstance(task, int) else task["id"]
        return working.complete(
            self.db, self.actor(by), task_id=task_id, outcome=outcome, answers=more, at=self.now, **known
        )

    def cancel(self, task: RowMapping, reason: str = "not wanted", *, by: str = "ona") -> Completion:
        """Cancel a task."""
        return working.cancel(self.db, self.actor(by), task_id=task["id"], reason=reason, at=self.now)

    def begin(self, task: RowMapping, *, by: str = "ona") -> None:
        """Begin a task."""
        working.start(self.db, self.actor(by), task_id=task["id"], at=self.now)

    def wait(self, task: RowMapping, reason: str = "client", *, by: str = "ona") -> None:
        """Leave a task waiting."""
        working.wait(self.db, self.actor(by), task_id=task["id"], reason=reason, at=self.now)

    def reassign(self, task: RowMapping, to: str, *, by: str = "ona") -> None:
        """Hand a task over."""
        working.reassign(self.db, self.actor(by), task_id=task["id"], to_employee_id=self.ids[to], at=self.now)

    def void(self, case_id: int, reason: str = "duplicate") -> Completion:
        """Void a case."""
        return casework.void(self.db, self.actor("ona"), case_id=case_id, reason=reason, at=self.now)

    def add_task(self, title: str, *, by: str = "jonas", **more: Any) -> int:
        """An ad hoc task."""
        return working.add(self.db, self.actor(by), title=title, at=self.now, **more)

    def title(self, task: RowMapping, language: str = "en") -> str:
        """What a task is called."""
        return titles_of(self.db, [task["id"]], language, self.now)[task["id"]]

    @staticmethod
    def at(written: str) -> datetime:
        """A moment on the wall clock of Vilnius."""
        return at(written)

    def happens(self, kind: str, subject: str, subject_type: str = "term", key: str = "", **data: Any) -> None:
        """Something befalls a subject; the next beat lets everybody hear."""
        happening.report(
            self.db,
            kind=kind,
            subject_type=subject_type,
            subject_id=self.ids[subject],
            at=self.now,
            key=f"{kind} {subject} {key or len(self.rows(work.happenings))}",
            data=data,
        )

    def tell(self, steps: str, *, more: str = "", begin: str = "") -> int:
        """Publish a process of these steps, which ends well or badly, and start it."""
        begins = f"begin: {begin}\n" if begin else ""
        self.publish(STORY + begins + steps + more + STORY_ENDS)
        return self.start("story")

    def befalls(self, kind: str, subject: str = "term P-1", subject_type: str = "term", key: str = "") -> None:
        """Something befalls a subject, and the beat lets everybody hear."""
        self.happens(kind, subject, subject_type, key)
        assert self.tick().problems == []

    def tick(self, moment: str | None = None) -> ticking.TickReport:
        """The beat, in this very transaction."""
        if moment is not None:
            self.now = at(moment)
        return ticking.tick_within(self.db, at=self.now)

    def tasks(self, case_id: int | None = None, *, live: bool = True, **where: Any) -> list[RowMapping]:
        """Tasks, in the order of their creation."""
        query = select(work.tasks).order_by(work.tasks.c.id)
        if case_id is not None:
            query = query.where(work.tasks.c.case_id == case_id)
        if live:
            query = query.where(work.tasks.c.status.in_(list(work.LIVE)))
        for name, value in where.items():
            query = query.where(work.tasks.c[name] == value)
        return list(self.db.execute(query).mappings())

    def task(self, case_id: int | None = None, **where: Any) -> RowMapping:
        """The one task there is; a live one unless `live` is False."""
        (found,) = self.tasks(case_id, **where)
        return found

    def steps(self, case_id: int) -> list[str]:
        """The steps with live tasks, in alphabetical order."""
        return sorted(str(task["step"]) for task in self.tasks(case_id))

    def case_id(self) -> int:
        """The number of the one case there is."""
        number: int = self.db.execute(select(work.cases.c.id)).scalar_one()
        return number

    def case(self, case_id: int) -> RowMapping:
        """A case's row."""
        return self.db.execute(select(work.cases).where(work.cases.c.id == case_id)).mappings().one()

    def events(self, case_id: int | None = None, kinds: Iterable[str] = ()) -> list[RowMapping]:
        """The ledger of a case, or of tasks without one, in order."""
        query = select(work.events).where(work.events.c.case_id == case_id).order_by(work.events.c.id)
        return [row for row in self.db.execute(query).mappings() if not kinds or row["kind"] in kinds]

    def kinds(self, case_id: int | None = None) -> list[str]:
        """The kinds of a case's events, in order."""
        return [row["kind"] for row in self.events(case_id)]

    def rows(self, table: Any) -> list[RowMapping]:
        """All rows of a table, in order of their numbers."""
        return list(self.db.execute(select(table).order_by(table.c.id)).mappings())

    def change(self, table: Any, number: int, **values: Any) -> None:
        """Change a row of the book."""
        self.db.execute(update(table).where(table.c.id == number).values(values))


def furnish(db: Connection) -> House:
    """Ona the manager, Jonas and Rūta in sales, one client with one policy, the usual week without holidays."""
    house = House(db)
    definition = CalendarDefinition.model_validate(
        {
            "calendar": "house",
            "title": "The week",
            "zone": "Europe/Vilnius",
            "hours": {"monday to friday": "09:00-17:00"},
        }
    )
    stored = stored_layers((definition,), date(2024, 1, 1), date(2029, 12, 31))
    store_version(db, stored, parent_id=None, at=house.now, published_by=None)
    house.ids["house"] = house.add(people.organisations, code="house", name="The House", kind="house")
    house.ids["sales"] = house.add(people.teams, organisation_id=house.ids["house"], code="sales", name="Sales")
    house.employee("ona", is_manager=True, team_id=None)
    house.employee("jonas", manager_id=house.ids["ona"])
    house.employee("ruta", manager_id=house.ids["ona"])
    house.ids["lumen"] = house.add(contracts.insurers, code="lumen", name="Lumen Insurance")
    house.ids["motor"] = house.add(contracts.product_lines, code="motor", labels={"en": "Motor"})
    house.client("C-1", "Aistė Žukauskienė")
    house.term()
    house.standards(STANDARDS)
    house.publish(CALL)
    return house


@pytest.fixture
def small_house(db: Connection) -> House:
    """The small house, in a transaction that is taken back at the end."""
    return furnish(db)


@pytest.fixture
def furnished() -> Callable[[Connection], House]:
    """Furnishes any database with the small house."""
    return furnish
