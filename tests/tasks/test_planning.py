"""Planning: what publishing would do, told before it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from core.actor import Actor, Door
from models import contracts, parties, work
from models.definitions import process_versions, standard_books
from standards.letters.letter import Letter
from standards.parsing import process_of
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks import handbook
from tasks.handbooks.book_sources import read_sources
from tasks.handbooks.edition import Edition, WrittenProcess
from tasks.handbooks.planning import OlderWork, plan
from tasks.handbooks.publishing import publish
from tasks.handbooks.starting import count_new, starts_to_come, waiting, weekly_starts

ANYBODY = Actor(door=Door.COMMAND_LINE)
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUSE: dict[str, Any] = {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "08:00-17:00"}}
CALLS = "standards:\n  calls:\n    for: {action: call}\n    due: 2 working days\n"
RENEWAL = """\
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
steps:
  call:
    action: call
    outcomes:
      renewed: {end: won}
      declined: {end: lost}
ends:
  won: {success: true}
  lost: {success: false}
"""
MONTHLY = """\
process: visits
title: Visits
subject: client
cycle: month
start:
  schedule: every month on the 16th at 06:00
  where: {client.kind: person}
steps:
  call:
    action: visit
    outcomes:
      seen: {end: seen}
ends:
  seen: {success: true}
"""


def edition(*processes: str, standards: str = CALLS, house: dict[str, Any] = HOUSE, body: str = "Dear") -> Edition:
    sources = {"standards/calls.yaml": standards}
    written = tuple(WrittenProcess(process=process_of(source), source=source) for source in processes)
    return Edition(
        processes=written,
        content=read_sources(sources),
        sources=sources,
        calendars=(CalendarDefinition.model_validate(house),),
        letters=(Letter(name="reminder", language="en", subject="s", body_text=body),),
    )


def one(db: Connection, table: Any, **values: Any) -> int:
    return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


@pytest.fixture
def client(db: Connection) -> int:
    """A client with terms expiring in 10, 48, 60 and 100 days, and one that expired."""
    line = one(db, contracts.product_lines, code="motor", labels={})
    insurer = one(db, contracts.insurers, code="I", name="Insurer")
    client = one(db, parties.parties, number="1", kind="person", name="Ona", sort_key="ona")
    policy = one(db, contracts.policies, client_id=client, insurer_id=insurer, product_line_id=line, number="P")
    for number, days in enumerate((10, 48, 60, 100, -30), start=1):
        expires_on = date(2026, 3, 2) + timedelta(days=days)
        one(db, contracts.terms, policy_id=policy, sequence=number, expires_on=expires_on)
    return client


def test_a_plan_of_everything_new(db: Connection) -> None:
    """Each definition gets its first version, and there is nothing it differs from."""
    made = plan(db, edition(RENEWAL), MONDAY)

    assert [(it.kind, it.name, it.version, it.changes) for it in made.planned] == [
        ("calendar", "house", 1, ()),
        ("standards", "standards", 1, ()),
        ("letter", "reminder/en", 1, ()),
        ("process", "renewal", 1, ()),
    ]
    assert made.older == ()


def test_a_plan_writes_nothing(db: Connection) -> None:
    """Not even the usual week of a house without a calendar."""
    plan(db, edition(RENEWAL), MONDAY)

    assert db.execute(select(process_versions)).all() == []
    assert db.execute(select(standard_books)).all() == []


def test_a_plan_tells_what_differs(db: Connection) -> None:
    """Field by field, day by day, step by step."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    changed = edition(
        RENEWAL.replace("declined", "refused"),
        standards=CALLS.replace("2", "3"),
        house={**HOUSE, "closed days": ["2026-03-04"]},
        body="Good morning",
    )

    made = plan(db, changed, MONDAY)

    assert [(it.name, it.version, it.changes) for it in made.planned] == [
        ("house", 2, ("~ hours of 2026-03-04",)),
        ("standards", 2, ("~ standard calls: due: 2 working days → 3 working days",)),
        ("reminder/en", 2, ()),
        ("renewal", 2, ("~ step call: outcome refused added", "~ step call: outcome declined removed")),
    ]


