"""Writing down work that was done before: whole cases with their tasks and their ledger, in sets.

Nothing is decided here and nothing follows from it: the ledger says that it came by import, holds follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select
from sqlalchemy import text as sql

from core.actor import Door
from models import work
from models.work import CaseStatus
from tasks.handbooks.handbook import PublishedProcess
from tasks.record.copying import copy_rows, numbers
from tasks.record.ledger import plain
from tasks.record.rebuild import rebuild_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """One event of a case. `task`: the place of its task among those of the case; `door`: by which it came then."""

    kind: str
    at: datetime
    facts: dict[str, Any]
    task: int | None = None
    employee_id: int | None = None
    door: Door = Door.IMPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAnswer:
    """An answer that finishing a task gave, as answers are stored."""

    task: int
    name: str
    value: Any


@dataclass(slots=True, kw_only=True)
class PastCase:
    """A case as it went. `tasks` are the columns of each of its tasks, but for its number and its case."""

    subject_id: int
    client_id: int | None
    started_at: datetime
    ended_at: datetime | None = None
    end_code: str | None = None
    is_success: bool | None = None
    reason: str | None = None
    tasks: list[dict[str, Any]] = field(default_factory=list)
    events: list[PastEvent] = field(default_factory=list)
    answers: list[PastAnswer] = field(default_factory=list)


def record_past_work(db: Connection, published: PublishedProcess, cases: Sequence[PastCase]) -> int:
    """Write the cases, their tasks, answers and events, and rebuild all holds from the ledger.

    For a process whose cycle is its subject. Where there is a case of a subject already, nothing of it is written.
    Returns how many cases were written.
    """
    subject = published.process.subject
    known = set(
        db.scalars(
            select(work.cases.c.subject_id).where(
                work.cases.c.subject_type == subject, work.cases.c.process_id == published.process_id
            )
        )
    )
    new = [case for case in cases if case.subject_id not in known]
    case_ids = numbers(db, work.cases, len(new))
    numbered = list(zip(new, case_ids, _task_numbers(db, new), strict=True))
    _write(db, work.cases, (_case_row(published, case, number) for case, number, _ in numbered))
    _write(db, work.tasks, (row for each in numbered for row in _task_rows(subject, *each)))
    _write(db, work.events, (row for each in numbered for row in _event_rows(*each)))
    _write(db, work.answers, (row for each in numbered for row in _answer_rows(*each)))
    rebuild_holds(db)
    return len(new)


def _task_numbers(db: Connection, cases: Sequence[PastCase]) -> list[list[int]]:
    """Numbers for the tasks of all cases, asked for once."""
    drawn = iter(numbers(db, work.tasks, sum(len(case.tasks) for case in cases)))
    return [list(islice(drawn, len(case.tasks))) for case in cases]


def _write(db: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    if copy_rows(db, table, rows):
        db.execute(sql(f"ANALYZE {table.name}"))


def _case_row(published: PublishedProcess, case: PastCase, number: int) -> dict[str, Any]:
    is_over = case.ended_at is not None
    return {
        "id": number,
        "process_id": published.process_id,
        "version_id": published.version_id,
        "subject_type": published.process.subject,
        "subject_id": case.subject_id,
        "cycle_id": case.subject_id,
        "client_id": case.client_id,
        "status": CaseStatus.ENDED.value if is_over else CaseStatus.RUNNING.value,
        "end_code": case.end_code,
        "is_success": case.is_success,
        "reason": case.reason,
        "started_at": case.started_at,
        "ended_at": case.ended_at,
    }


def _task_rows(subject: str, case: PastCase, number: int, task_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    about = {"case_id": number, "subject_type": subject, "subject_id": case.subject_id, "client_id": case.client_id}
    for task, task_id in zip(case.tasks, task_ids, strict=True):
        yield {"id": task_id, **about, **task}


def _event_rows(case: PastCase, number: int, task_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    for place, event in enumerate(case.events, start=1):
        yield {
            "case_id": number,
            "task_id": None if event.task is None else task_ids[event.task],
            "number": place,
            "kind": event.kind,
            "at": event.at,
            "employee_id": event.employee_id,
            "door": event.door.value,
            "data": {name: plain(value) for name, value in event.facts.items() if value is not None} or None,
        }


def _answer_rows(case: PastCase, number: int, task_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    for answer in case.answers:
        task = case.tasks[answer.task]
        yield {
            "case_id": number,
            "task_id": task_ids[answer.task],
            "client_id": case.client_id,
            "step": task["step"],
            "round": task["round"],
            "name": answer.name,
            "value": orjson.dumps(answer.value).decode(),
            "given_at": task["finished_at"],
        }
