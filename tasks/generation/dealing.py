"""Dealing a team's work once for a whole run: each gets a share by turn or by free capacity, in a stable order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, insert, literal, select, update

from models import people, runs, work
from models.work import LIVE
from standards.process import Route, RouteKind
from tasks.generation.answers import load, with_seats
from tasks.generation.candidates import START_ROW, shard_of
from tasks.generation.plan import Plan
from tasks.generation.seating import Deal
from tasks.generation.stage import Stage

SCATTER = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is to be dealt at once: so many tasks, so many minutes of effort."""

    tasks: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What somebody has on their desk, and how many hours a week they have for it."""

    minutes: float
    weekly_hours: float


def deal(db: Connection, plan: Plan, stage: Stage, deals: Sequence[Deal], *, takes_turns: bool) -> None:
    """Give each candidate whose work a team does to somebody of that team, by one statement.

    With `takes_turns` the teams remember whose turn is next; a dry run only looks.
    """
    amounts = _amounts(db, plan, stage)
    rows = [
        *_by_turn(db, plan, deals, amounts, takes_turns=takes_turns),
        *_by_load(db, plan, deals, amounts),
    ]
    load(db, stage.quotas, rows)
    db.execute(_hand_out(plan, stage))


def _amounts(db: Connection, plan: Plan, stage: Stage) -> dict[int, Amount]:
    bucket = stage.seats.c.bucket
    counted = select(bucket, func.count(), func.sum(stage.combinations.c.effort_minutes))
    found = counted.select_from(with_seats(plan, stage)).where(bucket.is_not(None), stage.candidates.c.reason.is_(None))
    return {row[0]: Amount(tasks=row[1], minutes=row[2]) for row in db.execute(found.group_by(bucket))}


def _by_turn(
    db: Connection, plan: Plan, deals: Sequence[Deal], amounts: Mapping[int, Amount], *, takes_turns: bool
) -> list[dict[str, Any]]:
    rows = []
    for place, route in enumerate(plan.teams):
        if route.kind is not RouteKind.BY_TURN:
            continue
        mine = [number for number, one in enumerate(deals) if one.route == place and number in amounts]
        turn = _turn(db, route, sum(amounts[number].tasks for number in mine), takes_turns=takes_turns)
        for number in mine:
            rows.append({"bucket": number, "is_by_turn": True, "turn": turn, "members": list(deals[number].members)})
            turn += amounts[number].tasks
    return rows


def _turn(db: Connection, route: Route, tasks: int, *, takes_turns: bool) -> int:
    """Whose turn is next, counted from the team's beginning."""
    team = people.teams.c
    if not takes_turns:
        return int(db.execute(select(team.turn).where(team.code == route.team)).scalar_one())
    moved = update(people.teams).where(team.code == route.team).values(turn=team.turn + tasks).returning(team.turn)
    return int(db.execute(moved).scalar_one()) - tasks


def _by_load(db: Connection, plan: Plan, deals: Sequence[Deal], amounts: Mapping[int, Amount]) -> list[dict[str, Any]]:
    mine = [n for n, one in enumerate(deals) if plan.teams[one.route].kind is RouteKind.BY_LOAD and n in amounts]
    loads = _loads(db, {member for number in mine for member in deals[number].members})
    rows = []
    for number in mine:
        here = {member: loads[member] for member in deals[number].members}
        shares = quotas(here, amounts[number].minutes)
        for member, share in shares.items():
            known = loads[member]
            loads[member] = Load(minutes=known.minutes + share, weekly_hours=known.weekly_hours)
        members = [member for member, share in shares.items() if share > 0]
        rows.append(
            {
                "bucket": number,
                "is_by_turn": False,
                "members": members,
                "thresholds": _thresholds([shares[member] for member in members]),
            }
        )
    return rows


