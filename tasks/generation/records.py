"""The record of a run: opening it with its shards, claiming a shard, closing it when none is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.actor import Actor, Door
from core.errors import TaktasError
from models import runs
from models.runs import RunState
from tasks.generation.plan import Plan
from tasks.generation.tally import Tally, total

SHARD_SIZE = 250_000
"""Cases in one shard at most: a worker that dies loses no more, and every shard costs a look at the whole window."""

SMALL_RUN = 5_000
"""Up to so many cases a run is one shard: more processes would take longer to start than the work takes."""


class NoSuchRun(TaktasError):
    """A run number that no run has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One row of the record."""

    id: int
    process_id: int
    version_id: int
    as_of: datetime
    state: RunState
    created_by: int | None
    approved_by: int | None
    facts: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        """Who stands in the ledger: the run, for whoever asked for it."""
        return Actor(door=Door.RUN, employee_id=self.approved_by or self.created_by)

    @property
    def moment(self) -> datetime:
        """As of when its cases start: of an approved proposal, the moment it was approved."""
        approved = self.facts.get("approved_as_of")
        return datetime.fromisoformat(approved) if approved else self.as_of

    @property
    def is_proposal(self) -> bool:
        """Whether only what was proposed may be started."""
        return bool(self.facts.get("proposal"))

    @property
    def is_all_new(self) -> bool:
        """Whether nothing in its window had a case when it began."""
        return self.facts.get("known") == 0

    @property
    def campaign(self) -> str | None:
        """The only campaign it was asked for."""
        return self.facts.get("campaign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A shard that is this worker's until its transaction ends."""

    id: int
    run: Run
    shard: int
    shards: int


_RUN_COLUMNS = [runs.runs.c[name] for name in Run.__slots__]


def find_run(db: Connection, run_id: int, *, lock: bool = False) -> Run:
    """A run of the record. Raises: NoSuchRun."""
    statement = select(*_RUN_COLUMNS).where(runs.runs.c.id == run_id)
    row = db.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NoSuchRun(f"There is no run {run_id}. `taktas runs list` shows those there are.")
    return _run(row)


def _run(row: Sequence[Any]) -> Run:
    facts = dict(zip(Run.__slots__, row, strict=True))
    return Run(**facts | {"state": RunState(facts["state"]), "facts": facts["facts"] or {}})


def open_run(db: Connection, actor: Actor, plans: Sequence[Plan], state: RunState, *, facts: Mapping[str, Any]) -> int:
    """Write the run; when it was asked for is told by the database's clock. Returns its number."""
    published = plans[0].published
    row = {
        "process_id": published.process_id,
        "version_id": published.version_id,
        "as_of": plans[0].as_of.at,
        "state": state.value,
        "created_at": func.clock_timestamp(),
        "created_by": actor.employee_id,
        "door": actor.door.value,
        "facts": dict(facts),
    }
    return int(db.execute(insert(runs.runs).values(row).returning(runs.runs.c.id)).scalar_one())


