"""One shard of a run from beginning to end: select, leave out, resolve, seat, write; all of it inside PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, exists, func, select, text, tuple_, update

from core.actor import Actor
from core.settings import settings
from models import work
from standards.service.cascade import resolve
from standards.service.standard import Dimensions, Fields
from tasks.advancing.advance import advance
from tasks.advancing.beginning import Birth, begin
from tasks.advancing.course import Effects
from tasks.generation.answers import answer, with_seats
from tasks.generation.candidates import FINISHED, RUNNING, Scope, fill_candidates
from tasks.generation.dealing import deal
from tasks.generation.plan import Plan
from tasks.generation.seating import Deal, Resolve, Seating
from tasks.generation.stage import Stage, create, stage_of
from tasks.generation.tally import Tally
from tasks.generation.writing import Pen, stage_cases, write
from tasks.handbooks import handbook, resolving
from tasks.record.planner import BY_HASH, planned

NO_EMPLOYEE = "queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All that one plan is worked on with: its tables, and what Python has worked out for it."""

    plan: Plan
    stage: Stage
    seating: Seating


def bench_of(db: Connection, plan: Plan, resolve: Resolve) -> Bench:
    """The bench of a plan; its tables are not created yet."""
    return Bench(plan=plan, stage=stage_of(plan), seating=Seating(db, plan, resolve))


def resolver(db: Connection) -> Resolve:
    """Resolutions are written in the caller's own transaction."""
    return lambda wanted: resolving.resolve_tasks(db, wanted)


def reading_resolver(db: Connection) -> Resolve:
    """Resolutions are worked out and not written."""

    def resolve_all(wanted: list[Dimensions]) -> dict[Dimensions, tuple[None, Fields]]:
        book = handbook.book(db).book
        return {dimensions: (None, resolve(book, dimensions).fields) for dimensions in wanted}

    return resolve_all


def only_read(db: Connection, benches: Iterable[Bench]) -> None:
    """Create the tables of the benches; from then on the transaction may write to nothing else."""
    for bench in benches:
        create(db, bench.stage)
    db.execute(text("SET TRANSACTION READ ONLY"))


def carry_out(db: Connection, actor: Actor, bench: Bench, scope: Scope) -> Tally:
    """Start every case of the shard that can start, in the caller's transaction; repeating it starts nothing twice.

    A process whose first step is not one plain task is handed to the engine case by case, in the same transaction.
    Raises: AmbiguousStandards, BeyondCalendar.
    """
    plan, stage = bench.plan, bench.stage
    fill_candidates(db, plan, stage, scope)
    _drop_lonely(db, plan, stage)
    if plan.step is None:
        return _hand_to_engine(db, actor, bench, scope)
    with planned(db, BY_HASH):
        answer(db, plan, stage, bench.seating)
        staged = stage_cases(db, plan, stage, takes_ids=True)
        left_out = reasons(db, plan, stage)
        by = breakdown(db, stage)
        pen = Pen(plan=plan, stage=stage, actor=actor, run_id=scope.run_id)
        written = write(db, pen, staged)
    return _tally(left_out, cases=written.cases, tasks=written.tasks, met=written.met, by=by)


def foresee(db: Connection, bench: Bench, scope: Scope, *, takes_turns: bool = False) -> Tally:
    """What would be started, without writing anything but the stage itself; takes no ids.

    Raises: AmbiguousStandards, BeyondCalendar.
    """
    plan, stage = bench.plan, bench.stage
    fill_candidates(db, plan, stage, scope)
    _drop_lonely(db, plan, stage)
    with planned(db, BY_HASH):
        if plan.step is None:
            return _tally(reasons(db, plan, stage), cases=_unwritten(db, stage))
        settle(db, bench, takes_turns=takes_turns)
        staged = stage_cases(db, plan, stage, takes_ids=False)
        return _tally(reasons(db, plan, stage), cases=staged, tasks=_groups(db, stage), by=breakdown(db, stage))


def settle(db: Connection, bench: Bench, *, takes_turns: bool) -> list[Deal]:
    """Answer the questions of all candidates, deal what a team does, and answer again with what was dealt."""
    plan, stage = bench.plan, bench.stage
    deals = answer(db, plan, stage, bench.seating)
    if deals:
        deal(db, plan, stage, deals, takes_turns=takes_turns)
        for table in (stage.combinations, stage.desks, stage.seats, stage.timers):
            db.execute(delete(table))
        answer(db, plan, stage, bench.seating)
    return deals


