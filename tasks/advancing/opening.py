"""Opening a task: which standard holds, when it is due, who gets it, and when something next happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert

from models import work
from models.work import TaskStatus
from standards.process import Route, RouteKind, Step
from standards.service.standard import Dimensions, Fields
from standards.working_time.duration import AnchoredMoment
from standards.working_time.open_time import OpenTime
from tasks.advancing.course import Course, Enter
from tasks.advancing.history import Place
from tasks.advancing.timers import set_deadlines
from tasks.facts.case_facts import dimensions_of, moment_of, person_of, prime
from tasks.handbooks import calendars, resolving
from tasks.moments import Firing, TaskMoments, next_firing, nudges, task_moments
from tasks.record.hot import Hot
from tasks.seating.routing import Search, Seated, find_seat

_OWNER_FIRST = Route(kind=RouteKind.ROLE, path="case.owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task about to be written: what it is about, and where it lies."""

    subject_type: str | None
    subject_id: int | None
    client_id: int | None
    resolution_id: int
    fields: Fields
    seated: Seated
    case_id: int | None = None
    place: Place | None = None
    title: str | None = None
    created_by: int | None = None


def come_to_task(course: Course, step: Step, place: Place, entering: Enter) -> int:
    """The case comes to a person's work: one task, open now or planned for later. Returns its number."""
    needs_clock = entering.wait is not None and entering.after is not None
    opens_at = _opening(course, entering) if needs_clock else course.at
    routes = routes_of(course, step)
    roles = [route.path for route in routes if route.kind is RouteKind.ROLE and route.path]
    anchors = [step.limit.anchor] if step.limit and "." in step.limit.anchor else []
    prime(course, paths=anchors, people_paths=roles, dimensions=True)
    resolution_id, fields = standard_of(course, step)
    search = search_for(course, step, fields, opens_at)
    after = entering.after
    keeper = (after.bumped_from_id or after.assignee_id) if after is not None else course.first_assignee_id
    course.first_assignee_id = None
    new = NewTask(
        subject_type=course.case.subject_type,
        subject_id=course.case.subject_id,
        client_id=course.case.client_id,
        resolution_id=resolution_id,
        fields=fields,
        seated=find_seat(search, routes, first=keeper),
        case_id=course.case.id,
        place=place,
    )
    return _begin(course, step, place, new)


def _opening(course: Course, entering: Enter) -> datetime:
    if entering.after is None or entering.wait is None:
        return course.at
    version_id = entering.after.calendar_version_id
    clock = (
        calendars.open_time(course.db, version_id)
        if version_id is not None
        else calendars.calendar_of(course.db, team_id=entering.after.team_id)[1]
    )
    return clock.add_duration(course.at, entering.wait)


def _begin(course: Course, step: Step, place: Place, new: NewTask) -> int:
    task_id, status = insert_task(course.db, new, at=course.at)
    kind = "task.opened" if status is TaskStatus.OPEN else "task.planned"
    if not course.ledger.last:
        kind = "case.started"  # as mass generation writes it: one event begins the case and its first task
    course.note(kind, place, task_id=task_id, **opening_facts(new, status))
    if status is TaskStatus.OPEN:
        set_deadlines(course, step, place, new.seated.clock)
    course.effects.opened.append(task_id)
    course.changed()
    return task_id


def standard_of(course: Course, step: Step) -> tuple[int, Fields]:
    """The standard that holds for a step's task in this case: the number of its resolution, and what it asks."""
    dimensions = Dimensions(
        action=step.action or "", process=course.process.name, step=step.name, **dimensions_of(course)
    )
    return resolving.resolve_task(course.db, dimensions)


def routes_of(course: Course, step: Step) -> tuple[Route, ...]:
    """Who is looked for: as the step says, else the process, else who has the case, else as its start says."""
    if step.assign:
        return step.assign
    process = course.process
    at_start = course.first_routes or next((start.assign for start in process.starts if start.assign), ())
    if course.history.owner_id is None:
        return at_start or process.assign
    return process.assign or (_OWNER_FIRST, *at_start)


