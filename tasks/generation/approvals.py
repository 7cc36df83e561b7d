"""What became of a proposal that was approved: row by row, and what had changed since it was written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, cast, exists, func, select, update

from models import runs, work
from tasks.generation.answers import answer, with_seats
from tasks.generation.candidates import START_ROW, Scope, fill_candidates
from tasks.generation.plan import Plan, plans_of, published_version
from tasks.generation.records import Run, tally_of
from tasks.generation.shard import bench_of, resolver
from tasks.generation.stage import create, drop
from tasks.generation.tally import Tally
from tasks.record.planner import BY_HASH, planned

CREATED, GONE = "created", "no_longer_in_window"

_row = runs.run_rows.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`changed`: why what was proposed was not started -> how many. `other_owner`: started, but in other hands than
    proposed. `newly_due`: due by now, but not part of the proposal.
    """

    run_id: int
    version: str
    as_of: datetime
    tally: Tally = field(default_factory=Tally)
    changed: Mapping[str, int] = field(default_factory=dict)
    other_owner: int = 0
    newly_due: int = 0


def what_became(db: Connection, run: Run) -> Approval:
    """Write to each row of the proposal what became of it, and count what had changed."""
    published = published_version(db, run.version_id)
    made = [plan for plan in plans_of(db, published, run.moment, campaign=run.campaign) if not plan.is_idle]
    db.execute(_unmarked(run).where(_is_case_of(run)).values(result=CREATED))
    for plan in made:
        _mark_left_out(db, plan, run)
    db.execute(_unmarked(run).values(result=GONE))
    changed = select(_row.result, func.count()).where(_row.run_id == run.id, _row.verdict == START_ROW)
    counted = db.execute(changed.where(_row.result != CREATED).group_by(_row.result))
    return Approval(
        run_id=run.id,
        version=published.label,
        as_of=run.moment,
        tally=tally_of(db, run.id) or Tally(),
        changed={row[0]: row[1] for row in counted},
        other_owner=db.execute(_in_other_hands(run)).scalar_one(),
        newly_due=sum(_newly_due(db, plan.alone, run) for plan in made),
    )


def _unmarked(run: Run) -> Any:
    return update(runs.run_rows).where(_row.run_id == run.id, _row.verdict == START_ROW, _row.result.is_(None))


def _is_case_of(run: Run) -> ColumnElement[bool]:
    case = work.cases.c
    return and_(
        case.run_id == run.id,
        case.process_id == run.process_id,
        case.subject_type == _row.subject_type,
        case.subject_id == _row.subject_id,
        case.cycle_id == _row.cycle_id,
    )


def _mark_left_out(db: Connection, plan: Plan, run: Run) -> None:
    """Ask each row that was not started again, this time for the reason."""
    bench = bench_of(db, plan, resolver(db))
    create(db, bench.stage)
    candidate, seat = bench.stage.candidates, bench.stage.seats
    fill_candidates(db, plan, bench.stage, Scope(run_id=run.id, is_proposal=True, with_known=True, with_outside=True))
    same = and_(candidate.c.subject_id == _row.subject_id, candidate.c.cycle_id == _row.cycle_id)
    early = candidate.c.reason.is_not(None)
    db.execute(_unmarked(run).where(same, early).values(result=candidate.c.reason))
    if plan.step is not None:
        with planned(db, BY_HASH):
            answer(db, plan, bench.stage, bench.seating)
            found = select(candidate.c.subject_id, candidate.c.cycle_id, seat.c.reason)
            without_seat = found.select_from(with_seats(plan, bench.stage)).where(seat.c.reason.is_not(None))
            late = without_seat.subquery("late")
            same_late = and_(late.c.subject_id == _row.subject_id, late.c.cycle_id == _row.cycle_id)
            db.execute(_unmarked(run).where(same_late).values(result=late.c.reason))
    drop(db, bench.stage)


def _in_other_hands(run: Run) -> Any:
    event = work.events.c
    assignee_id = cast(event.data["assignee_id"].astext, BigInteger)
    first = and_(event.case_id == work.cases.c.id, event.number == 1, assignee_id.is_distinct_from(_row.assignee_id))
    source = runs.run_rows.join(work.cases, _is_case_of(run)).join(work.events, first)
    return select(func.count()).select_from(source).where(_row.run_id == run.id, _row.due_at.is_not(None))


def _newly_due(db: Connection, plan: Plan, run: Run) -> int:
    """What could be started now and was not proposed."""
    bench = bench_of(db, plan, resolver(db))
    create(db, bench.stage)
    fill_candidates(db, plan, bench.stage, Scope())
    candidate = bench.stage.candidates.c
    proposed = exists().where(
        _row.run_id == run.id,
        _row.verdict == START_ROW,
        _row.subject_id == candidate.subject_id,
        _row.cycle_id == candidate.cycle_id,
    )
    found = db.execute(select(func.count()).where(candidate.reason.is_(None), ~proposed)).scalar_one()
    drop(db, bench.stage)
    return int(found)