def shards_for(cases: int, workers: int) -> int:
    """Into how many shards so many cases are cut: none for none."""
    if cases <= SMALL_RUN:
        return min(cases, 1)
    return max(workers, -(-cases // SHARD_SIZE))


def write_shards(db: Connection, run_id: int, shards: int) -> None:
    """The shards of a run, free to be taken once the transaction is kept."""
    if shards:
        rows = [{"run_id": run_id, "shard": shard, "shards": shards} for shard in range(shards)]
        db.execute(insert(runs.run_shards), rows)


def claim(db: Connection, run: Run) -> Claim | None:
    """Take a free shard of the run, or of an earlier one of the same version that was interrupted; None: none is free.

    It is free again as soon as the caller's transaction ends without having finished it.
    """
    shard, its_run = runs.run_shards, runs.runs
    free = (
        select(shard.c.id, shard.c.shard, shard.c.shards, *_RUN_COLUMNS)
        .join(its_run, its_run.c.id == shard.c.run_id)
        .where(
            its_run.c.version_id == run.version_id,
            its_run.c.state == RunState.RUNNING.value,
            its_run.c.id <= run.id,
            shard.c.finished_at.is_(None),
        )
        .order_by(shard.c.run_id.desc(), shard.c.shard)
        .limit(1)
        .with_for_update(of=shard, skip_locked=True)
    )
    found = db.execute(free).first()
    if found is None:
        return None
    number, shard_number, shards, *its_facts = tuple(found)
    return Claim(id=number, shard=shard_number, shards=shards, run=_run(tuple(its_facts)))


def finish_shard(db: Connection, shard_id: int, tally: Tally) -> None:
    """The shard is done, by the database's clock; kept together with what it wrote."""
    done = update(runs.run_shards).where(runs.run_shards.c.id == shard_id)
    db.execute(done.values(finished_at=func.clock_timestamp(), counts=tally.as_json()))


def progress(db: Connection, run_id: int) -> tuple[int, int]:
    """How many shards are done, and of how many."""
    shard = runs.run_shards.c
    counted = select(func.count(shard.finished_at), func.count()).where(shard.run_id == run_id)
    done, all_of_them = db.execute(counted).one()
    return done, all_of_them


def close_run(db: Connection, run_id: int) -> Tally | None:
    """Add up the shards and close the run; None while one is not done. Repeating it changes nothing."""
    run = find_run(db, run_id, lock=True)
    tally = tally_of(db, run_id)
    if tally is None or run.state is not RunState.RUNNING:
        return tally
    closed = update(runs.runs).where(runs.runs.c.id == run_id)
    db.execute(closed.values(state=RunState.DONE.value, finished_at=func.clock_timestamp(), counts=tally.as_json()))
    return tally


def tally_of(db: Connection, run_id: int) -> Tally | None:
    """What the shards of a run did together; None while one is not done."""
    shard = runs.run_shards.c
    rows = db.execute(select(shard.counts, shard.finished_at).where(shard.run_id == run_id)).all()
    if any(row.finished_at is None for row in rows):
        return None
    return total(Tally.from_json(row.counts) for row in rows)


def open_beside(db: Connection, run: Run) -> list[int]:
    """Runs of the same version that are open although no shard is left: whoever comes by closes them."""
    its_run = runs.runs.c
    open_runs = select(its_run.id).where(its_run.version_id == run.version_id, its_run.state == RunState.RUNNING.value)
    return list(db.execute(open_runs.where(~_has_shard_left())).scalars())


def _has_shard_left() -> Any:
    shard = runs.run_shards.c
    return select(shard.id).where(shard.run_id == runs.runs.c.id, shard.finished_at.is_(None)).exists()


def give_up_older(db: Connection, plan: Plan) -> None:
    """Interrupted runs of a version that is no longer the newest are closed as they are: the new one starts the rest.

    A run whose shards are being worked on is left alone.
    """
    its_run, published = runs.runs.c, plan.published
    older = select(its_run.id).where(
        its_run.process_id == published.process_id,
        its_run.version_id != published.version_id,
        its_run.state == RunState.RUNNING.value,
    )
    for run_id in db.execute(older.with_for_update(skip_locked=True)).scalars().all():
        shard = runs.run_shards.c
        left = select(shard.id).where(shard.run_id == run_id, shard.finished_at.is_(None))
        free = db.execute(left.with_for_update(skip_locked=True)).scalars().all()
        if len(free) == len(db.execute(left).all()):
            done = select(shard.counts).where(shard.run_id == run_id, shard.finished_at.is_not(None))
            tally = total(Tally.from_json(counts) for counts in db.execute(done).scalars())
            closed = {"state": RunState.DONE.value, "finished_at": func.clock_timestamp()}
            counts = tally.as_json() | {"shards_given_up": len(free)}
            db.execute(update(runs.runs).where(its_run.id == run_id).values(counts=counts, **closed))
