"""The sample brokerage in a house of its own: definitions published, the book imported, half a year of work behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from core.actor import Actor, Door
from core.clock import start_of
from core.settings import settings
from intake.import_kinds import KINDS
from intake.importing import import_file
from intake.sample.book import Book, Policy, Size, write_book
from intake.sample.clock import LightClock
from intake.sample.dice import Dice
from intake.sample.files import follow_up_rows, invoice_rows, write_house, write_table
from intake.sample.history import PROCESS_STEPS, Known, Past, first_monday, name_next_term, tell
from intake.sample.people import PEOPLE, absences
from intake.sample.working import Worker
from models.contracts import insurers, policies, terms
from models.people import employees
from standards.definition_folder import Definitions
from standards.service.standard import Dimensions, Fields
from tasks.handbooks import handbook
from tasks.handbooks.publishing import publish
from tasks.handbooks.resolving import resolve_tasks
from tasks.record.past_work import PastCase, record_past_work
from tasks.seating.desks import desks

SEED = 20_260_101
PROCESS = "renewal"
FULL = Size()
BEFORE = timedelta(days=190)  # the house opens before the half year that is told
IMPORT = Actor(door=Door.IMPORT)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The sample brokerage as it stands on a Monday, and the folder in which its files lie."""

    monday: date
    folder: Path
    book: Book

    @property
    def now(self) -> datetime:
        """That Monday at six in the morning, on the clock of the house."""
        return start_of(self.monday, settings().zone) + timedelta(hours=6)

    @property
    def opened_at(self) -> datetime:
        """When the house began to work with taktas."""
        return self.now - BEFORE


def sample_of(monday: date, folder: Path, size: Size = FULL) -> Sample:
    """The sample brokerage for that Monday: always the same. Its files go into `folder`."""
    return Sample(monday=monday, folder=folder, book=write_book(monday, Dice(SEED), size))


def open_house(db: Connection, sample: Sample, definitions: Definitions) -> None:
    """Publish the processes, standards, calendars and letters the house works by, half a year ago."""
    publish(db, IMPORT, definitions, sample.opened_at)


def bring_book(db: Connection, sample: Sample, tell_what: Tell = lambda _: None) -> dict[str, int]:
    """Write the files of the house and import each, as anybody would. Returns how many rows of each went in."""
    sample.folder.mkdir(parents=True, exist_ok=True)
    away = absences(sample.monday, Dice(SEED).fork("absences"))
    brought = {}
    for kind, path in write_house(sample.folder, sample.book, away):
        tell_what(kind)
        brought[kind] = _import(db, kind, path, sample.opened_at)
    return brought


def _import(db: Connection, kind: str, path: Path, at: datetime) -> int:
    return import_file(db, IMPORT, KINDS[kind], path, at=at).imported


def bring_past(db: Connection, sample: Sample) -> int:
    """Half a year of renewals as they went, the terms that came of them, and what is owed. Returns the cases."""
    dice = Dice(SEED)
    cases, won = _told(db, sample, dice.fork("past"))
    rows = follow_up_rows(sample.book, won, dice.fork("after"))
    _import(db, "policies", write_table(sample.folder / "renewed.csv", rows), sample.now)
    for number, term_id in _newest_terms(db, list(won)).items():
        name_next_term(cases[number], term_id)
    record_past_work(db, handbook.current(db, PROCESS), list(cases.values()))
    owed = write_table(sample.folder / "invoices.csv", invoice_rows(sample.book, dice.fork("invoices")))
    _import(db, "invoices", owed, sample.now)
    return len(cases)


def _newest_terms(db: Connection, numbers: Sequence[str]) -> dict[str, int]:
    newest = (
        select(policies.c.number, terms.c.id)
        .join_from(policies, terms, terms.c.policy_id == policies.c.id)
        .where(policies.c.number.in_(numbers))
        .order_by(policies.c.number, terms.c.sequence)
    )
    return dict(db.execute(newest).all())


def _told(db: Connection, sample: Sample, dice: Dice) -> tuple[dict[str, PastCase], dict[str, int]]:
    """The case of each policy, by its number, and the premium of the next term of those that were won."""
    worked = [policy for policy in sample.book.policies if policy.is_worked and first_monday(policy) < sample.monday]
    workers, known = _workers(db, sample), _known(db, sample, worked)
    past = Past(
        process=handbook.current(db, PROCESS).process,
        workers=workers,
        resolutions=_resolutions(db, worked),
        now=sample.now,
        zone=settings().zone,
    )
    cases, won = {}, {}
    for policy in worked:
        case, premium = tell(past, policy, known[policy.number], dice.fork(policy.number))
        cases[policy.number] = case
        if premium is not None:
            won[policy.number] = premium
    return cases, won


def _workers(db: Connection, sample: Sample) -> dict[int, Worker]:
    numbers = _employee_numbers(db)
    found = desks(db, numbers.values(), sample.opened_at)
    people = {numbers[person.login]: person for person in PEOPLE}
    return {
        number: Worker(
            person=people[number],
            desk=desk,
            present=LightClock(
                desk.open_time.without((away.starts_at, away.ends_at) for away in desk.absences),
                sample.opened_at,
                sample.now + BEFORE,
            ),
        )
        for number, desk in found.items()
    }


def _employee_numbers(db: Connection) -> dict[str, int]:
    return dict(db.execute(select(employees.c.login, employees.c.id)).all())


def _known(db: Connection, sample: Sample, worked: Sequence[Policy]) -> dict[str, Known]:
    owners = _employee_numbers(db)
    rows = db.execute(
        select(policies.c.number, terms.c.id, policies.c.client_id)
        .join_from(policies, terms, terms.c.policy_id == policies.c.id)
        .join(insurers, insurers.c.id == policies.c.insurer_id)
    ).all()
    ids = {number: (term_id, client_id) for number, term_id, client_id in rows}
    return {
        policy.number: Known(
            term_id=ids[policy.number][0], client_id=ids[policy.number][1], owner_id=owners[policy.client.owner]
        )
        for policy in worked
    }


def _resolutions(db: Connection, worked: Sequence[Policy]) -> Mapping[tuple[str, str], tuple[int, Fields]]:
    asked = {(policy.number, step): _dimensions(policy, step) for policy in worked for step in PROCESS_STEPS}
    resolved = resolve_tasks(db, set(asked.values()))
    return {key: resolved[dimensions] for key, dimensions in asked.items()}


def _dimensions(policy: Policy, step: str) -> Dimensions:
    client = policy.client
    return Dimensions(
        action=step,
        process=PROCESS,
        step=step,
        product_line=policy.line,
        client_kind="company" if client.is_firm else "person",
        client_tier=client.tier,
        client_standing="existing",
        insurer=policy.insurer,
    )
