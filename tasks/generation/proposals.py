"""Proposed runs: what would be started is written down, looked through by people, and checked again when approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from core.actor import Actor
from core.errors import TaktasError
from models import runs
from models.columns import Moment
from models.database import begin
from models.runs import RunState
from tasks.generation.answers import with_seats
from tasks.generation.approvals import Approval, what_became
from tasks.generation.candidates import FINISHED, LEFT_OUT, RUNNING, START_ROW, Scope
from tasks.generation.plan import Plan, plans_of, published_version
from tasks.generation.records import Run, find_run, open_run, shards_for, write_shards
from tasks.generation.shard import Bench, bench_of, foresee, resolver
from tasks.generation.stage import create, drop
from tasks.generation.tally import Tally, total
from tasks.generation.workers import Progress, work_together
from tasks.handbooks import handbook
from tasks.record.planner import BY_HASH, planned

_row = runs.run_rows.c


class ProposalNotOpen(TaktasError):
    """A run that is no proposal waiting for approval."""


class ProposalOutdated(TaktasError):
    """The process was published anew since it was proposed."""


def propose(db: Connection, actor: Actor, made: Sequence[Plan]) -> tuple[int, Tally]:
    """Write down what a run would start and what it leaves out, and why; nothing is started.

    Returns the number of the proposal and its figures. Raises: AmbiguousStandards, BeyondCalendar.
    """
    facts: dict[str, Any] = {"proposal": True} | ({"campaign": made[0].campaign} if made[0].campaign else {})
    run_id = open_run(db, actor, made, RunState.PROPOSED, facts=facts)
    tally = total(_propose(db, plan, run_id) for plan in made if not plan.is_idle)
    db.execute(update(runs.runs).where(runs.runs.c.id == run_id).values(counts=tally.as_json()))
    return run_id, tally


def _propose(db: Connection, plan: Plan, run_id: int) -> Tally:
    bench = bench_of(db, plan, resolver(db))
    create(db, bench.stage)
    tally = foresee(db, bench, Scope(with_known=True), takes_turns=True)
    _write_rows(db, bench, run_id)
    drop(db, bench.stage)
    return tally


def _write_rows(db: Connection, bench: Bench, run_id: int) -> None:
    plan, stage = bench.plan, bench.stage
    candidate, seat, staged = stage.candidates, stage.seats, stage.staged
    early = candidate.c.reason.not_in([RUNNING, FINISHED])
    _write(db, bench, run_id, candidate, known={"reason": candidate.c.reason}, wanted=early)
    if plan.step is None:
        _write(db, bench, run_id, candidate, known={}, wanted=candidate.c.reason.is_(None))
        return
    with planned(db, BY_HASH):
        late = and_(candidate.c.reason.is_(None), seat.c.reason.is_not(None))
        _write(db, bench, run_id, with_seats(plan, stage), known={"reason": seat.c.reason}, wanted=late)
        started = {"assignee_id": staged.c.assignee_id, "due_at": seat.c.due_at}
        found = staged.join(seat, seat.c.seat == staged.c.seat)
        _write(db, bench, run_id, found, known=started, wanted=literal(True), subject=staged)


def _write(
    db: Connection,
    bench: Bench,
    run_id: int,
    source: FromClause,
    *,
    known: Mapping[str, ColumnElement[Any]],
    wanted: ColumnElement[bool],
    subject: FromClause | None = None,
) -> None:
    its = (subject if subject is not None else bench.stage.candidates).c
    columns: dict[str, ColumnElement[Any]] = {
        "run_id": literal(run_id),
        "subject_type": literal(bench.plan.process.subject),
        "subject_id": its.subject_id,
        "cycle_id": its.cycle_id,
        "client_id": its.client_id,
        "verdict": literal(LEFT_OUT if "reason" in known else START_ROW),
        "reason": known.get("reason", cast(null(), Text)),
        "assignee_id": known.get("assignee_id", cast(null(), BigInteger)),
        "due_at": known.get("due_at", cast(null(), Moment)),
    }
    rows = select(*(column.label(f"new_{name}") for name, column in columns.items())).select_from(source)
    db.execute(insert(runs.run_rows).from_select(list(columns), rows.where(wanted)))


def approve(
    run_id: int,
    *,
    actor: Actor,
    at: datetime,
    workers: int,
    tell: Progress = lambda _done, _shards: None,
) -> Approval:
    """Start what was proposed, each row checked again as of `at`; an approval that was interrupted is taken up again.

    Raises: NoSuchRun, ProposalNotOpen, ProposalOutdated, RunInterrupted.
    """
    with begin() as db:
        _open_again(db, actor, run_id, at, workers)
    work_together(run_id, workers, tell)
    with begin() as db:
        return what_became(db, find_run(db, run_id))


def _open_again(db: Connection, actor: Actor, run_id: int, at: datetime, workers: int) -> None:
    run = find_run(db, run_id, lock=True)
    if run.is_proposal and run.state is RunState.RUNNING:
        return
    if not run.is_proposal or run.state not in {RunState.PROPOSED, RunState.APPROVED}:
        raise _not_open(run, "approved")
    made = _plans_now(db, run, at)
    approved = {"approved_at": func.clock_timestamp(), "approved_by": actor.employee_id}
    state = {"state": RunState.RUNNING.value, "facts": dict(run.facts) | {"approved_as_of": at.isoformat()}}
    db.execute(update(runs.runs).where(runs.runs.c.id == run_id).values(**approved, **state))
    rows = select(func.count()).where(_row.run_id == run_id, _row.verdict == START_ROW)
    cases = db.execute(rows).scalar_one() if any(not plan.is_idle for plan in made) else 0
    write_shards(db, run_id, shards_for(cases, workers))


def _not_open(run: Run, what: str) -> ProposalNotOpen:
    if not run.is_proposal:
        return ProposalNotOpen(f"Run {run.id} is no proposal and cannot be {what}. Propose one with --propose.")
    return ProposalNotOpen(f"Run {run.id} is {run.state.value} and cannot be {what} any more. Propose a new one.")


def _plans_now(db: Connection, run: Run, at: datetime) -> tuple[Plan, ...]:
    published = published_version(db, run.version_id)
    newest = handbook.current(db, published.process.name)
    if newest.version_id != run.version_id:
        raise ProposalOutdated(
            f"Run {run.id} was proposed by {published.label}, and {newest.label} has been published since. "
            f"Refuse it and propose again."
        )
    return plans_of(db, published, at, campaign=run.campaign)


def refuse(db: Connection, actor: Actor, run_id: int) -> None:
    """Let a proposal go: nothing of it is started. Raises: NoSuchRun, ProposalNotOpen."""
    run = find_run(db, run_id, lock=True)
    if not run.is_proposal or run.state is not RunState.PROPOSED:
        raise _not_open(run, "refused")
    facts = dict(run.facts) | {"refused_by": actor.employee_id}
    values = {"state": RunState.REFUSED.value, "finished_at": func.clock_timestamp(), "facts": facts}
    db.execute(update(runs.runs).where(runs.runs.c.id == run_id).values(**values))
