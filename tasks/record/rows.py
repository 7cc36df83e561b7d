"""The rows the engine works on: a case and a task as they were read, and how they are locked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from core.errors import TaktasError
from models import work
from models.work import TaskStatus
from tasks.record.hot import Hot


class NoSuchTask(TaktasError):
    """A task number that no task has."""


class NoSuchCase(TaktasError):
    """A case number that no case has."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as it was read."""

    id: int
    process_id: int
    version_id: int
    subject_type: str
    subject_id: int
    cycle_id: int
    attempt: int
    client_id: int | None
    status: str
    end_code: str | None
    started_at: datetime
    ended_at: datetime | None
    parent_id: int | None
    parent_step: str | None
    parent_member: str | None
    parent_round: int | None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as it was read."""

    id: int
    case_id: int | None
    step: str | None
    member: str
    round: int
    subject_type: str | None
    subject_id: int | None
    client_id: int | None
    status: TaskStatus
    resolution_id: int
    assignee_id: int | None
    team_id: int | None
    calendar_version_id: int | None
    opens_at: datetime | None
    opened_at: datetime | None
    start_by: datetime | None
    due_at: datetime | None
    limit_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    held_since: datetime | None
    waiting_since: datetime | None
    waiting_for: str | None
    waited_seconds: int
    spare_seconds: int | None
    next_at: datetime | None
    next_what: str | None
    reminded: int
    escalated: int
    outcome: str | None
    title: str | None
    bumped_from_id: int | None

    def __post_init__(self) -> None:
        """The database gives a plain word."""
        object.__setattr__(self, "status", TaskStatus(self.status))


CASE_COLUMNS = [work.cases.c[field.name] for field in fields(CaseRow)]
TASK_COLUMNS = [work.tasks.c[field.name] for field in fields(TaskRow)]
_CASE_WIDTH = len(CASE_COLUMNS)

_CASE_AND_TASK = Hot(
    select(*CASE_COLUMNS, *TASK_COLUMNS)
    .join_from(work.cases, work.tasks, work.tasks.c.case_id == work.cases.c.id)
    .where(work.tasks.c.id == bindparam("task_id"))
    .with_for_update(of=[work.cases, work.tasks])  # in this order: whoever changes a task has its case first
)
_CASE_AND_TASK_FREE = (
    select(*CASE_COLUMNS, *TASK_COLUMNS)
    .join_from(work.cases, work.tasks, work.tasks.c.case_id == work.cases.c.id)
    .where(work.tasks.c.id == bindparam("task_id"))
    .with_for_update(of=[work.cases, work.tasks], skip_locked=True)
)
_TASK = select(*TASK_COLUMNS).where(work.tasks.c.id == bindparam("task_id"))
_TASK_LOCKED = _TASK.with_for_update()
_CASES_LOCKED = (
    select(*CASE_COLUMNS)
    .where(work.cases.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(work.cases.c.id)
    .with_for_update()
)
_CASES_FREE = (
    select(*CASE_COLUMNS)
    .where(work.cases.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(work.cases.c.id)
    .with_for_update(skip_locked=True)
)
_LONE_TASK_FREE = _TASK.where(work.tasks.c.case_id.is_(None)).with_for_update(skip_locked=True)
_CASE = select(*CASE_COLUMNS).where(work.cases.c.id == bindparam("case_id"))
_CASES_OF_TASK = select(work.task_items.c.case_id).where(work.task_items.c.task_id == bindparam("task_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A task nobody else can change now, with the cases it belongs to: one, several (shared) or none (ad hoc)."""

    task: TaskRow
    cases: tuple[CaseRow, ...]


def lock_task(db: Connection, task_id: int) -> Locked:
    """Lock a task together with its cases, the cases first, in order of their ids. Raises: NoSuchTask."""
    row = _CASE_AND_TASK.first(db, {"task_id": task_id})
    if row is not None:
        return Locked(task=TaskRow(*row[_CASE_WIDTH:]), cases=(CaseRow(*row[:_CASE_WIDTH]),))
    case_ids = db.execute(_CASES_OF_TASK, {"task_id": task_id}).scalars().all()
    cases = lock_cases(db, case_ids) if case_ids else ()
    return Locked(task=lock_task_alone(db, task_id), cases=cases)


def lock_cases(db: Connection, ids: Iterable[int]) -> tuple[CaseRow, ...]:
    """Lock cases in order of their ids, so that two who need the same ones never wait for each other in a circle."""
    return tuple(CaseRow(*row) for row in db.execute(_CASES_LOCKED, {"ids": sorted(set(ids))}))


def lock_cases_now(db: Connection, ids: Iterable[int]) -> tuple[CaseRow, ...]:
    """Lock those of the cases that are in nobody else's hands at this moment."""
    return tuple(CaseRow(*row) for row in db.execute(_CASES_FREE, {"ids": sorted(set(ids))}))


def lock_task_now(db: Connection, task_id: int) -> Locked | None:
    """`lock_task`, but None when the task or one of its cases is in somebody else's hands at this moment."""
    row = db.execute(_CASE_AND_TASK_FREE, {"task_id": task_id}).first()
    if row is not None:
        return Locked(task=TaskRow(*row[_CASE_WIDTH:]), cases=(CaseRow(*row[:_CASE_WIDTH]),))
    case_ids = set(db.execute(_CASES_OF_TASK, {"task_id": task_id}).scalars())
    cases = lock_cases_now(db, case_ids) if case_ids else ()
    task = db.execute(_LONE_TASK_FREE, {"task_id": task_id}).first()
    if task is None or len(cases) < len(case_ids):
        return None
    return Locked(task=TaskRow(*task), cases=cases)


def lock_case(db: Connection, case_id: int) -> CaseRow:
    """Lock one case. Raises: NoSuchCase."""
    found = lock_cases(db, [case_id])
    if not found:
        raise NoSuchCase(f"There is no case {case_id}. See `taktas cases list` for those that run.")
    return found[0]


def lock_task_alone(db: Connection, task_id: int) -> TaskRow:
    """Lock a task whose case is locked already. Raises: NoSuchTask."""
    row = db.execute(_TASK_LOCKED, {"task_id": task_id}).first()
    if row is None:
        raise NoSuchTask(f"There is no task {task_id}. See `taktas tasks list` for what is open.")
    return TaskRow(*row)


def read_case(db: Connection, case_id: int) -> CaseRow:
    """A case as it stands, without locking it. Raises: NoSuchCase."""
    row = db.execute(_CASE, {"case_id": case_id}).first()
    if row is None:
        raise NoSuchCase(f"There is no case {case_id}. See `taktas cases list` for those that run.")
    return CaseRow(*row)


def read_task(db: Connection, task_id: int) -> TaskRow:
    """A task as it stands, without locking it. Raises: NoSuchTask."""
    row = db.execute(_TASK, {"task_id": task_id}).first()
    if row is None:
        raise NoSuchTask(f"There is no task {task_id}. See `taktas tasks list` for what is open.")
    return TaskRow(*row)
