"""Writing what a run starts: cases, first tasks, their items, deadlines and the ledger, each kind by one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.errors import UniqueViolation
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import REGCLASS, distinct_on
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.exc import IntegrityError

from core.actor import Actor
from models import work
from models.columns import Moment
from models.work import CaseStatus, TaskStatus
from tasks.advancing.timers import Purpose
from tasks.generation.answers import with_seats
from tasks.generation.plan import Plan
from tasks.generation.stage import Stage

Columns = Mapping[str, ColumnElement[Any]]
IDENTITY = ["subject_type", "subject_id", "process_id", "cycle_id", "attempt"]
_FROM_SEAT = (
    "bumped_from_id",
    "team_id",
    "calendar_version_id",
    "start_by",
    "due_at",
    "limit_at",
    "next_at",
    "next_what",
    "is_tight",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How much was written; `met`: cases that somebody else had started in the meantime."""

    cases: int = 0
    tasks: int = 0
    met: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """What every row of a run has in common."""

    plan: Plan
    stage: Stage
    actor: Actor
    run_id: int | None

    @property
    def at(self) -> ColumnElement[datetime]:
        """When everything of the run happens."""
        return literal(self.plan.as_of.at, Moment)

    @property
    def step(self) -> ColumnElement[str]:
        """The name of the first step."""
        return literal(self.plan.step.name if self.plan.step else "")


def stage_cases(db: Connection, plan: Plan, stage: Stage, *, takes_ids: bool) -> int:
    """Bring candidates and answers together: what is to be written, in the order of the subjects.

    Without `takes_ids` nothing of the database is moved, not even a sequence. Returns how many there are.
    """
    candidate, seat = stage.candidates.c, stage.seats.c
    columns = {
        "case_id": _next_id("cases") if takes_ids else _nothing(),
        "task_id": _next_id("tasks") if takes_ids else _nothing(),
        "subject_id": candidate.subject_id,
        "cycle_id": candidate.cycle_id,
        "client_id": candidate.client_id,
        "group_key": candidate.group_key,
        "resolution_id": stage.combinations.c.resolution_id,
        "assignee_id": _assignee(plan, stage),
        "combination": stage.combinations.c.combination,
        "seat": seat.seat,
    }
    found = _select(columns, with_seats(plan, stage)).where(candidate.reason.is_(None), seat.reason.is_(None))
    ordered = found.order_by(candidate.subject_id)
    return db.execute(insert(stage.staged).from_select(list(columns), ordered)).rowcount


def _next_id(table: str) -> ColumnElement[Any]:
    sequence = select(cast(func.pg_get_serial_sequence(table, "id"), REGCLASS)).scalar_subquery()  # asked for once
    return func.nextval(sequence)


def _nothing() -> ColumnElement[Any]:
    return cast(null(), BigInteger)


def _assignee(plan: Plan, stage: Stage) -> ColumnElement[Any]:
    candidate, seat = stage.candidates.c, stage.seats.c
    owners = [candidate[f"owner_{place}"] for place in range(len(plan.roles))]
    taken = dict(enumerate([*owners, candidate.dealt_id]))
    return case(taken, value=seat["take"], else_=seat.employee_id)


def write(db: Connection, pen: Pen, staged: int) -> Written:
    """Write everything that is staged; what another run wrote first is left alone."""
    cases = _write_cases(db, pen)
    if cases < staged:
        _drop_met(db, pen.stage)
    shared = _write_shared(db, pen) if pen.plan.start.group is not None else 0
    tasks = shared + _write_alone(db, pen)
    if pen.plan.step is not None and pen.plan.step.deadlines:
        db.execute(_timers(pen))
    return Written(cases=cases, tasks=tasks, met=staged - cases)


def _write_cases(db: Connection, pen: Pen) -> int:
    """The index of the identity lets each case in once.

    Asking it for every row what to do about a conflict costs a tenth of the whole run, so that is asked only where
    there was one: the first try is taken back then.
    """
    columns = _case(pen)
    statement = insert_or_not(work.cases).from_select(list(columns), _select(columns, pen.stage.staged))
    try:
        with db.begin_nested():
            return db.execute(statement).rowcount
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
    return db.execute(statement.on_conflict_do_nothing(index_elements=IDENTITY)).rowcount


def _case(pen: Pen) -> Columns:
    staged, published = pen.stage.staged.c, pen.plan.published
    return {
        "id": staged.case_id,
        "process_id": literal(published.process_id, BigInteger),
        "version_id": literal(published.version_id, BigInteger),
        "subject_type": literal(pen.plan.process.subject),
        "subject_id": staged.subject_id,
        "cycle_id": staged.cycle_id,
        "attempt": literal(1),
        "client_id": staged.client_id,
        "status": literal(CaseStatus.RUNNING.value),
        "started_at": pen.at,
        "run_id": cast(literal(pen.run_id), BigInteger),
    }


def _drop_met(db: Connection, stage: Stage) -> None:
    written = exists().where(work.cases.c.id == stage.staged.c.case_id)
    db.execute(delete(stage.staged).where(~written))