def _drop_lonely(db: Connection, plan: Plan, stage: Stage) -> None:
    """What a group would pull forward comes only with a case of the same group that starts now."""
    if not plan.pulls_forward:
        return
    later, leader = stage.candidates, stage.candidates.alias("leader")
    comes_along = exists().where(
        leader.c.group_key == later.c.group_key,
        leader.c.start_anchor <= plan.window.last,
        leader.c.reason.is_(None),
    )
    db.execute(delete(later).where(later.c.start_anchor > plan.window.last, ~comes_along))


def _hand_to_engine(db: Connection, actor: Actor, bench: Bench, scope: Scope) -> Tally:
    plan, candidate = bench.plan, bench.stage.candidates.c
    waiting = select(candidate.subject_id, candidate.cycle_id).where(candidate.reason.is_(None))
    effects = Effects()
    for subject_id, cycle_id in db.execute(waiting.order_by(candidate.subject_id)).all():
        birth = Birth(
            process_id=plan.published.process_id,
            version_id=plan.published.version_id,
            subject_type=plan.process.subject,
            subject_id=subject_id,
            cycle_id=cycle_id,
            routes=plan.start.assign,
        )
        course = begin(db, actor, birth, at=plan.as_of.at, effects=effects)
        if course is not None:
            advance(course)
    if effects.started and scope.run_id is not None:
        of_run = update(work.cases).where(work.cases.c.id == func.any(effects.started))
        db.execute(of_run.values(run_id=scope.run_id))
    left_out = reasons(db, plan, bench.stage)
    return _tally(left_out, cases=len(effects.started), tasks=len(effects.opened))


def reasons(db: Connection, plan: Plan, stage: Stage) -> dict[str, int]:
    """Why candidates are left out, and how many for each reason."""
    candidate, seat = stage.candidates.c, stage.seats.c
    early = select(candidate.reason, func.count()).where(candidate.reason.is_not(None)).group_by(candidate.reason)
    found: dict[str, int] = {row[0]: row[1] for row in db.execute(early)}
    if plan.step is not None:
        late = select(seat.reason, func.count()).select_from(with_seats(plan, stage))
        without_seat = late.where(candidate.reason.is_(None), seat.reason.is_not(None)).group_by(seat.reason)
        found |= {row[0]: row[1] for row in db.execute(without_seat)}
    return found


def breakdown(db: Connection, stage: Stage) -> dict[str, dict[str, int]]:
    """How many cases by product line, insurer, employee and the week in which the first task is due."""
    staged, seat, combination = stage.staged.c, stage.seats.c, stage.combinations.c
    counted = (
        select(staged.combination, staged.seat, staged.assignee_id, func.count().label("cases"))
        .group_by(func.grouping_sets(staged.combination, tuple_(staged.seat, staged.assignee_id)))
        .subquery("counted")
    )
    week = func.to_char(func.date_trunc("week", func.timezone(settings().zone, seat.due_at)), "YYYY-MM-DD")
    queue = func.concat(NO_EMPLOYEE, " ", seat.team_id)
    lines = select(combination.product_line, combination.insurer, counted.c.cases).join(
        counted, counted.c.combination == combination.combination
    )
    holders = select(
        func.coalesce(cast(counted.c.assignee_id, Text), queue), func.coalesce(week, ""), counted.c.cases
    ).join_from(counted, stage.seats, seat.seat == counted.c.seat)
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ("product_line", "insurer", "employee", "week")}
    for kinds, rows in ((("product_line", "insurer"), lines), (("employee", "week"), holders)):
        for first, second, cases in db.execute(rows):
            found[kinds[0]][first] += cases
            found[kinds[1]][second] += cases
    return {kind: dict(counts) for kind, counts in found.items() if counts}


def _groups(db: Connection, stage: Stage) -> int:
    staged = stage.staged.c
    unit = func.coalesce(staged.group_key, -staged.subject_id)
    return int(db.execute(select(func.count(unit.distinct()))).scalar_one())


def _unwritten(db: Connection, stage: Stage) -> int:
    candidate = stage.candidates.c
    return int(db.execute(select(func.count()).where(candidate.reason.is_(None))).scalar_one())


def _tally(left_out: dict[str, int], **counts: Any) -> Tally:
    known = left_out.pop(RUNNING, 0) + left_out.pop(FINISHED, 0)
    later = counts.pop("met", 0)
    return Tally(known=known, met=later, left_out=left_out, **counts)
