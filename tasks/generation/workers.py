"""The workers of a run: each takes one shard at a time, in a transaction of its own, until none is left."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe

from psycopg2.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.errors import TaktasError
from models.database import DatabaseUnreachable, begin, read
from standards.service.standard import Dimensions, Fields
from tasks.generation.candidates import Scope
from tasks.generation.plan import plans_of, published_version
from tasks.generation.records import Claim, Run, claim, close_run, find_run, finish_shard, open_beside, progress
from tasks.generation.shard import Bench, bench_of, carry_out
from tasks.generation.stage import create
from tasks.generation.tally import Tally, total
from tasks.handbooks import resolving

Progress = Callable[[int, int], None]
"""Told how many shards are done, and of how many."""

TRIES = 5
LOOK_EVERY = 0.2  # seconds
AWAY = "the database is away"


class RunInterrupted(TaktasError):
    """A worker of the run could not do its shard."""


class Worker:
    """Keeps what it has worked out from shard to shard; after a failed transaction it begins anew."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._benches: dict[int, tuple[Bench, ...]] = {}

    def work(self, tell: Callable[[], None] = lambda: None) -> None:
        """Do shards until none is free. Raises: AmbiguousStandards, BeyondCalendar."""
        while self._one_shard():
            tell()

    def _one_shard(self) -> bool:
        for attempt in range(1, TRIES + 1):
            try:
                with begin() as db:
                    taken = claim(db, self._run)
                    if taken is None:
                        return False
                    finish_shard(db, taken.id, self._carry_out(db, taken))
            except DBAPIError as error:
                self._benches.clear()
                if attempt == TRIES or not isinstance(error.orig, DeadlockDetected | SerializationFailure):
                    raise
            else:
                return True
        return False

    def _carry_out(self, db: Connection, taken: Claim) -> Tally:
        run = taken.run
        scope = Scope(
            shard=taken.shard,
            shards=taken.shards,
            is_all_new=run.is_all_new,
            run_id=run.id,
            is_proposal=run.is_proposal,
        )
        if run.id not in self._benches:
            self._benches[run.id] = _benches(db, run)
        benches = self._benches[run.id]
        for bench in benches:
            create(db, bench.stage)
        return total(carry_out(db, run.actor, bench, scope) for bench in benches)


def _benches(db: Connection, run: Run) -> tuple[Bench, ...]:
    made = plans_of(db, published_version(db, run.version_id), run.moment, campaign=run.campaign)
    return tuple(bench_of(db, plan, resolve_apart) for plan in made if not plan.is_idle)


def resolve_apart(wanted: list[Dimensions]) -> dict[Dimensions, tuple[int, Fields]]:
    """Resolutions are kept by a transaction of their own: two shards that need the same one must not wait."""
    with begin() as db:
        return resolving.resolve_tasks(db, wanted)


def work_together(run_id: int, workers: int, tell: Progress) -> None:
    """Let so many processes do the shards of a run, and finish whatever a process left that died.

    Raises: RunInterrupted, DatabaseUnreachable, and with one worker whatever its shard raises.
    """
    with begin() as db:
        run = find_run(db, run_id)
        done, shards = progress(db, run_id)
    tell(done, shards)
    if min(workers, shards - done) > 1:
        _in_processes(run_id, min(workers, shards - done), tell)
    Worker(run).work(lambda: _tell(run_id, tell))
    with begin() as db:
        for number in open_beside(db, run):
            close_run(db, number)


def _tell(run_id: int, tell: Progress) -> None:
    with read() as db:
        tell(*progress(db, run_id))


def _in_processes(run_id: int, workers: int, tell: Progress) -> None:
    context = multiprocessing.get_context("spawn")
    started = []
    for _ in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(run_id, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    while any(process.is_alive() for process, _ in started):
        time.sleep(LOOK_EVERY)
        _tell(run_id, tell)
    said = [message for process, ours in started if (message := _heard(ours))]
    if said:
        if said[0] == AWAY:
            raise DatabaseUnreachable(f"The database went away while run {run_id} was being done.")
        raise RunInterrupted(
            f"{said[0]} What run {run_id} had done by then is kept; run the process again for the rest."
        )


def _heard(pipe: Pipe) -> str:
    """What a worker said before it ended; nothing when it did its work, or was killed before it could speak."""
    try:
        return str(pipe.recv()) if pipe.poll() else ""
    except EOFError:
        return ""


def _work(run_id: int, pipe: Pipe) -> None:
    """The whole life of a worker process; Ctrl-C is for whoever started it, who ends it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with begin() as db:
            run = find_run(db, run_id)
        Worker(run).work()
    except DatabaseUnreachable:
        pipe.send(AWAY)
    except TaktasError as refused:
        pipe.send(str(refused))
    finally:
        pipe.close()