def test_nothing_changed_is_an_empty_plan(db: Connection) -> None:
    """What is the same needs no version."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)

    assert plan(db, edition(RENEWAL), MONDAY).planned == ()


def test_a_process_the_folder_lacks_stays(db: Connection) -> None:
    """It is named, so that nobody takes it for withdrawn."""
    publish(db, ANYBODY, edition(RENEWAL, MONTHLY), MONDAY)

    made = plan(db, edition(RENEWAL), MONDAY)

    assert made.not_mentioned == ("visits",)
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    assert handbook.current(db, "visits").version == 1


def test_open_work_on_older_versions_is_counted(db: Connection, client: int) -> None:
    """Cases and tasks that stay on the version they began with; a shared task is counted once."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY, start_inside=True)
    version = handbook.current(db, "renewal")
    cases = [open_case(db, version.process_id, version.version_id, client, subject) for subject in (1, 2, 3)]
    open_task(db, case_id=cases[0])
    shared = open_task(db, case_id=None)
    for case_id in cases[1:]:
        one(db, work.task_items, task_id=shared, case_id=case_id, step="call")

    made = plan(db, edition(RENEWAL.replace("declined", "refused")), MONDAY)

    assert made.older == (OlderWork(process="renewal", version=1, open_cases=3, open_tasks=2),)


def open_case(db: Connection, process_id: int, version_id: int, client: int, subject: int) -> int:
    subject_of = {"subject_type": "term", "subject_id": subject, "cycle_id": subject, "client_id": client}
    return one(db, work.cases, process_id=process_id, version_id=version_id, started_at=MONDAY, **subject_of)


def open_task(db: Connection, case_id: int | None) -> int:
    return one(db, work.tasks, case_id=case_id, step="call", status="open", resolution_id=1)


@pytest.mark.usefixtures("client")
def test_what_waits_and_what_comes_is_counted(db: Connection) -> None:
    """One term is inside the window, one has expired; two begin their forty-five days in the coming weeks."""
    (started,) = plan(db, edition(RENEWAL), MONDAY).started

    assert (started.process, started.waiting.inside, started.waiting.gone) == ("renewal", 1, 1)
    assert started.weeks == (1, 0, 1, 0)


@pytest.mark.usefixtures("client")
def test_a_schedule_without_an_anchor_counts_when_it_rings(db: Connection) -> None:
    """On the sixteenth everybody is due a visit."""
    (started,) = plan(db, edition(MONTHLY), MONDAY).started

    assert started.weeks == (0, 1, 0, 0)


def test_what_the_schedules_will_start_is_counted_when_they_ring(db: Connection, client: int) -> None:
    """What waits for Monday starts on Monday, together with what comes in until then; nothing before it rings."""
    midnight = datetime(2026, 3, 8, 22, tzinfo=UTC)
    edges = [MONDAY, *(midnight + timedelta(weeks=number) for number in range(4))]
    choosy = RENEWAL.replace("steps:", "  leave out: {blacklisted: {client.is_blacklisted: true}}\nsteps:")
    publish(db, ANYBODY, edition(choosy), MONDAY, start_inside=True)

    to_come = starts_to_come(db, handbook.current(db, "renewal"), edges)
    db.execute(parties.parties.update().where(parties.parties.c.id == client).values(blacklisted_at=MONDAY))
    left_out = starts_to_come(db, handbook.current(db, "renewal"), edges)

    assert to_come == (0, 2, 0, 1)  # on the 9th what ends on 12 March and 19 April, on the 23rd what ends on 1 May
    assert left_out == (0, 0, 0, 0)
    assert weekly_starts(db, handbook.current(db, "renewal"), MONDAY) == (0, 0, 0, 0)


@pytest.mark.usefixtures("client")
def test_each_ringing_of_a_schedule_without_an_anchor_starts_its_own(db: Connection) -> None:
    """The visits of two months, for the one client there is."""
    publish(db, ANYBODY, edition(MONTHLY), MONDAY, start_inside=False)
    edges = [MONDAY, *(MONDAY + timedelta(weeks=number) for number in (4, 8))]

    assert starts_to_come(db, handbook.current(db, "visits"), edges) == (1, 1)


def test_what_can_be_counted_can_be_counted_by_anybody(db: Connection) -> None:
    """The counting is handed in, so that it can be asked without a database full of policies."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    renewal = handbook.current(db, "renewal")

    found = waiting(db, renewal, MONDAY, count=lambda _db, plan: 7 if plan.window.first else 3)
    weeks = weekly_starts(db, renewal, MONDAY, weeks=2, count=lambda _db, _plan: 5)

    assert (found.inside, found.behind, found.gone) == (7, 0, 3)
    assert weeks == (5, 5)
    assert waiting(db, renewal, MONDAY, count=count_new).inside == 0
