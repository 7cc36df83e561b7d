"""Happenings heard: every case that listens moves or ends, sub-processes report back, and new cases begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from core.actor import Actor
from core.clock import zone
from core.settings import settings
from models import work
from models.work import CaseStatus
from standards.catalogue import SUBJECTS, subject_of_entity
from standards.condition import Condition
from standards.holding import holds, paths_of
from standards.process import Process, Start, StartKind, Trigger
from tasks.advancing.advance import advance
from tasks.advancing.beginning import Birth, begin
from tasks.advancing.course import Alive, Course, Effects, Take, open_course
from tasks.advancing.history import Place
from tasks.advancing.waiting import end_of_child, end_race, ring
from tasks.beat.anchors import recount_case
from tasks.beat.listeners import listening_versions
from tasks.facts.case_facts import is_so
from tasks.facts.computed import AsOf
from tasks.facts.fields import Reading
from tasks.facts.members import entity_id
from tasks.facts.prepared import Question, ask
from tasks.handbooks import handbook
from tasks.handbooks.handbook import PublishedProcess
from tasks.record.cycle import START
from tasks.record.rows import lock_cases

MOVED_ANCHOR = "term.expiry_corrected"
"""What makes deadlines be counted again."""
CONTACTS = frozenset({"client.answered", "interaction.received", "complaint.received"})
"""Over once they have happened: who called last month has not answered a case that began today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that befell a subject, as it was read."""

    id: int
    kind: str
    subject_type: str
    subject_id: int
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a happening brought about, by the numbers of cases: those that heard it, and those it began."""

    heard: list[int]
    started: list[int]

    def numbers(self) -> dict[str, list[int]]:
        """As it is kept beside the happening; only what there is."""
        return {name: found for name, found in (("heard", self.heard), ("started", self.started)) if found}


def hear(db: Connection, actor: Actor, happening: Happening, *, at: datetime, effects: Effects) -> Brought:
    """Let every case hear it that listens, in order of their numbers, and begin those it starts."""
    heard = []
    for row in lock_cases(db, sorted(_hearers(db, happening))):
        if row.is_running:
            course = open_course(db, actor, row, at=at, effects=effects)
            if _hear_in(course, happening):
                heard.append(row.id)
            advance(course)
    return Brought(heard=heard, started=_start_cases(db, actor, happening, at, effects))


def _hearers(db: Connection, happening: Happening) -> set[int]:
    """The running cases about its subject, or about something that reaches its subject."""
    if happening.subject_type == "case":
        return {happening.subject_id}
    is_anchor = happening.kind == MOVED_ANCHOR
    found: set[int] = set()
    for subject, versions in listening_versions(db, happening.kind, all_versions=is_anchor).items():
        for entity in SUBJECTS[subject].reaches:
            if subject_of_entity(entity) == happening.subject_type and entity != "next_term":
                found |= _cases(db, subject, entity, versions, happening)
    return found


def _cases(db: Connection, subject: str, entity: str, versions: list[int], happening: Happening) -> set[int]:
    reading = Reading(subject, happening.at)
    number = reading.id_of(entity)
    case = work.cases.c
    statement = (
        select(case.id)
        .select_from(reading.source.join(work.cases, case.subject_id == reading.subject_id))
        .where(
            number == happening.subject_id,
            case.subject_type == subject,
            case.status == CaseStatus.RUNNING.value,
            case.version_id == func.any(versions),
        )
    )
    if happening.kind in CONTACTS:
        statement = statement.where(case.started_at <= happening.at)
    return set(db.execute(statement).scalars())


def _hear_in(course: Course, happening: Happening) -> bool:
    """A step's own ear comes before that of the whole process: what it says is more particular. Whether any heard."""
    is_anchor = happening.kind == MOVED_ANCHOR
    if is_anchor:
        recount_case(course)
    heard = [_hear_at(course, one, happening) for one in course.alive()]
    if any(heard):
        return True
    for trigger in course.process.on:
        if trigger.happening == happening.kind and is_so(course, trigger.condition):
            _hear_whole(course, trigger, happening)
            return True
    return is_anchor


