"""Ad hoc tasks: work beside any plan, about anything, with the same standards, reminders and figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import TaktasError
from models.work import TaskStatus
from standards.lists import code_of
from standards.process import Route, RouteKind
from standards.service.standard import Dimensions, Fields
from standards.working_time.open_time import OpenTime
from tasks.advancing.opening import NewTask, insert_task, opening_facts
from tasks.desk.assigning import check_works_here, team_code
from tasks.facts.fields import client_and_campaign
from tasks.facts.prepared import Question, ask
from tasks.handbooks import handbook
from tasks.handbooks.resolving import resolve_task
from tasks.moments import TaskMoments, task_moments
from tasks.record.ledger import Ledger
from tasks.seating.routing import Search, find_seat

LONGEST_TITLE = 500
"""Characters a title may have."""

ACTIONS = "actions"
UNSAID = "other"
"""The action of a task whose kind nobody named; no house has to list it."""


class TaskNotUnderstood(TaktasError):
    """An ad hoc task that says too little, or too much."""


def add(
    db: Connection,
    actor: Actor,
    *,
    title: str,
    action: str = UNSAID,
    subject_type: str | None = None,
    subject_id: int | None = None,
    to_employee_id: int | None = None,
    to_team_id: int | None = None,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    at: datetime,
) -> int:
    """Create a task without a process, for whoever asks unless somebody or a team is named. Returns its number.

    `due_at` says when it is due; without it the standards for its action and client do. Raises: TaskNotUnderstood,
    CodeNotKnown, CannotReassign, FieldOutOfReach.
    """
    _check(title, opens_at, due_at, at)
    _check_action(db, action)
    if to_employee_id is not None:
        check_works_here(db, to_employee_id, "give a task to", at)
    resolution_id, fields = _standard(db, action, subject_type, subject_id, at)
    search = _search(db, fields, opens_at or at, due_at, at)
    first = to_employee_id if to_employee_id is not None or to_team_id is not None else actor.employee_id
    team = team_code(db, to_team_id) if to_team_id is not None else None
    new = NewTask(
        subject_type=subject_type,
        subject_id=subject_id,
        client_id=_client(db, subject_type, subject_id, at),
        resolution_id=resolution_id,
        fields=fields,
        seated=find_seat(search, (Route(kind=RouteKind.QUEUE, team=team),), first=first),
        title=title.strip(),
        created_by=actor.employee_id,
    )
    task_id, status = insert_task(db, new, at=at)
    ledger = Ledger(actor=actor, at=at, last=0, task_id=task_id)
    ledger.note("task.opened" if status is TaskStatus.OPEN else "task.planned", opening_facts(new, status))
    ledger.flush(db)
    return task_id


def _check(title: str, opens_at: datetime | None, due_at: datetime | None, at: datetime) -> None:
    if not any(letter.isprintable() and not letter.isspace() for letter in title):
        raise TaskNotUnderstood("Cannot add a task without a title. Say in a few words what is to be done.")
    if len(title.strip()) > LONGEST_TITLE:
        raise TaskNotUnderstood(
            f"Cannot add a task with a title of {len(title.strip())} characters; a title has at most {LONGEST_TITLE}. "
            "Shorten it and keep the rest as a note."
        )
    if due_at is not None and due_at <= max(at, opens_at or at):
        raise TaskNotUnderstood("Cannot add a task that is due before it opens. Choose a later due time.")


def _check_action(db: Connection, action: str) -> None:
    """The action decides the standards and stands in every figure. Raises: CodeNotKnown."""
    lists = handbook.book(db).lists
    if lists.codes(ACTIONS) and code_of(action) != UNSAID:
        lists.checked(ACTIONS, action)


def _standard(
    db: Connection, action: str, subject_type: str | None, subject_id: int | None, at: datetime
) -> tuple[int, Fields]:
    known = {}
    if subject_type is not None and subject_id is not None:
        known = dict(ask(db, Question(subject_type=subject_type, dimensions=True), subject_id, at).dimensions)
    return resolve_task(db, Dimensions(action=code_of(action), **known))


def _client(db: Connection, subject_type: str | None, subject_id: int | None, at: datetime) -> int | None:
    if subject_type is None or subject_id is None:
        return None
    return client_and_campaign(db, subject_type, subject_id, at)[0]


def _search(db: Connection, fields: Fields, opens_at: datetime, due_at: datetime | None, at: datetime) -> Search:
    def moments_on(clock: OpenTime) -> TaskMoments:
        counted = task_moments(fields, clock, opens_at=opens_at)
        return counted if due_at is None else replace(counted, due_at=due_at)

    return Search(
        db=db,
        at=at,
        effort_minutes=fields.effort_minutes,
        moments_on=moments_on,
        person_of=lambda _path: None,
        doer_of=lambda _step: None,
    )
