"""One task as a person wants to see it: what it asks for, whose it is, what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.actor import Actor
from models import contacts, parties, people, work
from standards.process import Question, Step
from tasks.desk.access import visible
from tasks.desk.answering import known_answers
from tasks.desk.completing import AD_HOC_OUTCOMES
from tasks.facts.titles import titles_of
from tasks.handbooks import handbook
from tasks.handbooks.code_lists import with_choices
from tasks.record.ledger import Entry, read_case, read_lone_task
from tasks.record.rows import NoSuchTask

FALLBACK = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One way a task can come out, and what it asks for that is not known yet."""

    code: str
    label: str
    asks: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One case's share of a task that settles several."""

    case_id: int
    status: str
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """Everything about one task. `known`: answers its case has already; `notes`: words written beside it."""

    id: int
    title: str
    status: str
    row: Row[Any]
    assignee: str | None
    team: str | None
    client: str | None
    stands_in_for: str | None
    process: str | None
    outcomes: tuple[Outcome, ...]
    requires: tuple[str, ...]
    known: dict[str, Any]
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    history: tuple[Entry, ...]


def show_task(db: Connection, actor: Actor, task_id: int, *, language: str, at: datetime) -> TaskView:
    """One task the actor may see. Raises: NoSuchTask."""
    row = db.execute(_TASK.where(visible(db, actor)), {"task_id": task_id}).first()
    if row is None:
        raise NoSuchTask(f"There is no task {task_id} on your lists. `taktas tasks list` shows those there are.")
    shares = tuple(Share(**it) for it in db.execute(_SHARES, {"task_id": task_id}).mappings())
    case_id = row.case_id if row.case_id is not None else next((it.case_id for it in shares), None)
    version_id = db.execute(_VERSION, {"case_id": case_id}).scalar_one_or_none()
    process = handbook.process_version(db, version_id) if version_id is not None else None
    step = process.steps.get(row.step or _step_of_share(db, task_id)) if process else None
    known = known_answers(db, case_id) if case_id is not None else {}
    return TaskView(
        id=task_id,
        title=titles_of(db, [task_id], language, at)[task_id],
        status=row.status,
        row=row,
        assignee=row.assignee,
        team=row.team,
        client=row.client,
        stands_in_for=row.owner,
        process=process.name if process else None,
        outcomes=_outcomes(db, step, known, language),
        requires=step.requires if step else (),
        known=known,
        shares=shares,
        notes=tuple(db.execute(_NOTES, {"task_id": task_id}).scalars()),
        history=_history(db, task_id, row.case_id, shares),
    )


def _step_of_share(db: Connection, task_id: int) -> str:
    return db.execute(_FIRST_STEP, {"task_id": task_id}).scalar() or ""


def _outcomes(db: Connection, step: Step | None, known: dict[str, Any], language: str) -> tuple[Outcome, ...]:
    if step is None or not step.outcomes:
        return tuple(Outcome(code=code, label=code.replace("_", " "), asks=()) for code in AD_HOC_OUTCOMES)
    return tuple(
        Outcome(
            code=code,
            label=_label(step, code, language),
            asks=tuple(it for it in with_choices(db, step.ask + outcome.ask) if it.name not in known),
        )
        for code, outcome in step.outcomes.items()
    )


def _label(step: Step, code: str, language: str) -> str:
    written = step.labels.get(code, {})
    return written.get(language) or written.get(FALLBACK) or code.replace("_", " ")


def _history(db: Connection, task_id: int, case_id: int | None, shares: tuple[Share, ...]) -> tuple[Entry, ...]:
    """The task's events; of a shared task those in its own ledger and in its cases', by moment."""
    found = read_lone_task(db, task_id) if case_id is None else []
    for number in {it.case_id for it in shares} | ({case_id} if case_id is not None else set()):
        found += [entry for entry in read_case(db, number) if entry.task_id == task_id]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.number)))


_task, _item, _note = work.tasks.c, work.task_items.c, contacts.notes.c
_holder, _owner = people.employees.alias("holder"), people.employees.alias("owner")
_TASK = (
    select(
        work.tasks,
        _holder.c.name.label("assignee"),
        _owner.c.name.label("owner"),
        people.teams.c.code.label("team"),
        parties.parties.c.name.label("client"),
    )
    .select_from(work.tasks)
    .join(_holder, _holder.c.id == _task.assignee_id, isouter=True)
    .join(_owner, _owner.c.id == _task.bumped_from_id, isouter=True)
    .join(people.teams, people.teams.c.id == _task.team_id, isouter=True)
    .join(parties.parties, parties.parties.c.id == _task.client_id, isouter=True)
    .where(_task.id == bindparam("task_id"))
)
_SHARES = (
    select(_item.case_id, _item.status, _item.outcome)
    .where(_item.task_id == bindparam("task_id"))
    .order_by(_item.case_id)
)
_FIRST_STEP = select(_item.step).where(_item.task_id == bindparam("task_id")).order_by(_item.id).limit(1)
_VERSION = select(work.cases.c.version_id).where(work.cases.c.id == bindparam("case_id"))
_NOTES = (
    select(_note.body)
    .where(_note.on_type == "task", _note.on_id == bindparam("task_id"))
    .order_by(_note.written_at, _note.id)
)