def _loads(db: Connection, members: set[int]) -> dict[int, Load]:
    employee, task, resolution = people.employees.c, work.tasks.c, work.resolutions.c
    live = [status.value for status in LIVE]
    open_effort = (
        select(func.coalesce(func.sum(func.greatest(resolution.effort_minutes, 1)), 0))
        .join_from(work.tasks, work.resolutions, resolution.id == task.resolution_id)
        .where(task.assignee_id == employee.id, task.status.in_(live))
        .correlate(people.employees)
        .scalar_subquery()
    )
    found = db.execute(select(employee.id, open_effort, employee.weekly_hours).where(employee.id.in_(members)))
    return {row[0]: Load(minutes=float(row[1]), weekly_hours=float(row[2])) for row in found}


def quotas(loads: Mapping[int, Load], minutes: float) -> dict[int, float]:
    """How much of so many minutes each is given, so that afterwards all are as evenly loaded as can be.

    Loaded means minutes for each hour of the week. Who has more than the level already is given nothing.
    """
    lightest_first = sorted(loads, key=lambda it: (loads[it].minutes / loads[it].weekly_hours, it))
    hours = taken = level = 0.0
    for place, member in enumerate(lightest_first):
        hours += loads[member].weekly_hours
        taken += loads[member].minutes
        level = (minutes + taken) / hours
        heavier = lightest_first[place + 1 :][:1]
        if not heavier or level <= loads[heavier[0]].minutes / loads[heavier[0]].weekly_hours:
            break
    return {member: max(0.0, level * loads[member].weekly_hours - loads[member].minutes) for member in sorted(loads)}


def _thresholds(shares: Sequence[float]) -> list[float]:
    """Where each share begins, when they are laid end to end."""
    return [sum(shares[:place]) for place in range(len(shares))]


def _hand_out(plan: Plan, stage: Stage) -> Any:
    """Laid end to end in a stable order, the work of a bucket falls into its members' shares.

    The order is scattered by client: nobody gets only what is urgent, and what belongs to one client stays together.
    """
    candidate, quota = stage.candidates, stage.quotas
    unit = func.coalesce(candidate.c.group_key, -candidate.c.subject_id)
    order = (shard_of(candidate.c.shard_key, SCATTER), candidate.c.shard_key, unit)
    bucket = stage.seats.c.bucket
    laid = (
        select(
            candidate.c.subject_id,
            candidate.c.cycle_id,
            bucket,
            func.dense_rank().over(partition_by=bucket, order_by=order).label("place"),
            func.sum(stage.combinations.c.effort_minutes).over(partition_by=bucket, order_by=order).label("end"),
        )
        .select_from(with_seats(plan, stage))
        .where(bucket.is_not(None), candidate.c.reason.is_(None))
        .subquery("laid")
    )
    members = quota.c.members
    by_turn = members[func.mod(quota.c.turn + laid.c.place - 1, func.cardinality(members)) + 1]
    by_load = members[func.width_bucket(laid.c.end - literal(0.5), quota.c.thresholds)]
    chosen: ColumnElement[Any] = case((quota.c.is_by_turn, by_turn), else_=by_load)
    return (
        update(candidate)
        .values(dealt_id=chosen)
        .where(
            candidate.c.subject_id == laid.c.subject_id,
            candidate.c.cycle_id == laid.c.cycle_id,
            quota.c.bucket == laid.c.bucket,
        )
    )


def keep_deals(db: Connection, plan: Plan, stage: Stage, run_id: int) -> None:
    """Remember for the shards of a run whom the team work was dealt to."""
    candidate = stage.candidates.c
    columns: dict[str, ColumnElement[Any]] = {
        "run_id": literal(run_id),
        "subject_type": literal(plan.process.subject),
        "subject_id": candidate.subject_id,
        "cycle_id": candidate.cycle_id,
        "client_id": candidate.client_id,
        "verdict": literal(START_ROW),
        "assignee_id": candidate.dealt_id,
    }
    dealt = select(*(it.label(f"new_{name}") for name, it in columns.items())).where(candidate.dealt_id.is_not(None))
    db.execute(insert(runs.run_rows).from_select(list(columns), dealt))
