"""How long a beat takes over a house full of open tasks: with some of them due, and with nothing due.

Engine time: the process is running and the database is connected to. A third of what is due is a reminder that
joins a digest, a third a level of escalation, a third a hard limit that has passed.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from datetime import timedelta

from scenery.house import AT, outside_transaction, publish_library, throwaway_house, write_book
from sqlalchemy import text

from models.database import begin
from standards.service.standard import Dimensions
from tasks.beat.ticking import TickReport, tick
from tasks.handbooks import calendars, handbook
from tasks.handbooks.resolving import resolve_tasks

AT_DESK = AT + timedelta(hours=3)
TEAMS = 5


def write_work(tasks: int, due: int) -> None:
    """So many open tasks, each in a case of its own; the first `due` of them are due for something."""
    with begin() as db:
        clients = max(1000, tasks // 10)
        write_book(db, clients)
        publish_library(db)
        db.execute(text("UPDATE employees SET manager_id = 1 + (id % 5) WHERE id > 5"))
        db.execute(text("UPDATE employees SET is_manager = true, team_id = NULL WHERE id <= 2"))
        calendar = calendars.calendar_of(db)[0]
        version = handbook.current(db, "renewal").version_id
        resolution = _resolutions(db)
        known = {"tasks": tasks, "due": due, "clients": clients, "at": AT_DESK, "calendar": calendar}
        for statement in _WORK.split(";"):
            db.execute(text(statement), known | {"version": version, "resolution": resolution})
    outside_transaction("VACUUM ANALYZE")


def _resolutions(db: object) -> int:
    """What the shipped standards ask of a call about a renewal."""
    wanted = Dimensions(action="call", process="renewal", step="call", product_line="motor", client_kind="person")
    return resolve_tasks(db, [wanted])[wanted][0]  # type: ignore[arg-type]  # a connection, passed through


_WORK = """
INSERT INTO cases (id, process_id, version_id, subject_type, subject_id, cycle_id, client_id, started_at)
    SELECT n, 1, :version, 'term', n, n, 1 + n % :clients, CAST(:at AS timestamptz) - interval '5 days'
    FROM generate_series(1, :tasks) n;
INSERT INTO events (case_id, task_id, number, kind, at, door, data)
    SELECT n, n, 1, 'case.started', CAST(:at AS timestamptz) - interval '5 days', 'run',
        '{"step": "call", "round": 1}' FROM generate_series(1, :tasks) n;
INSERT INTO tasks (id, case_id, step, subject_type, subject_id, client_id, status, resolution_id, assignee_id, team_id,
        calendar_version_id, opens_at, opened_at, held_since, due_at, limit_at, reminded, escalated, next_at, next_what)
    SELECT n, n, 'call', 'term', n, 1 + n % :clients, 'open', :resolution, 1 + n % 100, 1 + n % 5, :calendar,
        opened, opened, opened,
        CASE WHEN n > :due THEN CAST(:at AS timestamptz) + (n % 30) * interval '1 day' + interval '1 day'
             WHEN n % 3 = 0 THEN CAST(:at AS timestamptz) + interval '2 days'
             ELSE CAST(:at AS timestamptz) - interval '4 days' END,
        CASE WHEN n > :due THEN CAST(:at AS timestamptz) + interval '60 days'
             WHEN n % 3 = 2 THEN CAST(:at AS timestamptz) - interval '1 minute'
             ELSE CAST(:at AS timestamptz) + interval '60 days' END,
        CASE WHEN n <= :due AND n % 3 > 0 THEN 2 ELSE 0 END, CASE WHEN n <= :due AND n % 3 = 2 THEN 2 ELSE 0 END,
        CASE WHEN n > :due THEN CAST(:at AS timestamptz) + (n % 29) * interval '1 day' + interval '2 hours'
             ELSE CAST(:at AS timestamptz) - (n % 3600) * interval '1 second' END,
        CASE WHEN n > :due OR n % 3 = 0 THEN 'remind' WHEN n % 3 = 1 THEN 'escalate' ELSE 'limit' END
    FROM (SELECT n, CAST(:at AS timestamptz) - interval '6 days' - (n % 5000) * interval '1 second' AS opened
          FROM generate_series(1, :tasks) n) AS numbered;
SELECT setval(pg_get_serial_sequence('tasks', 'id'), :tasks), setval(pg_get_serial_sequence('cases', 'id'), :tasks)
"""


def timed_tick(profile: bool = False) -> tuple[float, TickReport]:
    """One beat, and the seconds it took."""
    profiler = cProfile.Profile() if profile else None
    begun = time.perf_counter()
    report = profiler.runcall(tick, at=AT_DESK) if profiler else tick(at=AT_DESK)
    took = time.perf_counter() - begun
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    return took, report


def measure(tasks: int, due: int, *, profile: bool) -> None:
    """Print what each beat took."""
    write_work(tasks, due)
    tick(at=AT_DESK - timedelta(days=30))  # connects, reads the definitions; nothing is due then
    took, report = timed_tick(profile)
    what = ", ".join(f"{count:,} {name}" for name, count in sorted(report.counts.items()))
    print(f"{tasks:,} open tasks, {due:,} due: {took * 1000:8.0f} ms ({what}, {report.digests} digests)")
    for problem in report.problems[:3]:
        print(f"  {problem}")
    quiet = sorted(timed_tick()[0] for _ in range(9))
    print(
        f"{tasks:,} open tasks, nothing due:  {quiet[4] * 1000:8.1f} ms (median of nine, worst {quiet[-1] * 1000:.1f})"
    )


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", type=int, default=1_000_000)
    asked.add_argument("--due", type=int, default=10_000)
    asked.add_argument("--profile", action="store_true", help="say where the time of the first beat went")
    options = asked.parse_args()
    with throwaway_house():
        measure(options.tasks, options.due, profile=options.profile)


if __name__ == "__main__":
    main()
