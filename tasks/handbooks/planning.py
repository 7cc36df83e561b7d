"""What publishing would do, before it is done: what differs, who works on older versions, what would start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from models.definitions import calendar_versions, calendars, process_versions, processes
from models.work import LIVE, CaseStatus, cases, task_items, tasks
from standards.definition_folder import Definitions
from standards.working_time.open_time import OpenTime
from standards.working_time.resolved_calendar import ResolvedCalendar
from tasks.handbooks import handbook
from tasks.handbooks.calendar_publishing import NewCalendar, prepare_calendars
from tasks.handbooks.calendar_versions import HOUSE
from tasks.handbooks.difference import book_changes, calendar_changes, process_changes
from tasks.handbooks.edition import Edition, WrittenProcess, edition_of, is_same
from tasks.handbooks.handbook import PublishedProcess
from tasks.handbooks.publishing import as_planned
from tasks.handbooks.starting import Waiting, is_generated, waiting_already, waiting_anew, weekly_starts
from tasks.handbooks.stored_calendar import unpack
from tasks.handbooks.texts import changed_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One definition that would get a new version. `changes` is empty for a first version."""

    kind: str
    name: str
    version: int
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What one process would start: so many at its next ringing, so many in each of the coming weeks.

    `already` wait for the version in force; `waiting` is what publishing would find anew, so that it has to be decided.
    """

    process: str
    already: int
    waiting: Waiting
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderWork:
    """Open work that stays on the version it began with."""

    process: str
    version: int
    open_cases: int
    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPlan:
    """The whole answer. `not_mentioned`: published processes which the folder lacks; they stay as they are."""

    planned: tuple[Planned, ...]
    older: tuple[OlderWork, ...]
    started: tuple[Started, ...]
    not_mentioned: tuple[str, ...]


def plan(db: Connection, definitions: Definitions | Edition, at: datetime, *, weeks: int = 4) -> EditionPlan:
    """What publishing these definitions at that moment would do. Reads only.

    Raises: DefinitionsNotValid, CalendarWithoutGround, CalendarNotUnderstood, NoOpenTime, BeyondCalendar.
    """
    edition = definitions if isinstance(definitions, Edition) else edition_of(definitions, handbook.book(db).sources)
    newest = {it.process.name: it for it in handbook.current_processes(db)}
    prepared = prepare_calendars(db, edition.calendars, at)
    changed = [it for it in edition.processes if _is_new(it, newest)]
    outlook = _Outlook(newest=newest, at=at, weeks=weeks, clock=_house_clock(prepared))
    return EditionPlan(
        planned=(
            *_calendars(db, prepared),
            *_book(db, edition),
            *_letters(db, edition),
            *(outlook.planned(written) for written in changed),
        ),
        older=_older_work(db, {it.process.name for it in changed}),
        started=tuple(outlook.started(db, it) for it in edition.processes if is_generated(it.process)),
        not_mentioned=tuple(sorted(newest.keys() - {it.process.name for it in edition.processes})),
    )


def _is_new(written: WrittenProcess, newest: Mapping[str, PublishedProcess]) -> bool:
    before = newest.get(written.process.name)
    return before is None or not is_same(before.content_hash, written.content_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outlook:
    """What every process is looked at with."""

    newest: Mapping[str, PublishedProcess]
    at: datetime
    weeks: int
    clock: OpenTime | None

    def planned(self, written: WrittenProcess) -> Planned:
        before = self.newest.get(written.process.name)
        return Planned(
            kind="process",
            name=written.process.name,
            version=as_planned(written, before, self.at).version,
            changes=process_changes(before.process if before else None, written.process),
        )

    def started(self, db: Connection, written: WrittenProcess) -> Started:
        before = self.newest.get(written.process.name)
        after = as_planned(written, before, self.at)
        if before is not None:
            after = replace(after, starts_from=before.starts_from)
        return Started(
            process=written.process.name,
            already=waiting_already(db, before, self.at, clock=self.clock) if before is not None else 0,
            waiting=waiting_anew(db, after, before, self.at, clock=self.clock),
            weeks=weekly_starts(db, after, self.at, weeks=self.weeks, clock=self.clock),
        )


def _house_clock(prepared: Iterable[NewCalendar]) -> OpenTime | None:
    """The house's calendar as it would be published; None where the edition leaves it as it is."""
    house = next((it.stored for it in prepared if it.stored.name == HOUSE), None)
    return OpenTime.from_resolved(unpack(house.resolved)) if house else None


def _calendars(db: Connection, prepared: Iterable[NewCalendar]) -> Iterator[Planned]:
    for calendar in prepared:
        if calendar.is_changed:
            name = calendar.stored.name
            changes = calendar_changes(_published_days(db, name), unpack(calendar.stored.resolved))
            yield Planned(kind="calendar", name=name, version=calendar.version, changes=changes)


def _published_days(db: Connection, name: str) -> ResolvedCalendar | None:
    newest = (
        select(calendar_versions.c.resolved)
        .join(calendars, calendars.c.id == calendar_versions.c.calendar_id)
        .where(calendars.c.code == name)
        .order_by(calendar_versions.c.version.desc())
        .limit(1)
    )
    stored = db.execute(newest).scalar_one_or_none()
    return unpack(stored) if stored else None


def _book(db: Connection, edition: Edition) -> Iterator[Planned]:
    current = handbook.book(db)
    if edition.sources and not is_same(current.content_hash, edition.book_hash):
        changes = book_changes(current.content, edition.content) if current.version else ()
        yield Planned(kind="standards", name="standards", version=current.version + 1, changes=changes)


def _letters(db: Connection, edition: Edition) -> Iterator[Planned]:
    for letter, version in changed_letters(db, edition.letters):
        yield Planned(kind="letter", name=f"{letter.name}/{letter.language}", version=version)


def _older_work(db: Connection, names: set[str]) -> tuple[OlderWork, ...]:
    """Running cases and live tasks of these processes, by the version they are on."""
    case_id = func.coalesce(tasks.c.case_id, task_items.c.case_id)
    live = (
        select(cases.c.version_id, func.count(tasks.c.id.distinct()).label("open_tasks"))
        .select_from(tasks.outerjoin(task_items, and_(task_items.c.task_id == tasks.c.id, tasks.c.case_id.is_(None))))
        .join(cases, cases.c.id == case_id)
        .where(tasks.c.status.in_(LIVE))
        .group_by(cases.c.version_id)
        .subquery("live")
    )
    running = (
        select(cases.c.version_id, func.count().label("open_cases"))
        .where(cases.c.status == CaseStatus.RUNNING)
        .group_by(cases.c.version_id)
        .subquery("running")
    )
    rows = db.execute(
        select(
            processes.c.name,
            process_versions.c.version,
            running.c.open_cases,
            func.coalesce(live.c.open_tasks, 0).label("open_tasks"),
        )
        .join(process_versions, process_versions.c.id == running.c.version_id)
        .join(processes, processes.c.id == process_versions.c.process_id)
        .outerjoin(live, live.c.version_id == running.c.version_id)
        .where(processes.c.name.in_(names))
        .order_by(processes.c.name, process_versions.c.version)
    )
    return tuple(
        OlderWork(process=row.name, version=row.version, open_cases=row.open_cases, open_tasks=row.open_tasks)
        for row in rows
    )
