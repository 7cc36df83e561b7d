"""Writing down cases of another system, batch by batch: cases, tasks, ledger, holds, and each event as it was.

All of it is over: nothing waits, so neither the beat nor a run ever finds anything to do here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection

from core.actor import Door
from models import history, work
from models.work import CaseStatus, TaskStatus
from tasks.record.copying import copy_rows, numbers
from tasks.record.holds import EndedBy
from tasks.record.ledger import plain
from tasks.record.log_attributes import Attribute
from tasks.record.log_steps import SUBJECT, UNPUBLISHED

OUTCOME = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedItem:
    """One piece of work: `opened_at` when it was given out, `started_at` when somebody took it. Seconds are open time.

    What lay there between belonged to nobody.
    """

    step: str
    round: int
    resolution_id: int
    employee_id: int | None
    calendar_version_id: int
    opened_at: datetime
    started_at: datetime
    finished_at: datetime
    queued_seconds: int
    working_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One row of the ledger. `item`: the place of its piece of work; `attributes`: as the log had it.

    None: the log had no such event, it follows from another.
    """

    kind: str
    at: datetime
    item: int | None = None
    employee_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    attributes: list[Attribute] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCase:
    """One case, as it went."""

    number: str
    content_hash: str
    attributes: list[Attribute]
    started_at: datetime
    ended_at: datetime
    end_code: str
    is_success: bool | None
    items: Sequence[LoggedItem]
    events: Sequence[LoggedEvent]


@dataclass(frozen=True, slots=True)
class _Numbered:
    case: LoggedCase
    subject_id: int
    case_id: int
    task_ids: list[int]
    event_ids: list[int]


def write_logged(db: Connection, cases: Sequence[LoggedCase], *, process_id: int, log_id: int) -> None:
    """Write these cases. Their process version comes when the whole log is known (log_steps.publish_steps)."""
    numbered = _numbered(db, cases)
    about = {"log_id": log_id, "process_id": process_id}
    for table, rows in (
        (history.imported_cases, (_imported_row(each, about) for each in numbered)),
        (work.cases, (_case_row(each, process_id) for each in numbered)),
        (work.tasks, (row for each in numbered for row in _task_rows(each))),
        (work.events, (row for each in numbered for row in _event_rows(each))),
        (history.imported_events, (row for each in numbered for row in _kept_rows(each))),
        (work.holds, (row for each in numbered for row in _hold_rows(each))),
    ):
        copy_rows(db, table, rows)


def _numbered(db: Connection, cases: Sequence[LoggedCase]) -> list[_Numbered]:
    tasks = iter(numbers(db, work.tasks, sum(len(case.items) for case in cases)))
    events = iter(numbers(db, work.events, sum(len(case.events) for case in cases)))
    subjects, own = numbers(db, history.imported_cases, len(cases)), numbers(db, work.cases, len(cases))
    return [
        _Numbered(case, subject, number, list(islice(tasks, len(case.items))), list(islice(events, len(case.events))))
        for case, subject, number in zip(cases, subjects, own, strict=True)
    ]


def _imported_row(its: _Numbered, about: dict[str, int]) -> dict[str, Any]:
    case = its.case
    return {
        "id": its.subject_id,
        **about,
        "number": case.number,
        "content_hash": case.content_hash,
        "attributes": case.attributes,
    }


def _case_row(its: _Numbered, process_id: int) -> dict[str, Any]:
    case = its.case
    return {
        "id": its.case_id,
        "process_id": process_id,
        "version_id": UNPUBLISHED,
        "subject_type": SUBJECT,
        "subject_id": its.subject_id,
        "cycle_id": its.subject_id,
        "status": CaseStatus.ENDED.value,
        "end_code": case.end_code,
        "is_success": case.is_success,
        "started_at": case.started_at,
        "ended_at": case.ended_at,
    }


def _task_rows(its: _Numbered) -> Iterator[dict[str, Any]]:
    for task_id, item in zip(its.task_ids, its.case.items, strict=True):
        yield {
            "id": task_id,
            "case_id": its.case_id,
            "step": item.step,
            "round": item.round,
            "subject_type": SUBJECT,
            "subject_id": its.subject_id,
            "status": TaskStatus.DONE.value,
            "resolution_id": item.resolution_id,
            "assignee_id": item.employee_id,
            "calendar_version_id": item.calendar_version_id,
            "opens_at": item.opened_at,
            "opened_at": item.opened_at,
            "started_at": item.started_at,
            "finished_at": item.finished_at,
            "outcome": OUTCOME,
        }


def _event_rows(its: _Numbered) -> Iterator[dict[str, Any]]:
    for place, (event_id, event) in enumerate(zip(its.event_ids, its.case.events, strict=True), start=1):
        facts = {name: plain(value) for name, value in event.facts.items() if value is not None}
        yield {
            "id": event_id,
            "case_id": its.case_id,
            "task_id": None if event.item is None else its.task_ids[event.item],
            "number": place,
            "kind": event.kind,
            "at": event.at.astimezone(UTC),
            "employee_id": event.employee_id,
            "door": Door.IMPORT.value,
            "data": orjson.dumps(facts).decode() if facts else None,
        }


def _kept_rows(its: _Numbered) -> Iterator[dict[str, Any]]:
    for event_id, event in zip(its.event_ids, its.case.events, strict=True):
        if event.attributes is not None:
            yield {"event_id": event_id, "attributes": event.attributes}


def _hold_rows(its: _Numbered) -> Iterator[dict[str, Any]]:
    """As `rebuild_holds` tells them from the ledger: time in the queue, then the time of whoever did it."""
    for task_id, item in zip(its.task_ids, its.case.items, strict=True):
        common = {"task_id": task_id, "calendar_version_id": item.calendar_version_id, "waiting_seconds": 0}
        if item.opened_at < item.started_at:
            yield {
                **common,
                "employee_id": None,
                "began_at": item.opened_at,
                "ended_at": item.started_at,
                "working_seconds": item.queued_seconds,
                "ended_by": EndedBy.REASSIGNED.value,
            }
        yield {
            **common,
            "employee_id": item.employee_id,
            "began_at": item.started_at,
            "ended_at": item.finished_at,
            "working_seconds": item.working_seconds,
            "ended_by": EndedBy.DONE.value,
        }
