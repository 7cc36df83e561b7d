"""Proof that nothing is missing: every subject in the window has exactly one live case, or a stated reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from models import work
from models.database import begin, read
from models.work import LIVE, CaseStatus, TaskStatus
from tasks.generation.candidates import FINISHED, RUNNING, Scope
from tasks.generation.plan import Plan, plans
from tasks.generation.shard import Bench, bench_of, foresee, only_read, reading_resolver, reasons

SHOWN = 20
"""So many subjects are named where something is missing; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`subjects`: in the window. Each is exactly one of: `live`, `ended`, left out for a reason, or missing.

    `missing`: due, without case and without reason (a run would start them). `doubled`: cycles with more than one
    live case. `stuck`: live cases in which nothing is to be done, waited for or timed. The lists name some of them.
    """

    version: str
    as_of: datetime
    subject: str
    subjects: int = 0
    live: int = 0
    ended: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    missing_ids: Sequence[int] = ()
    doubled_ids: Sequence[int] = ()
    stuck_case_ids: Sequence[int] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, doubled or stuck."""
        return not (self.missing or self.doubled_ids or self.stuck_case_ids)


def reconcile(process: str, as_of: datetime, *, campaign: str | None = None) -> Reconciliation:
    """Look at every subject in the window as of that moment; changes nothing.

    Raises: NotPublished, NothingToGenerate, NoHouseCalendar, BeyondCalendar, AmbiguousStandards.
    """
    with read() as db:
        made = plans(db, process, as_of, campaign=campaign)
    with begin() as db:
        benches = [bench_of(db, plan.alone, reading_resolver(db)) for plan in made if not plan.is_idle]
        only_read(db, benches)
        found = [_looked_at(db, bench) for bench in benches]
        return _together(db, made[0], found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    reasons: Mapping[str, int]
    missing: int
    missing_ids: Sequence[int]


def _looked_at(db: Connection, bench: Bench) -> _Found:
    tally = foresee(db, bench, Scope(with_known=True, with_outside=True))
    ids = _ids_of_missing(bench)
    return _Found(
        reasons=reasons(db, bench.plan, bench.stage),
        missing=tally.cases,
        missing_ids=tuple(db.execute(ids.order_by(ids.selected_columns[0]).limit(SHOWN)).scalars()),
    )


def _ids_of_missing(bench: Bench) -> Select[Any]:
    if bench.plan.step is not None:
        return select(bench.stage.staged.c.subject_id)
    return select(bench.stage.candidates.c.subject_id).where(bench.stage.candidates.c.reason.is_(None))


def _together(db: Connection, plan: Plan, found: Sequence[_Found]) -> Reconciliation:
    counted = Counter[str]()
    for one in found:
        counted.update(one.reasons)
    missing = sum(one.missing for one in found)
    subjects = counted.total() + missing
    live, ended = counted.pop(RUNNING, 0), counted.pop(FINISHED, 0)
    process_id = plan.published.process_id
    return Reconciliation(
        version=plan.published.label,
        as_of=plan.as_of.at,
        subject=plan.process.subject,
        subjects=subjects,
        live=live,
        ended=ended,
        left_out=dict(counted),
        missing=missing,
        missing_ids=tuple(number for one in found for number in one.missing_ids)[:SHOWN],
        doubled_ids=tuple(db.execute(_doubled(process_id)).scalars()),
        stuck_case_ids=tuple(db.execute(_stuck(process_id)).scalars()),
    )


def _doubled(process_id: int) -> Select[Any]:
    case = work.cases.c
    live = select(case.subject_id).where(case.process_id == process_id, case.status == CaseStatus.RUNNING.value)
    return live.group_by(case.subject_id, case.cycle_id).having(func.count() > 1).order_by(case.subject_id).limit(SHOWN)


def _stuck(process_id: int) -> Select[Any]:
    case, task, item, wait, timer = (table.c for table in (work.cases, *_ALIVE))
    live = [status.value for status in LIVE]
    alive: list[ColumnElement[bool]] = [
        exists().where(task.case_id == case.id, task.status.in_(live)),
        exists().where(item.case_id == case.id, item.status == TaskStatus.OPEN.value),
        exists().where(wait.case_id == case.id, wait.ended_at.is_(None)),
        exists().where(timer.case_id == case.id, timer.fired_at.is_(None), timer.cancelled_at.is_(None)),
    ]
    running = select(case.id).where(case.process_id == process_id, case.status == CaseStatus.RUNNING.value)
    return running.where(*(~one for one in alive)).order_by(case.id).limit(SHOWN)


_ALIVE = (work.tasks, work.task_items, work.waits, work.timers)
