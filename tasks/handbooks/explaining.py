"""Why a task is due when it is: which standard gave what, which lost, which calendar, how the moment was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from core.actor import Actor
from core.errors import TaktasError
from models.definitions import calendar_versions, calendars, standard_books
from models.work import cases, events, resolutions, task_items, tasks
from standards.service.cascade import resolve
from standards.service.standard import Dimensions, Fields
from standards.working_time.local_time import wall_clock
from standards.working_time.open_time import OpenTime
from standards.working_time.resolved_calendar import ResolvedCalendar
from tasks.desk.access import visible
from tasks.handbooks import calendars as published
from tasks.handbooks import handbook, resolving
from tasks.handbooks.stored_calendar import unpack
from tasks.moments import TaskMoments, task_moments

MOST_CLOSED_DAYS = 20


class NoSuchTask(TaktasError):
    """A task does not exist, or not for this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One moment of a task, and how it came about."""

    name: str
    at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind a task's moments.

    `verdicts`: field -> winner and losers, as the resolution keeps them. `closed`: days without open time between
    opening and due, each with its reason. `moved`: the due moments it had, by the event that set them.
    """

    about: str
    dimensions: Dimensions
    book_version: int | None
    verdicts: Mapping[str, Any]
    calendar: str
    counted: tuple[Counted, ...]
    closed: tuple[str, ...] = ()
    moved: tuple[Counted, ...] = ()


def explain_task(db: Connection, actor: Actor, task_id: int) -> Explanation:
    """Why this task is due when it is. Raises: NoSuchTask."""
    task = db.execute(select(tasks).where(tasks.c.id == task_id, visible(db, actor))).first()
    if task is None:
        raise NoSuchTask(f"There is no task {task_id} on your lists. `taktas tasks list` shows those there are.")
    fields = resolving.fields_of(db, task.resolution_id)
    version_id = task.calendar_version_id or published.calendar_of(db, team_id=task.team_id)[0]
    clock = published.open_time(db, version_id)
    return Explanation(
        about=f"task {task_id}",
        dimensions=resolving.dimensions_of(db, task.resolution_id),
        book_version=_book_version(db, task.resolution_id),
        verdicts=resolving.explanation_of(db, task.resolution_id),
        calendar=_calendar_name(db, version_id),
        counted=tuple(_counted_of(task, fields, clock, _limit_of(db, task))),
        closed=_closed_days(db, version_id, task.opened_at or task.opens_at, task.due_at),
        moved=_moved(db, task),
    )


def explain_work(db: Connection, dimensions: Dimensions, at: datetime) -> Explanation:
    """What would hold for a task like this, opened at that moment, on the house's calendar. Reads only.

    Raises: AmbiguousStandards, NoHouseCalendar, BeyondCalendar.
    """
    book = handbook.book(db)
    found = resolve(book.book, dimensions)
    version_id, clock = published.calendar_of(db)
    moments = task_moments(found.fields, clock, opens_at=at)
    return Explanation(
        about="a task like this",
        dimensions=dimensions,
        book_version=book.version or None,
        verdicts=found.explanation(),
        calendar=_calendar_name(db, version_id),
        counted=tuple(_counted(found.fields, moments, "")),
        closed=_closed_days(db, version_id, at, moments.due_at),
    )


def _counted_of(task: Row[Any], fields: Fields, clock: OpenTime, limit: str) -> Iterator[Counted]:
    opened = task.opened_at or task.opens_at
    if opened is None:
        return
    expected = task_moments(fields, clock, opens_at=opened, limit_at=task.limit_at)
    now = TaskMoments(
        opens_at=opened, start_by=task.start_by, due_at=task.due_at, limit_at=task.limit_at, is_tight=task.is_tight
    )
    for counted in _counted(fields, now, limit):
        moved = counted.name == "due" and expected.due_at != task.due_at
        yield Counted(name=counted.name, at=counted.at, how="moved since, see below") if moved else counted


def _counted(fields: Fields, moments: TaskMoments, limit: str) -> Iterator[Counted]:
    yield Counted(name="opens", at=moments.opens_at, how="everything is counted from here")
    if moments.start_by is not None:
        yield Counted(name="start by", at=moments.start_by, how=_how_start(fields, moments))
    if moments.due_at is not None:
        yield Counted(name="due", at=moments.due_at, how=_how_due(fields, moments))
    if moments.limit_at is not None:
        yield Counted(name="hard limit", at=moments.limit_at, how=f"no later than {limit}" if limit else "")


def _how_start(fields: Fields, moments: TaskMoments) -> str:
    if fields.start_within is None:
        return ""
    return "no later than it is due" if moments.start_by == moments.due_at else f"{fields.start_within} after it opens"


def _how_due(fields: Fields, moments: TaskMoments) -> str:
    if fields.due is None:
        return "the hard limit, as no standard says more"
    if moments.is_tight:
        return f"the hard limit, which comes before {fields.due} are over"
    return f"{fields.due} after it opens"


def _limit_of(db: Connection, task: Row[Any]) -> str:
    """`3 working days before term.expires_on`, as the step says; '' where it says nothing."""
    item = select(task_items.c.case_id, task_items.c.step).where(task_items.c.task_id == task.id).limit(1)
    shared = db.execute(item).first() if task.case_id is None else None
    case_id, name = (shared.case_id, shared.step) if shared else (task.case_id, task.step)
    version_id = db.execute(select(cases.c.version_id).where(cases.c.id == case_id)).scalar_one_or_none()
    step = handbook.process_version(db, version_id).steps.get(name or "") if version_id else None
    return str(step.limit) if step and step.limit else ""


def _book_version(db: Connection, resolution_id: int) -> int | None:
    of = select(standard_books.c.version).join(resolutions, resolutions.c.standard_book_id == standard_books.c.id)
    return db.execute(of.where(resolutions.c.id == resolution_id)).scalar_one_or_none()


def _calendar_name(db: Connection, version_id: int) -> str:
    row = db.execute(
        select(calendars.c.code, calendars.c.zone, calendar_versions.c.version)
        .join(calendars, calendars.c.id == calendar_versions.c.calendar_id)
        .where(calendar_versions.c.id == version_id)
    ).one()
    return f"{row.code}@{row.version} ({row.zone})"


def _closed_days(db: Connection, version_id: int, start: datetime | None, end: datetime | None) -> tuple[str, ...]:
    if start is None or end is None or end <= start:
        return ()
    stored = db.execute(select(calendar_versions.c.resolved).where(calendar_versions.c.id == version_id)).scalar_one()
    calendar: ResolvedCalendar = unpack(stored)
    first, last = (wall_clock(moment, calendar.zone).date() for moment in (start, end))
    known = {day.day: day for day in calendar.days if first <= day.day <= last and not day.spans}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    told = [f"{day:%a %Y-%m-%d} {known[day].reason}".rstrip() for day in days if day in known]
    more = len(told) - MOST_CLOSED_DAYS
    return (*told[:MOST_CLOSED_DAYS], f"and {more} more") if more > 0 else tuple(told)


def _moved(db: Connection, task: Row[Any]) -> tuple[Counted, ...]:
    """The due moments the ledger remembers, each with the event that set it."""
    due = events.c.data["due_at"].astext
    rows = db.execute(
        select(events.c.kind, due.label("due_at"))
        .where(events.c.task_id == task.id, events.c.case_id == task.case_id, due.is_not(None))
        .order_by(events.c.at, events.c.id)
    )
    told = [Counted(name="due", at=datetime.fromisoformat(row.due_at), how=row.kind) for row in rows]
    return tuple(told) if len({one.at for one in told}) > 1 else ()
