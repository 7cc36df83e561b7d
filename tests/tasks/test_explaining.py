"""Explaining: why a task is due on Tuesday at 14:00."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from core.actor import Actor, Door
from models import people, work
from standards.parsing import process_of
from standards.service.standard import Dimensions
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks import calendars, handbook, resolving
from tasks.handbooks.book_sources import read_sources
from tasks.handbooks.edition import Edition, WrittenProcess
from tasks.handbooks.explaining import NoSuchTask, explain_task, explain_work
from tasks.handbooks.publishing import publish

ANYBODY = Actor(door=Door.COMMAND_LINE)
FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)
STANDARDS = """\
standards:
  any work:
    due: 5 working days
    start within: 1 working day
  calls:
    for: {action: call}
    due: 2 working days
"""
RENEWAL = """\
process: renewal
title: Policy renewal
subject: term
start: {by hand: true}
steps:
  call:
    action: call
    no later than: 3 working days before term.expires_on
    outcomes:
      renewed: {end: won}
ends:
  won: {success: true}
"""
HOUSE: dict[str, Any] = {
    "calendar": "house",
    "zone": "Europe/Vilnius",
    "hours": {"monday to friday": "08:00-17:00"},
    "holidays": "LT",
}
CALL = Dimensions(action="call", process="renewal", step="call")


@pytest.fixture(autouse=True)
def published(db: Connection) -> None:
    """A house with two standards and one process."""
    sources = {"standards/calls.yaml": STANDARDS}
    edition = Edition(
        processes=(WrittenProcess(process=process_of(RENEWAL), source=RENEWAL),),
        content=read_sources(sources),
        sources=sources,
        calendars=(CalendarDefinition.model_validate(HOUSE),),
    )
    publish(db, ANYBODY, edition, FRIDAY)


def one(db: Connection, table: Any, **values: Any) -> int:
    return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def call(db: Connection, **moments: Any) -> int:
    """A task to call, opened on Friday at 14:00 in Vilnius."""
    version = handbook.current(db, "renewal")
    case_id = one(
        db,
        work.cases,
        process_id=version.process_id,
        version_id=version.version_id,
        subject_type="term",
        subject_id=1,
        cycle_id=1,
        started_at=FRIDAY,
    )
    facts = {"case_id": case_id, "step": "call", "status": "open", "opens_at": FRIDAY, "opened_at": FRIDAY}
    number = calendars.calendar_of(db)[0]
    resolution = resolving.resolution_id(db, CALL)
    return one(db, work.tasks, **facts, resolution_id=resolution, calendar_version_id=number, **moments)


def counted(explanation: Any) -> list[tuple[str, str, str]]:
    return [(it.name, it.at.isoformat(timespec="minutes"), it.how) for it in explanation.counted]


def test_a_due_time_is_explained_whole(db: Connection) -> None:
    """Which standard, which calendar, which days did not count."""
    due = datetime(2026, 3, 10, 15, tzinfo=UTC)
    task = call(db, due_at=due, start_by=datetime(2026, 3, 9, 15, tzinfo=UTC))

    found = explain_task(db, ANYBODY, task)

    assert found.about == f"task {task}"
    assert (found.dimensions, found.book_version, found.calendar) == (CALL, 1, "house@1 (Europe/Vilnius)")
    assert found.verdicts["due"]["winner"]["name"] == "calls"
    assert found.verdicts["due"]["losers"][0]["why_not"] == "does not name action, as calls does"
    assert counted(found) == [
        ("opens", "2026-03-06T12:00+00:00", "everything is counted from here"),
        ("start by", "2026-03-09T15:00+00:00", "1 working day after it opens"),
        ("due", "2026-03-10T15:00+00:00", "2 working days after it opens"),
    ]
    assert found.closed == ("Sat 2026-03-07", "Sun 2026-03-08")
    assert found.moved == ()


def test_a_hard_limit_that_comes_first_is_named(db: Connection) -> None:
    """The limit is told as the step says it."""
    limit = datetime(2026, 3, 9, 6, tzinfo=UTC)
    task = call(db, due_at=limit, limit_at=limit, is_tight=True)

    found = explain_task(db, ANYBODY, task)

    assert counted(found)[1:] == [
        ("due", "2026-03-09T06:00+00:00", "the hard limit, which comes before 2 working days are over"),
        ("hard limit", "2026-03-09T06:00+00:00", "no later than 3 working days before term.expires_on"),
    ]


def test_public_holidays_are_named(db: Connection) -> None:
    """A day that did not count says why."""
    due = datetime(2026, 3, 12, 15, tzinfo=UTC)

    found = explain_task(db, ANYBODY, call(db, due_at=due))

    assert "Wed 2026-03-11 public holiday: Day of Restoration of Independence of Lithuania" in found.closed


def test_a_due_time_that_moved_shows_its_history(db: Connection) -> None:
    """The ledger keeps every moment it had."""
    before, after = datetime(2026, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 13, 9, tzinfo=UTC)
    task = call(db, due_at=after)
    case_id = db.execute(select(work.tasks.c.case_id).where(work.tasks.c.id == task)).scalar_one()
    for number, (kind, due_at) in enumerate((("task.opened", before), ("task.resumed", after)), start=1):
        facts = {"due_at": due_at.isoformat()}
        one(db, work.events, case_id=case_id, task_id=task, number=number, kind=kind, at=FRIDAY, door="cli", data=facts)

    found = explain_task(db, ANYBODY, task)

    assert ("due", "2026-03-13T09:00+00:00", "moved since, see below") in counted(found)
    assert [(it.at, it.how) for it in found.moved] == [(before, "task.opened"), (after, "task.resumed")]


def test_a_shared_task_is_explained_by_its_first_item(db: Connection) -> None:
    """A call about three renewals has the limit of their step."""
    alone = call(db)
    case_id = db.execute(work.tasks.select().where(work.tasks.c.id == alone)).one().case_id
    limit = datetime(2026, 3, 9, 6, tzinfo=UTC)
    resolution = resolving.resolution_id(db, CALL)
    shared = one(db, work.tasks, status="open", resolution_id=resolution, opens_at=FRIDAY, limit_at=limit, due_at=limit)
    one(db, work.task_items, task_id=shared, case_id=case_id, step="call", member="x")

    found = explain_task(db, ANYBODY, shared)

    assert counted(found)[-1][2] == "no later than 3 working days before term.expires_on"


def test_a_task_on_nobodys_list_is_refused(db: Connection) -> None:
    """Whoever may not see a task is told nothing about it."""
    house = one(db, people.organisations, code="h", name="House", kind="house")
    ana = one(db, people.employees, organisation_id=house, login="ana", name="Ana", sort_key="ana")
    ona = one(db, people.employees, organisation_id=house, login="ona", name="Ona", sort_key="ona")
    task = call(db, assignee_id=ona)

    with pytest.raises(NoSuchTask) as refusal:
        explain_task(db, Actor(door=Door.COMMAND_LINE, employee_id=ana), task)

    assert str(refusal.value) == (f"There is no task {task} on your lists. `taktas tasks list` shows those there are.")


def test_work_that_does_not_exist_yet_is_explained_on_the_house_calendar(db: Connection) -> None:
    """What would hold, were it opened now; nothing is written."""
    found = explain_work(db, Dimensions(action="visit"), FRIDAY)

    assert found.about == "a task like this"
    assert found.verdicts["due"]["winner"]["name"] == "any work"
    assert counted(found)[-1] == ("due", "2026-03-16T15:00+00:00", "5 working days after it opens")
    assert db.execute(work.resolutions.select()).all() == []
