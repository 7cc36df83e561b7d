"""Mass generation: start whatever of a process is due, once; say beforehand what that would be; or propose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, update

from core.actor import Actor
from core.settings import settings
from models import runs
from models.database import begin, read
from models.runs import RunState
from tasks.generation import proposals
from tasks.generation.candidates import Scope, count, fill_candidates
from tasks.generation.dealing import keep_deals
from tasks.generation.plan import Plan, plans
from tasks.generation.records import find_run, give_up_older, open_run, shards_for, tally_of, write_shards
from tasks.generation.shard import (
    bench_of,
    carry_out,
    foresee,
    only_read,
    reading_resolver,
    resolver,
    settle,
)
from tasks.generation.stage import create, drop
from tasks.generation.tally import Tally, total
from tasks.generation.workers import Progress, work_together
from tasks.record.planner import BY_HASH, planned


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did, or (without a number, as `is_dry`) would do. `version`: as people call it, `renewal@3`."""

    version: str
    as_of: datetime
    run_id: int | None = None
    is_dry: bool = False
    state: RunState | None = None
    tally: Tally = field(default_factory=Tally)


def run(
    process: str,
    as_of: datetime,
    *,
    actor: Actor,
    dry_run: bool = False,
    propose: bool = False,
    workers: int | None = None,
    campaign: str | None = None,
    tell: Progress = lambda _done, _shards: None,
) -> RunReport:
    """Start everything of a process that is due as of that moment, in transactions of its own.

    `workers`: how many processes share the work (None: as the settings say). `campaign`: only this one's list.
    Raises: NotPublished, NothingToGenerate, NoHouseCalendar, BeyondCalendar, AmbiguousStandards, RunInterrupted.
    """
    if dry_run:
        return look_ahead(process, as_of, campaign=campaign)
    if propose:
        return _propose(process, as_of, actor, campaign)
    opened = open_shards(process, as_of, actor=actor, workers=workers or settings().workers, campaign=campaign)
    work_together(opened.run_id, workers or settings().workers, tell)
    return report_of(opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A run whose shards are free to be taken. `known`: subjects that had their case before."""

    made: tuple[Plan, ...]
    run_id: int
    known: int


def open_shards(process: str, as_of: datetime, *, actor: Actor, workers: int, campaign: str | None = None) -> Opened:
    """Write a run and its shards for so many workers, wherever they are. Raises: as `run`."""
    with begin() as db:
        made = plans(db, process, as_of, campaign=campaign)
        run_id, known = _open(db, actor, made, workers)
    return Opened(made=made, run_id=run_id, known=known)


def report_of(opened: Opened) -> RunReport:
    """What the run has done, once its shards are."""
    with read() as db:
        return _report(db, opened.made, opened.run_id, opened.known)


def _propose(process: str, as_of: datetime, actor: Actor, campaign: str | None) -> RunReport:
    with begin() as db:
        made = plans(db, process, as_of, campaign=campaign)
        run_id, tally = proposals.propose(db, actor, made)
    label = made[0].published.label
    return RunReport(version=label, as_of=as_of, run_id=run_id, state=RunState.PROPOSED, tally=tally)


def _open(db: Connection, actor: Actor, made: Sequence[Plan], workers: int) -> tuple[int, int]:
    """Write the run and its shards, and deal what teams do. Returns its number and how many subjects had a case."""
    counts = [count(db, plan.alone, Scope()) for plan in made if not plan.is_idle]
    everybody, new = sum(row[0] for row in counts), sum(row[1] for row in counts)
    give_up_older(db, made[0])
    facts = {"known": everybody - new} | ({"campaign": made[0].campaign} if made[0].campaign else {})
    run_id = open_run(db, actor, made, RunState.RUNNING, facts=facts)
    write_shards(db, run_id, shards_for(new, workers))
    for plan in made if new else ():
        if plan.teams and not plan.is_idle:
            _deal(db, plan, run_id)
    return run_id, everybody - new


def _deal(db: Connection, plan: Plan, run_id: int) -> None:
    """Team work is dealt once, before the shards."""
    bench = bench_of(db, plan, resolver(db))
    create(db, bench.stage)
    fill_candidates(db, plan, bench.stage, Scope())
    with planned(db, BY_HASH):
        settle(db, bench, takes_turns=True)
        keep_deals(db, plan, bench.stage, run_id)
    drop(db, bench.stage)


def _report(db: Connection, made: Sequence[Plan], run_id: int, known: int) -> RunReport:
    tally = (tally_of(db, run_id) or Tally()) + Tally(known=known)
    state = find_run(db, run_id).state
    return RunReport(version=made[0].published.label, as_of=made[0].as_of.at, run_id=run_id, state=state, tally=tally)


def look_ahead(process: str, as_of: datetime, *, campaign: str | None = None) -> RunReport:
    """What a run would do: nothing is written, no number is used up.

    Temporary tables come first, then everything is computed in a transaction that may only read.
    Raises: NotPublished, NothingToGenerate, NoHouseCalendar, BeyondCalendar, AmbiguousStandards.
    """
    with read() as db:
        made = plans(db, process, as_of, campaign=campaign)
    with begin() as db:
        benches = [bench_of(db, plan, reading_resolver(db)) for plan in made if not plan.is_idle]
        only_read(db, benches)
        tally = total(foresee(db, bench, Scope(with_known=True)) for bench in benches)
    return RunReport(version=made[0].published.label, as_of=as_of, is_dry=True, tally=tally)


def generate_here(db: Connection, actor: Actor, process: str, as_of: datetime) -> Tally:
    """The same in one transaction of the caller's, without shards: for a story that is told in one breath.

    Raises: as `run`.
    """
    made = plans(db, process, as_of)
    run_id = open_run(db, actor, made, RunState.DONE, facts={})
    tally = total(_carry_out_here(db, plan, run_id) for plan in made if not plan.is_idle)
    db.execute(update(runs.runs).where(runs.runs.c.id == run_id).values(counts=tally.as_json()))
    return tally


def _carry_out_here(db: Connection, plan: Plan, run_id: int) -> Tally:
    everybody, new = count(db, plan.alone, Scope())
    if not new:
        return Tally(known=everybody)
    if plan.teams:
        _deal(db, plan, run_id)
    bench = bench_of(db, plan, resolver(db))
    create(db, bench.stage)
    tally = carry_out(db, find_run(db, run_id).actor, bench, Scope(run_id=run_id))
    drop(db, bench.stage)
    return tally + Tally(known=everybody - new)
