"""Cases as a person wants to see them: a list, and one from its start to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, bindparam, exists, func, or_, select, true

from core.actor import Actor
from models import definitions, parties, people, work
from models.work import CaseStatus
from tasks.advancing.course import FAN
from tasks.desk.access import clients_of, sees_everything
from tasks.desk.answering import known_answers
from tasks.desk.stuck import is_stuck
from tasks.facts.subject_names import SubjectName, names_of
from tasks.facts.titles import titles_of
from tasks.record.ledger import Entry, read_case
from tasks.record.rows import NoSuchCase

USUAL_LENGTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases are asked for; nothing set means those that run."""

    process: str | None = None
    client_id: int | None = None
    end_code: str | None = None
    with_ended: bool = False
    subject_type: str | None = None
    subject_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case as a list shows it."""

    id: int
    process: str
    version: int
    subject_type: str
    subject_id: int
    client: str | None
    status: str
    end_code: str | None
    reason: str | None
    started_at: datetime
    ended_at: datetime | None
    attempt: int
    about: SubjectName


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLine:
    """A step that waits. `kind`: happening, timer, race, or child; `until`: when it ends by itself, if ever.

    `cases`: the running sub-processes it waits for, each with whether it is stuck.
    """

    step: str
    kind: str
    since: datetime
    until: datetime | None
    cases: dict[int, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case: its line, its answers, its open tasks by title, and everything that happened to it.

    `is_stuck`: it runs, and nothing is left to happen in it.
    """

    line: CaseLine
    is_stuck: bool
    waits: tuple[WaitLine, ...]
    answers: dict[str, Any]
    tasks: dict[int, str]
    history: tuple[Entry, ...]
    people: dict[int, str]


RUNNING = CaseFilter()
_case = work.cases.c


def visible_cases(db: Connection, actor: Actor) -> ColumnElement[bool]:
    """What of `work.cases` an actor may see: those they have work in, and those of their clients; managers all."""
    if actor.employee_id is None or sees_everything(db, actor):
        return true()
    mine = exists().where(work.tasks.c.case_id == _case.id, work.tasks.c.assignee_id == actor.employee_id)
    shared = exists().where(
        work.task_items.c.case_id == _case.id,
        work.tasks.c.id == work.task_items.c.task_id,
        work.tasks.c.assignee_id == actor.employee_id,
    )
    return or_(mine, shared, _case.client_id.in_(clients_of(actor.employee_id)))


def list_cases(
    db: Connection, actor: Actor, *, wanted: CaseFilter = RUNNING, limit: int = USUAL_LENGTH
) -> list[CaseLine]:
    """The cases an actor may see, the newest first."""
    query = _lines().where(visible_cases(db, actor), *_conditions(wanted)).order_by(_case.id.desc()).limit(limit)
    return _named(db, db.execute(query).mappings().all())


def _named(db: Connection, rows: Sequence[RowMapping]) -> list[CaseLine]:
    names = names_of(db, [(row["subject_type"], row["subject_id"]) for row in rows])
    return [CaseLine(**row, about=names[row["subject_type"], row["subject_id"]]) for row in rows]


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not wanted.with_ended and wanted.end_code is None:
        found.append(_case.status == CaseStatus.RUNNING.value)
    if wanted.end_code is not None:
        found.append(_case.end_code == wanted.end_code)
    if wanted.process is not None:
        found.append(definitions.processes.c.name == wanted.process)
    if wanted.client_id is not None:
        found.append(_case.client_id == wanted.client_id)
    if wanted.subject_type is not None:
        found += [_case.subject_type == wanted.subject_type, _case.subject_id == wanted.subject_id]
    return found


def show_case(db: Connection, actor: Actor, case_id: int, *, language: str, at: datetime) -> CaseView:
    """One case the actor may see. Raises: NoSuchCase."""
    row = db.execute(_lines().where(_case.id == case_id, visible_cases(db, actor))).mappings().first()
    if row is None:
        raise NoSuchCase(f"There is no case {case_id} on your lists. `taktas cases list` shows those there are.")
    history = tuple(read_case(db, case_id))
    open_ids = db.execute(_OPEN_TASKS, {"case_id": case_id}).scalars().all()
    named = {entry.employee_id for entry in history} | {entry.data.get("assignee_id") for entry in history}
    names = db.execute(_NAMES, {"ids": [number for number in named if number is not None]})
    return CaseView(
        line=_named(db, [row])[0],
        is_stuck=bool(db.execute(_IS_STUCK, {"case_id": case_id}).scalar_one()),
        waits=tuple(_waits(db, case_id)),
        answers=known_answers(db, case_id),
        tasks=titles_of(db, list(open_ids), language, at),
        history=history,
        people={found.id: found.name for found in names},
    )


def _waits(db: Connection, case_id: int) -> Iterator[WaitLine]:
    children = db.execute(_CHILDREN, {"case_id": case_id}).all()
    for row in db.execute(_WAITS, {"case_id": case_id}):
        place = (row.step, row.member, row.round)
        yield WaitLine(
            step=row.step,
            kind=row.kind,
            since=row.began_at,
            until=row.until,
            cases={child.id: child.is_stuck for child in children if tuple(child[2:]) == place},
        )


def _lines() -> Select[Any]:
    version, process, party = definitions.process_versions.c, definitions.processes.c, parties.parties.c
    columns = (
        *("id", "subject_type", "subject_id", "status", "end_code", "reason", "started_at", "ended_at", "attempt"),
    )
    return (
        select(
            *(_case[name] for name in columns),
            process.name.label("process"),
            version.version,
            party.name.label("client"),
        )
        .select_from(work.cases)
        .join(definitions.process_versions, version.id == _case.version_id)
        .join(definitions.processes, process.id == _case.process_id)
        .join(parties.parties, party.id == _case.client_id, isouter=True)
    )


_wait, _timer = work.waits.c, work.timers.c
_its: Any = bindparam("case_id")
_WAITS = (
    select(
        *(_wait[name] for name in ("step", "member", "round", "kind", "began_at")),
        func.min(_timer.fires_at).label("until"),
    )
    .outerjoin(
        work.timers,
        and_(
            *(_timer[name] == _wait[name] for name in ("case_id", "step", "member", "round")),
            _timer.fired_at.is_(None),
            _timer.cancelled_at.is_(None),
        ),
    )
    .where(_wait.case_id == _its, _wait.ended_at.is_(None), _wait.kind != FAN)
    .group_by(_wait.id)
    .order_by(_wait.id)
)
_CHILDREN = (
    select(_case.id, is_stuck(_case).label("is_stuck"), _case.parent_step, _case.parent_member, _case.parent_round)
    .where(_case.parent_id == _its, _case.status == CaseStatus.RUNNING.value)
    .order_by(_case.id)
)
_IS_STUCK = select(is_stuck(_case)).where(_case.id == _its)
_OPEN_TASKS = (
    select(work.tasks.c.id)
    .where(
        work.tasks.c.status.in_(["planned", "open", "active", "waiting"]),
        or_(
            work.tasks.c.case_id == bindparam("case_id"),
            work.tasks.c.id.in_(
                select(work.task_items.c.task_id).where(
                    work.task_items.c.case_id == bindparam("case_id"), work.task_items.c.status == "open"
                )
            ),
        ),
    )
    .order_by(work.tasks.c.id)
)
_NAMES = select(people.employees.c.id, people.employees.c.name).where(
    people.employees.c.id == func.any(bindparam("ids"))
)
