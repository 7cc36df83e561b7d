"""How fast renewals are generated, against a plain INSERT … SELECT of the same finished rows into the same tables.

Every renewal is a case, a task and a ledger row, by the process and the standards as they are shipped: due times on
working-time calendars, a hundred account managers, every third of them absent for a week with a substitute.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

from scenery.house import AT, outside_transaction, publish_library, throwaway_house, write_book
from sqlalchemy import text

from core.actor import Actor, Door
from models.database import begin, read
from tasks.generation import running

WRITTEN = ("cases", "tasks", "events")
RUN = Actor(door=Door.RUN)


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(workers: int) -> running.RunReport:
    """One whole run, as `taktas run renewal` does it."""
    return running.run("renewal", AT, actor=RUN, workers=workers)


def keep_rows() -> None:
    """Put the finished rows aside."""
    with begin() as db:
        for name in WRITTEN:
            db.execute(text(f"CREATE UNLOGGED TABLE finished_{name} AS SELECT * FROM {name} ORDER BY id"))


def empty() -> None:
    """Nothing was ever generated; the tables and the log of changes are as good as new."""
    with begin() as db:
        db.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        db.execute(text("TRUNCATE cases, tasks, events, task_items, timers, runs, run_shards, run_rows CASCADE"))
        db.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
    outside_transaction("CHECKPOINT")


def insert_plainly() -> None:
    """The same rows into the same tables, with the same indexes and keys, in one transaction."""
    with begin() as db:
        for name in WRITTEN:
            db.execute(text(f"INSERT INTO {name} SELECT * FROM finished_{name} ORDER BY id"))


def megabytes(who: int) -> float:
    """The most memory this process (or the largest of its children) ever held."""
    return resource.getrusage(who).ru_maxrss / 1024


def measure(renewals: int, workers: int) -> None:
    """Print every figure of docs/performance.md about generation."""
    print(f"{renewals:,} renewals, {workers} workers")
    with begin() as db:
        write_book(db, renewals)
        publish_library(db)
    outside_transaction("VACUUM ANALYZE")
    outside_transaction("CHECKPOINT")
    together = seconds_of(lambda: run(workers))
    print(f"with {workers} workers           {together:7.2f} s  {renewals / together:9,.0f} renewals/s")
    print(f"repeated, nothing to do  {seconds_of(lambda: run(workers)):7.2f} s")
    keep_rows()
    plain, alone = [], []
    for _ in range(2):
        empty()
        plain.append(seconds_of(insert_plainly))
        empty()
        alone.append(seconds_of(lambda: run(1)))
    print(f"plain INSERT … SELECT    {min(plain):7.2f} s  {renewals / min(plain):9,.0f} renewals/s")
    print(f"with one worker          {min(alone):7.2f} s  {renewals / min(alone):9,.0f} renewals/s")
    print(f"ratio to the plain INSERT {min(plain) / min(alone):6.2f}")
    own, workers_own = megabytes(resource.RUSAGE_SELF), megabytes(resource.RUSAGE_CHILDREN)
    print(f"memory of Python: {own:.0f} MB, its largest worker {workers_own:.0f} MB")
    with read() as db:
        counts = [db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in WRITTEN]
    print(f"rows: {', '.join(f'{count:,} {name}' for count, name in zip(counts, WRITTEN, strict=True))}")


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--renewals", type=int, default=1_000_000)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    with throwaway_house():
        measure(given.renewals, given.workers)


if __name__ == "__main__":
    main()
