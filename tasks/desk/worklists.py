"""What there is to do: the most urgent first, overdue work never left out, in few statements however long the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, union_all

from core.actor import Actor
from tasks.desk.views import views
from tasks.facts import light
from tasks.facts.titles import titles_of

USUAL_LENGTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked of a list beyond what the reader may see; nothing set means all that lies on desks and in queues.

    `due_before` keeps what is due earlier, and what waits.
    """

    assignee_id: int | None = None
    team_id: int | None = None
    client_id: int | None = None
    case_id: int | None = None
    only_queue: bool = False
    with_planned: bool = False
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One task as a list shows it."""

    id: int
    title: str
    status: str
    due_at: datetime | None
    limit_at: datetime | None
    opens_at: datetime | None
    is_overdue: bool
    is_tight: bool
    waiting_for: str | None
    assignee: str | None
    team: str | None
    client: str | None
    stands_in_for: str | None
    case_id: int | None
    step: str | None


EVERYTHING = Filter()
_task = light.tasks.c


def worklist(
    db: Connection,
    actor: Actor,
    *,
    at: datetime,
    language: str,
    wanted: Filter = EVERYTHING,
    limit: int = USUAL_LENGTH,
) -> list[WorkRow]:
    """The work an actor may see, by due time (overdue first, waiting last), at most `limit` of it.

    Titles are in `language`; `at` decides what is overdue.
    """
    ids = _ids(views(db, actor, _task), wanted, limit)
    rows = db.execute(_details(ids, limit)).all()
    titles = titles_of(db, [row.id for row in rows], language, at)
    return [_shown(row, titles.get(row.id, ""), at) for row in rows]


def _ids(seen: list[ColumnElement[bool]], wanted: Filter, limit: int) -> Any:
    """The first tasks of every view, each in the order of its index; the whole list is among them."""
    parts = [
        select(_task.id, _task.due_at)
        .where(view, *_conditions(wanted))
        .order_by(_task.due_at, _task.id)
        .limit(limit)
        .subquery()
        for view in seen
    ]
    return union_all(*(select(part) for part in parts)).subquery("listed")


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_task.status.in_(light.LIVE if wanted.with_planned else light.ON_DESK)]
    if wanted.assignee_id is not None:
        found.append(_task.assignee_id == wanted.assignee_id)
    if wanted.only_queue:
        found.append(_task.assignee_id.is_(None))
    if wanted.team_id is not None:
        found.append(_task.team_id == wanted.team_id)
    if wanted.client_id is not None:
        found.append(_task.client_id == wanted.client_id)
    if wanted.case_id is not None:
        shared = select(light.task_items.c.task_id).where(light.task_items.c.case_id == wanted.case_id)
        found.append((_task.case_id == wanted.case_id) | _task.id.in_(shared))
    if wanted.due_before is not None:
        found.append((_task.due_at < wanted.due_before) | _task.due_at.is_(None))
    return found


def _details(ids: Any, limit: int) -> Select[Any]:
    holder, owner = light.employees.alias("holder"), light.employees.alias("owner")
    return (
        select(
            *(_task[name] for name in ("id", "status", "due_at", "limit_at", "opens_at", "is_tight", "waiting_for")),
            _task.case_id,
            _task.step,
            holder.c.name.label("assignee"),
            owner.c.name.label("stands_in_for"),
            light.teams.c.code.label("team"),
            light.parties.c.name.label("client"),
        )
        .select_from(ids)
        .join(light.tasks, _task.id == ids.c.id)
        .join(holder, holder.c.id == _task.assignee_id, isouter=True)
        .join(owner, owner.c.id == _task.bumped_from_id, isouter=True)
        .join(light.teams, light.teams.c.id == _task.team_id, isouter=True)
        .join(light.parties, light.parties.c.id == _task.client_id, isouter=True)
        .order_by(ids.c.due_at, ids.c.id)
        .limit(limit)
    )


def _shown(row: Row[Any], title: str, at: datetime) -> WorkRow:
    return WorkRow(
        id=row.id,
        title=title,
        status=row.status,
        due_at=row.due_at,
        limit_at=row.limit_at,
        opens_at=row.opens_at,
        is_overdue=row.due_at is not None and row.due_at < at,
        is_tight=row.is_tight,
        waiting_for=row.waiting_for,
        assignee=row.assignee,
        team=row.team,
        client=row.client,
        stands_in_for=row.stands_in_for,
        case_id=row.case_id,
        step=row.step,
    )