def search_for(course: Course, step: Step, fields: Fields, opens_at: datetime) -> Search:
    """What routing needs to know of a step's task in this case."""

    def moments_on(clock: OpenTime) -> TaskMoments:
        return task_moments(fields, clock, opens_at=opens_at, limit_at=limit_on(course, step.limit, clock))

    return Search(
        db=course.db,
        at=course.at,
        effort_minutes=fields.effort_minutes,
        moments_on=moments_on,
        person_of=lambda path: person_of(course, path),
        doer_of=course.history.done_by.get,
    )


def limit_on(course: Course, limit: AnchoredMoment | None, clock: OpenTime) -> datetime | None:
    """The hard limit of a step's task on a calendar, None where the step has none or its anchor has no value."""
    return moment_of(course, limit, clock)


def insert_task(db: Connection, new: NewTask, *, at: datetime) -> tuple[int, TaskStatus]:
    """Write the task: open when its opening has come, else planned. Returns its number and status."""
    moments, seated, place = new.seated.moments, new.seated, new.place
    is_open = moments.opens_at <= at
    next_at, what = next_moment(new.fields, seated.clock, moments) if is_open else (moments.opens_at, Firing.OPEN)
    status = TaskStatus.OPEN if is_open else TaskStatus.PLANNED
    row = {
        "case_id": new.case_id,
        "step": place.step if place else None,
        "member": place.member if place else "",
        "round": place.round if place else 1,
        "subject_type": new.subject_type,
        "subject_id": new.subject_id,
        "client_id": new.client_id,
        "status": status.value,
        "resolution_id": new.resolution_id,
        "assignee_id": seated.employee_id,
        "team_id": seated.team_id,
        "calendar_version_id": seated.calendar_version_id,
        "opens_at": moments.opens_at,
        "opened_at": moments.opens_at if is_open else None,
        "held_since": moments.opens_at if is_open else None,
        "start_by": moments.start_by,
        "due_at": moments.due_at,
        "limit_at": moments.limit_at,
        "is_tight": moments.is_tight,
        "next_at": next_at,
        "next_what": what.value if what else None,
        "bumped_from_id": seated.bumped_from_id,
        "title": new.title,
        "created_by": new.created_by,
    }
    return int(_INSERT.rows(db, row)[0][0]), status


def next_moment(
    fields: Fields, clock: OpenTime, moments: TaskMoments, **fired: Any
) -> tuple[datetime | None, Firing | None]:
    """When something next happens to an open task, and what; nothing twice when nothing does."""
    return next_firing(nudges(fields, clock, moments), **fired) or (None, None)


def opening_facts(new: NewTask, status: TaskStatus) -> dict[str, Any]:
    """What the ledger remembers of a task's beginning."""
    moments, seated = new.seated.moments, new.seated
    return {
        "status": status.value,
        "assignee_id": seated.employee_id,
        "team_id": seated.team_id,
        "calendar_version_id": seated.calendar_version_id,
        "bumped_from_id": seated.bumped_from_id,
        "opens_at": moments.opens_at,
        "due_at": moments.due_at,
        "limit_at": moments.limit_at,
        "resolution_id": new.resolution_id,
    }


_WRITTEN = (
    "case_id",
    "step",
    "member",
    "round",
    "subject_type",
    "subject_id",
    "client_id",
    "status",
    "resolution_id",
    "assignee_id",
    "team_id",
    "calendar_version_id",
    "opens_at",
    "opened_at",
    "held_since",
    "start_by",
    "due_at",
    "limit_at",
    "is_tight",
    "next_at",
    "next_what",
    "bumped_from_id",
    "title",
    "created_by",
)
_INSERT = Hot(insert(work.tasks).values({name: bindparam(name) for name in _WRITTEN}).returning(work.tasks.c.id))
