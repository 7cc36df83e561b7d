"""What was reported and what each report brought about, as a list for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, true

from core.actor import Actor
from models import people, work
from tasks.desk.access import sees_everything
from tasks.desk.case_views import visible_cases
from tasks.facts.subject_names import SubjectName, names_of

_happening = work.happenings.c


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningFilter:
    """Which happenings are asked for; nothing set means all of them."""

    kind: str | None = None
    subject_type: str | None = None
    subject_id: int | None = None
    is_waiting: bool = False
    is_troubled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningLine:
    """One happening. `heard` and `started` are numbers of cases; `handled_at` is None until the beat comes to it."""

    id: int
    kind: str
    subject_type: str
    subject_id: int
    about: SubjectName
    at: datetime
    handled_at: datetime | None
    heard: tuple[int, ...]
    started: tuple[int, ...]
    problem: str | None
    reported_by: str | None
    key: str


ALL = HappeningFilter()


def list_happenings(
    db: Connection, actor: Actor, *, wanted: HappeningFilter = ALL, limit: int = 30
) -> list[HappeningLine]:
    """The newest first: managers see all, others what they reported and what came to cases on their lists."""
    query = (
        select(work.happenings, people.employees.c.name.label("reporter"))
        .outerjoin(people.employees, people.employees.c.id == _happening.reported_by)
        .where(_visible(db, actor), *_conditions(wanted))
        .order_by(_happening.id.desc())
        .limit(limit)
    )
    rows = db.execute(query).all()
    names = names_of(db, [(row.subject_type, row.subject_id) for row in rows])
    return [_line(row, names[row.subject_type, row.subject_id]) for row in rows]


def _line(row: Row[Any], about: SubjectName) -> HappeningLine:
    brought = row.brought or {}
    return HappeningLine(
        id=row.id,
        kind=row.kind,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        about=about,
        at=row.at,
        handled_at=row.handled_at,
        heard=tuple(brought.get("heard", ())),
        started=tuple(brought.get("started", ())),
        problem=row.problem,
        reported_by=row.reporter,
        key=row.key,
    )


def _visible(db: Connection, actor: Actor) -> ColumnElement[bool]:
    if sees_everything(db, actor):
        return true()
    came_to = [
        and_(_happening.brought[name].isnot(None), _happening.brought[name].contains(func.to_jsonb(work.cases.c.id)))
        for name in ("heard", "started")
    ]
    of_mine = exists().where(visible_cases(db, actor), or_(*came_to))
    return or_(_happening.reported_by == actor.employee_id, of_mine)


def _conditions(wanted: HappeningFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(_happening.kind == wanted.kind)
    if wanted.subject_type is not None:
        found += [_happening.subject_type == wanted.subject_type, _happening.subject_id == wanted.subject_id]
    if wanted.is_waiting:
        found.append(_happening.handled_at.is_(None))
    if wanted.is_troubled:
        found.append(_happening.problem.is_not(None))
    return found