def _hear_at(course: Course, one: Alive, happening: Happening) -> bool:
    if happening.subject_type == "case":
        return _hear_child(course, one, happening)
    step = course.step(one.place.step)
    facts = {"happening": happening.kind, "happening_id": happening.id}
    for trigger in step.wait_for if one.kind in _WAITS else ():
        if trigger.happening == happening.kind:
            return end_race(course, one, trigger, "happening.heard", **facts)
    for trigger in step.on:
        if trigger.happening == happening.kind:
            return ring(course, one, trigger, "happening.heard", "happening", **facts)
    return False


_WAITS = frozenset({"happening", "race"})


def _hear_child(course: Course, one: Alive, happening: Happening) -> bool:
    """A step that waits goes on when the last of the cases it began has ended."""
    data = happening.data
    place = Place(data.get("step") or "", data.get("member") or "", data.get("round") or 1)
    if one.kind != "child" or one.place != place:
        return False
    key = {"parent_id": course.case.id, "step": place.step, "member": place.member, "round": place.round}
    if course.db.execute(_RUNNING_CHILDREN, key).first() is None:
        end_of_child(course, one, str(data["end"]), int(data["child"]))
    return True


def _hear_whole(course: Course, trigger: Trigger, happening: Happening) -> None:
    taken = course.history.was_taken("", "", trigger.name)
    event = course.note("happening.heard", branch=trigger.name, happening=happening.kind, happening_id=happening.id)
    course.cause = event.number
    course.agenda.append(Take(Place("", "", 1), trigger.transition, taken))


def _start_cases(db: Connection, actor: Actor, happening: Happening, at: datetime, effects: Effects) -> list[int]:
    begun = [
        _start(db, actor, published, start, happening=happening, at=at, effects=effects)
        for published in handbook.current_processes(db)
        for start in published.process.starts
        if start.kind is StartKind.HAPPENING and start.happening == happening.kind
    ]
    return [number for number in begun if number is not None]


def _start(
    db: Connection,
    actor: Actor,
    published: PublishedProcess,
    start: Start,
    *,
    happening: Happening,
    at: datetime,
    effects: Effects,
) -> int | None:
    """Begin the case and give its number; none before the first day, or where one runs or the subject does not fit."""
    process = published.process
    subject_id = _subject(db, process, happening, at)
    is_past = published.starts_from is not None and happening.at < published.starts_from
    if is_past or subject_id is None or not _fits(db, process, start, subject_id, at):
        return None
    birth = Birth(
        process_id=published.process_id,
        version_id=published.version_id,
        subject_type=process.subject,
        subject_id=subject_id,
        cycle_id=happening.id if process.cycle == START else None,
        routes=start.assign,
    )
    course = begin(db, actor, birth, at=at, effects=effects)
    if course is None:
        return None
    advance(course)
    return course.case.id


def _subject(db: Connection, process: Process, happening: Happening, at: datetime) -> int | None:
    """The subject the new case is about: the happening's own, or what that leads to."""
    if happening.subject_type == process.subject:
        return happening.subject_id
    reached = SUBJECTS[happening.subject_type].reaches if happening.subject_type in SUBJECTS else ()
    if process.subject not in reached:
        return None
    return entity_id(db, happening.subject_type, happening.subject_id, process.subject, at)


def _fits(db: Connection, process: Process, start: Start, subject_id: int, at: datetime) -> bool:
    conditions: list[Condition] = [start.where, *start.leave_out.values()]
    paths = tuple(dict.fromkeys(path for condition in conditions for path in paths_of(condition)))
    facts = ask(db, Question(subject_type=process.subject, paths=paths), subject_id, at).values
    today, where = AsOf.of(at).day, zone(settings().zone)
    wanted, *unwanted = (holds(condition, facts, today, where) for condition in conditions)
    return wanted and not any(unwanted)


_RUNNING_CHILDREN = select(work.cases.c.id).where(
    work.cases.c.parent_id == bindparam("parent_id"),
    work.cases.c.parent_step == bindparam("step"),
    work.cases.c.parent_member == bindparam("member"),
    work.cases.c.parent_round == bindparam("round"),
    work.cases.c.status == CaseStatus.RUNNING.value,
)
