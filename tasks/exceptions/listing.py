"""The whole list of exceptions for a team or the house, the gravest first, and the plain counts behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from core.clock import zone
from core.settings import settings
from models import work
from models.work import DEADLINE, ON_DESK, TaskStatus
from standards.working_time.duration import Duration
from tasks.exceptions.line import Part, Scope
from tasks.exceptions.of_cases import stranded
from tasks.exceptions.of_messages import stuck_messages
from tasks.exceptions.of_tasks import breached, escalated, unowned
from tasks.exceptions.of_terms import lapsed, not_bound, uncovered
from tasks.handbooks import calendars, handbook

WEEK = timedelta(days=7)
PARTS = (lapsed, unowned, stranded, not_bound, uncovered, escalated, breached, stuck_messages)

_task = work.tasks.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptions:
    """Every part, also the empty ones, and how much was opened, done and late in the stretch."""

    scope: Scope
    parts: tuple[Part, ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(part.total for part in self.parts)


def scope_of(
    db: Connection,
    *,
    at: datetime,
    since: datetime | None = None,
    team_id: int | None = None,
    ahead: Duration | None = None,
    language: str = "en",
    at_most: int = 20,
) -> Scope:
    """A week back unless told otherwise, and as far ahead as the house has declared. Raises: BeyondCalendar."""
    span = ahead or handbook.book(db).book.digests.uncovered
    clock = calendars.calendar_of(db)[1]
    last = clock.from_date_forward(at.astimezone(zone(settings().zone)).date(), span)
    return Scope(
        since=since or at - WEEK,
        at=at,
        ahead=(last - timedelta(microseconds=1)).astimezone(clock.zone).date(),
        team_id=team_id,
        language=language,
        at_most=at_most,
    )


def list_exceptions(db: Connection, scope: Scope) -> Exceptions:
    """All of them. Reads only."""
    return Exceptions(scope=scope, parts=tuple(part(db, scope) for part in PARTS), counts=_counts(db, scope))


def _counts(db: Connection, scope: Scope) -> dict[str, int]:
    done = and_(_task.status == TaskStatus.DONE.value, _task.finished_at >= scope.since, _task.finished_at <= scope.at)
    on_desk = or_(*(_task.status == status.value for status in ON_DESK))
    columns = {
        "opened": and_(_task.opened_at >= scope.since, _task.opened_at <= scope.at),
        "done": done,
        "done_late": and_(done, _task.finished_at > _task.due_at),
        "open": on_desk,
        "overdue": and_(on_desk, scope.at > DEADLINE),
    }
    query = select(*(func.count().filter(condition).label(name) for name, condition in columns.items()))
    if scope.team_id is not None:
        query = query.where(_task.team_id == scope.team_id)
    return dict(db.execute(query.select_from(work.tasks)).mappings().one())