def _write_alone(db: Connection, pen: Pen) -> int:
    """A task of its own for each case that shares none."""
    staged, leads = pen.stage.staged, pen.stage.leads
    source: FromClause = staged.join(pen.stage.seats, pen.stage.seats.c.seat == staged.c.seat)
    wanted = []
    if pen.plan.start.group is not None:
        source = source.outerjoin(leads, leads.c.group_key == staged.c.group_key)
        wanted = [leads.c.group_key.is_(None)]
    tasks = db.execute(_into(work.tasks, _task(pen, staged.c.case_id), source, *wanted)).rowcount
    started = _event(pen, "case.started", case_id=staged.c.case_id, task_id=staged.c.task_id, item_id=_nothing())
    db.execute(_into(work.events, started, source, *wanted))
    return tasks


def _write_shared(db: Connection, pen: Pen) -> int:
    """One task for each group of several cases, with an item and a ledger row for each, and a ledger of its own."""
    staged, seats, leads, items = pen.stage.staged, pen.stage.seats, pen.stage.leads, work.task_items
    if not db.execute(_choose_leads(pen)).rowcount:
        return 0
    lead = leads.join(staged, staged.c.case_id == leads.c.case_id).join(seats, seats.c.seat == staged.c.seat)
    tasks = db.execute(_into(work.tasks, _task(pen, _nothing()), lead)).rowcount
    member = staged.alias("member")
    members = lead.join(member, member.c.group_key == leads.c.group_key)
    db.execute(_into(items, _item(pen, member.c.case_id), members))
    of_member = and_(items.c.case_id == member.c.case_id, items.c.task_id == leads.c.task_id)
    numbers = {"case_id": member.c.case_id, "task_id": leads.c.task_id, "item_id": items.c.id}
    db.execute(_into(work.events, _event(pen, "case.started", **numbers), members.join(items, of_member)))
    own = {"case_id": _nothing(), "task_id": leads.c.task_id, "item_id": _nothing()}
    db.execute(_into(work.events, _event(pen, "task.opened", **own), lead))
    return tasks


def _choose_leads(pen: Pen) -> Any:
    """Of each group of several the case that is due first: its person, standard and moments are the task's."""
    staged, seats = pen.stage.staged, pen.stage.seats
    group_key = staged.c.group_key
    several = select(group_key).where(group_key.is_not(None)).group_by(group_key).having(func.count() > 1)
    columns = {"group_key": group_key, "task_id": staged.c.task_id, "case_id": staged.c.case_id}
    first = (seats.c.limit_at.nulls_last(), seats.c.due_at.nulls_last(), staged.c.subject_id)
    rows = _select(columns, staged.join(seats, seats.c.seat == staged.c.seat)).where(group_key.in_(several))
    chosen = rows.ext(distinct_on(group_key)).order_by(group_key, *first)
    return insert(pen.stage.leads).from_select(list(columns), chosen)


def _task(pen: Pen, case_id: ColumnElement[Any]) -> Columns:
    staged, seat = pen.stage.staged.c, pen.stage.seats.c
    return {
        "id": staged.task_id,
        "case_id": case_id,
        "step": pen.step,
        "member": literal(""),
        "round": literal(1),
        "subject_type": literal(pen.plan.process.subject),
        "subject_id": staged.subject_id,
        "client_id": staged.client_id,
        "status": literal(TaskStatus.OPEN.value),
        "resolution_id": staged.resolution_id,
        "assignee_id": staged.assignee_id,
        "opens_at": pen.at,
        "opened_at": pen.at,
        "held_since": pen.at,
        **{name: seat[name] for name in _FROM_SEAT},
    }


def _item(pen: Pen, case_id: ColumnElement[Any]) -> Columns:
    return {
        "task_id": pen.stage.leads.c.task_id,
        "case_id": case_id,
        "step": pen.step,
        "member": literal(""),
        "round": literal(1),
        "status": literal(TaskStatus.OPEN.value),
    }


def _event(pen: Pen, kind: str, **numbers: ColumnElement[Any]) -> Columns:
    """The one event of a generated case, which also says that its first task was opened; or that of a shared task."""
    return {
        **numbers,
        "number": literal(1),
        "kind": literal(kind),
        "at": pen.at,
        "employee_id": cast(literal(pen.actor.employee_id), BigInteger),
        "on_behalf_of": cast(literal(pen.actor.on_behalf_of), BigInteger),
        "door": literal(pen.actor.door.value),
        "data": _facts(pen),
    }


def _facts(pen: Pen) -> ColumnElement[Any]:
    """The facts of the seat with the person and the standard, which differ from row to row."""
    staged, facts = pen.stage.staged.c, pen.stage.seats.c.data
    of_row = func.jsonb_build_object("resolution_id", staged.resolution_id)
    of_person = func.jsonb_build_object("resolution_id", staged.resolution_id, "assignee_id", staged.assignee_id)
    return facts.op("||")(case((staged.assignee_id.is_(None), of_row), else_=of_person))


def _timers(pen: Pen) -> Any:
    staged, timer = pen.stage.staged, pen.stage.timers
    columns = {
        "case_id": staged.c.case_id,
        "step": pen.step,
        "purpose": literal(Purpose.DEADLINE.value),
        "branch": timer.c.branch,
        "fires_at": timer.c.fires_at,
        "anchor": timer.c.anchor,
    }
    return _into(work.timers, columns, staged.join(timer, timer.c.seat == staged.c.seat))


def _select(columns: Columns, source: FromClause) -> Select[Any]:
    labelled = [column.label(f"new_{name}") for name, column in columns.items()]
    return select(*labelled).select_from(source)


def _into(table: Table, columns: Columns, source: FromClause, *wanted: ColumnElement[bool]) -> Any:
    return insert(table).from_select(list(columns), _select(columns, source).where(*wanted))
