"""What there is to do: the most urgent first, overdue work never left out, in few statements however long the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.actor import Actor
from tasks.desk.views import views
from tasks.facts.titles import titles_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

USUAL_LENGTH = 30
ON_DESK = ("open", "active", "waiting")
LIVE = ("planned", *ON_DESK)


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
_SHARED = "SELECT task_id FROM task_items WHERE case_id = %(case_id)s"
_WANTED = {
    "assignee_id": "tasks.assignee_id = %(assignee_id)s",
    "only_queue": "tasks.assignee_id IS NULL",
    "team_id": "tasks.team_id = %(team_id)s",
    "client_id": "tasks.client_id = %(client_id)s",
    "case_id": "(tasks.case_id = %(case_id)s OR tasks.id IN (" + _SHARED + "))",
    "due_before": "(tasks.due_at < %(due_before)s OR tasks.due_at IS NULL)",
}
_DETAILS = """
SELECT tasks.id, tasks.status, tasks.due_at, tasks.limit_at, tasks.opens_at, tasks.is_tight, tasks.waiting_for,
       tasks.case_id, tasks.step, holder.name AS assignee, owner.name AS stands_in_for, teams.code AS team,
       parties.name AS client
FROM ({listed}) AS listed
JOIN tasks ON tasks.id = listed.id
LEFT JOIN employees AS holder ON holder.id = tasks.assignee_id
LEFT JOIN employees AS owner ON owner.id = tasks.bumped_from_id
LEFT JOIN teams ON teams.id = tasks.team_id
LEFT JOIN parties ON parties.id = tasks.client_id
ORDER BY listed.due_at, listed.id
LIMIT %(limit)s
"""


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

    Titles are in `language`; `at` decides what is overdue. Runs plain SQL only, so that it can be read quickly.
    """
    rows = db.exec_driver_sql(*statement(views(db, actor), wanted, limit)).all()
    titles = titles_of(db, [row.id for row in rows], language, at)
    return [_shown(row, titles.get(row.id, ""), at) for row in rows]


def statement(seen: list[str], wanted: Filter, limit: int) -> tuple[str, dict[str, Any]]:
    """The list in SQL: the first tasks of every view, each in the order of its index; the whole list is among them."""
    asked = {name: getattr(wanted, name) for name in _WANTED if getattr(wanted, name) not in {None, False}}
    status = ", ".join(f"'{each}'" for each in (LIVE if wanted.with_planned else ON_DESK))
    conditions = " AND ".join([f"tasks.status IN ({status})", *(_WANTED[name] for name in asked)])
    listed = " UNION ALL ".join(_first_of(f"({view}) AND {conditions}") for view in seen)
    return _DETAILS.format(listed=listed), asked | {"limit": limit}


def _first_of(condition: str) -> str:
    return (
        f"(SELECT tasks.id, tasks.due_at FROM tasks WHERE {condition} "  # noqa: S608 - our own words; values are parameters
        "ORDER BY tasks.due_at, tasks.id LIMIT %(limit)s)"
    )


def _shown(row: Any, title: str, at: datetime) -> WorkRow:
    deadline = row.due_at or row.limit_at  # what waits has no due time, and its hard limit all the same
    return WorkRow(
        id=row.id,
        title=title,
        status=row.status,
        due_at=row.due_at,
        limit_at=row.limit_at,
        opens_at=row.opens_at,
        is_overdue=deadline is not None and deadline < at,
        is_tight=row.is_tight,
        waiting_for=row.waiting_for,
        assignee=row.assignee,
        team=row.team,
        client=row.client,
        stands_in_for=row.stands_in_for,
        case_id=row.case_id,
        step=row.step,
    )
