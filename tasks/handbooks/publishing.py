"""Publishing an edition: whatever changed gets a new version, frozen for good, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert

from core.actor import Actor
from core.errors import TaktasError
from models.definitions import process_versions, processes
from standards.definition_folder import Definitions
from tasks.facts.step_titles import short_form
from tasks.handbooks import handbook
from tasks.handbooks.calendar_publishing import prepare_calendars, publish_calendars
from tasks.handbooks.edition import Edition, WrittenProcess, distinct_hash, edition_of, is_same
from tasks.handbooks.handbook import PublishedProcess
from tasks.handbooks.schedules import declare_schedules
from tasks.handbooks.starting import refuse_silence, starts_from, waiting_anew
from tasks.handbooks.texts import changed_letters, publish_book, publish_letter


class SubjectChanged(TaktasError):
    """A process that was about one kind of thing would be about another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that got a new version. `kind`: calendar, standards, letter or process."""

    kind: str
    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to become of subjects that already wait for a process; None: nothing was said."""

    start_inside: bool | None = None
    start_behind: bool | None = None


def publish(
    db: Connection,
    actor: Actor,
    definitions: Definitions | Edition,
    at: datetime,
    *,
    start_inside: bool | None = None,
    start_behind: bool | None = None,
) -> tuple[Change, ...]:
    """Freeze what changed, and say what that was. Running cases, open tasks and their due times stay as they are.

    What the definitions do not mention stays published as it is. `start_inside` and `start_behind` say what becomes of
    subjects that already wait where a process is published for the first time, or with other starts than before;
    None: nothing was said.
    Raises: DefinitionsNotValid, StartNotSaid, SubjectChanged, CalendarWithoutGround, CalendarNotUnderstood, NoOpenTime,
    BeyondCalendar.
    """
    db.execute(sql("LOCK TABLE processes IN SHARE ROW EXCLUSIVE MODE"))  # one edition at a time; readers go on
    edition = definitions if isinstance(definitions, Edition) else edition_of(definitions, handbook.book(db).sources)
    wishes = Wishes(start_inside=start_inside, start_behind=start_behind)
    by = actor.employee_id
    changes = [
        Change(kind="calendar", name=it.stored.name, version=it.version)
        for it in publish_calendars(db, prepare_calendars(db, edition.calendars, at), at, by)
    ]
    version = publish_book(db, edition, at, by)
    if version is not None:
        changes.append(Change(kind="standards", name="standards", version=version))
    for letter, number in tuple(changed_letters(db, edition.letters)):
        publish_letter(db, letter, number, at, by)
        changes.append(Change(kind="letter", name=f"{letter.name}/{letter.language}", version=number))
    changes += _publish_processes(db, edition, at, by, wishes)
    return tuple(changes)


def _publish_processes(
    db: Connection, edition: Edition, at: datetime, by: int | None, wishes: Wishes
) -> Iterator[Change]:
    newest = {it.process.name: it for it in handbook.current_processes(db)}
    for written in edition.processes:
        before = newest.get(written.process.name)
        if before is None or not is_same(before.content_hash, written.content_hash):
            yield _publish_process(db, written, before, at=at, by=by, wishes=wishes)


def _publish_process(
    db: Connection,
    written: WrittenProcess,
    before: PublishedProcess | None,
    *,
    at: datetime,
    by: int | None,
    wishes: Wishes,
) -> Change:
    process = written.process
    _refuse_another_subject(written, before)
    planned = as_planned(written, before, at)
    waits = waiting_anew(db, planned, before, at)
    refuse_silence(process.name, waits, start_inside=wishes.start_inside, start_behind=wishes.start_behind)
    process_id = _process_id(db, written)
    used = db.execute(
        select(process_versions.c.content_hash).where(process_versions.c.process_id == process_id)
    ).scalars()
    db.execute(
        insert(process_versions).values(
            process_id=process_id,
            version=planned.version,
            content_hash=distinct_hash(written.content_hash, used, planned.version),
            source=written.source,
            titles=short_form(process),
            published_at=at,
            published_by=by,
            starts_from=starts_from(waits, at, start_inside=wishes.start_inside, start_behind=wishes.start_behind),
        )
    )
    declare_schedules(db, process, at)
    return Change(kind="process", name=process.name, version=planned.version)


def _refuse_another_subject(written: WrittenProcess, before: PublishedProcess | None) -> None:
    """Cases of one process are about one kind of thing. Raises: SubjectChanged."""
    process = written.process
    if before is not None and before.process.subject != process.subject:
        raise SubjectChanged(
            f"Cannot publish {process.name} about a {process.subject}: until now it was about a "
            f"{before.process.subject}. Give the new process another name."
        )


def as_planned(written: WrittenProcess, before: PublishedProcess | None, at: datetime) -> PublishedProcess:
    """The version a written process would become; its numbers in the database are 0 where it has none yet."""
    return PublishedProcess(
        process_id=before.process_id if before else 0,
        version_id=0,
        version=before.version + 1 if before else 1,
        content_hash=written.content_hash,
        process=written.process,
        published_at=at,
    )


def _process_id(db: Connection, written: WrittenProcess) -> int:
    row = upsert(processes).values(name=written.process.name, subject=written.process.subject)
    kept = row.on_conflict_do_update(index_elements=["name"], set_={"subject": row.excluded.subject})
    return int(db.execute(kept.returning(processes.c.id)).scalar_one())
