"""Writing down work that was done before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from core.actor import Actor, Door
from models.work import answers, cases, events, holds, resolutions, tasks
from standards.definition_folder import read_definitions
from tasks.handbooks import handbook
from tasks.handbooks.calendars import calendar_of
from tasks.handbooks.publishing import publish
from tasks.record.past_work import PastAnswer, PastCase, PastEvent, record_past_work

MONDAY, TUESDAY = datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)


@pytest.fixture
def resolution(db: Connection) -> int:
    """What holds for the one task of these stories, in a house with the library published."""
    publish(db, Actor(door=Door.IMPORT), read_definitions().checked(), datetime(2026, 1, 1, tzinfo=UTC))
    row = {"content_hash": "x", "action": "call", "fields": {}, "explanation": {}}
    number: int = db.execute(insert(resolutions).values(row).returning(resolutions.c.id)).scalar_one()
    return number


def _case(resolution: int, calendar: int) -> PastCase:
    """Called on Monday, declined on Tuesday for the price."""
    task: dict[str, Any] = {
        "step": "call",
        "member": "",
        "round": 1,
        "status": "done",
        "resolution_id": resolution,
        "calendar_version_id": calendar,
        "opens_at": MONDAY,
        "opened_at": MONDAY,
        "finished_at": TUESDAY,
        "outcome": "declined",
    }
    began = {"step": "call", "round": 1, "status": "open", "calendar_version_id": calendar, "opens_at": MONDAY}
    return PastCase(
        subject_id=77,
        client_id=None,
        started_at=MONDAY,
        ended_at=TUESDAY,
        end_code="lost",
        is_success=False,
        reason="price",
        tasks=[task],
        events=[
            PastEvent(kind="case.started", at=MONDAY, facts=began, task=0),
            PastEvent(kind="task.completed", at=TUESDAY, facts={"step": "call", "outcome": "declined"}, task=0),
            PastEvent(kind="case.ended", at=TUESDAY, facts={"end": "lost", "nothing": None}),
        ],
        answers=[PastAnswer(task=0, name="reason", value="price")],
    )


def test_a_case_is_written_whole(db: Connection, resolution: int) -> None:
    """Its row, its task, its answers, its ledger in order, and the hold that follows from it."""
    calendar, clock = calendar_of(db)
    published = handbook.current(db, "renewal")

    written = record_past_work(db, published, [_case(resolution, calendar)])

    case = db.execute(select(cases)).mappings().one()
    task = db.execute(select(tasks)).mappings().one()
    hold = db.execute(select(holds)).mappings().one()
    assert written == 1
    assert (case["version_id"], case["subject_type"], case["cycle_id"]) == (published.version_id, "term", 77)
    assert (case["status"], case["end_code"], case["reason"]) == ("ended", "lost", "price")
    assert (task["case_id"], task["member"], task["subject_id"]) == (case["id"], "", 77)
    ledger = db.execute(
        select(events.c.number, events.c.kind, events.c.task_id, events.c.data).order_by("number")
    ).all()
    assert [row[:3] for row in ledger] == [
        (1, "case.started", task["id"]),
        (2, "task.completed", task["id"]),
        (3, "case.ended", None),
    ]
    assert ledger[2].data == {"end": "lost"}
    assert set(db.scalars(select(events.c.door))) == {"import"}
    assert db.execute(select(answers.c.name, answers.c.value, answers.c.task_id)).one() == (
        "reason",
        "price",
        task["id"],
    )
    assert (hold["ended_by"], hold["working_seconds"]) == ("done", clock.between(MONDAY, TUESDAY))


def test_a_subject_that_has_its_case_gets_no_second(db: Connection, resolution: int) -> None:
    """Writing the same past again does nothing."""
    calendar, _ = calendar_of(db)
    published = handbook.current(db, "renewal")
    record_past_work(db, published, [_case(resolution, calendar)])

    written = record_past_work(db, published, [_case(resolution, calendar)])

    assert written == 0
    assert len(db.scalars(select(cases.c.id)).all()) == 1
