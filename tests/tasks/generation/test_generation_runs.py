"""Whole runs in transactions and processes of their own: once and only once, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from core.actor import Actor, Door
from models import runs, work
from models.client_programs import client_programs
from models.database import begin, read
from tasks.generation import records
from tasks.generation import running as generation
from tasks.generation.reconciliation import reconcile
from tasks.generation.workers import RunInterrupted

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = Actor(door=Door.COMMAND_LINE)
ONE_RUN = """
from datetime import UTC, datetime
from core.actor import Actor, Door
from tasks.generation import running as generation
from tasks.generation import records
if __name__ == "__main__":
    records.SMALL_RUN, records.SHARD_SIZE = 0, {size}
    at = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    generation.run("renewal", at, actor=Actor(door=Door.COMMAND_LINE), workers={workers})
"""
Office = Callable[[int], Engine]


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a small run is cut into shards of a hundred."""
    monkeypatch.setattr(records, "SMALL_RUN", 0)
    monkeypatch.setattr(records, "SHARD_SIZE", 100)


def started() -> tuple[int, int, int]:
    """How many cases, tasks and ledger rows there are."""
    with read() as db:
        counts = [
            db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (work.cases, work.tasks, work.events)
        ]
    return counts[0], counts[1], counts[2]


def a_process(folder: Any, *, size: int = 100, workers: int = 2) -> subprocess.Popen[bytes]:
    """One run in a process group of its own."""
    script = folder / f"one_run_{time.monotonic_ns()}.py"
    script.write_text(ONE_RUN.format(size=size, workers=workers))
    return subprocess.Popen([sys.executable, script], start_new_session=True, env=os.environ.copy())


def test_a_run_starts_what_is_due_and_a_second_one_nothing(office: Office) -> None:
    """The report says how many; what is there already is counted, not started."""
    office(30)
    first = generation.run("renewal", MONDAY, actor=RUN, workers=1)
    second = generation.run("renewal", MONDAY, actor=RUN, workers=1)

    assert (first.tally.cases, first.tally.tasks, first.tally.known) == (30, 30, 0)
    assert (second.tally.cases, second.tally.known, second.state) == (0, 30, "done")
    assert started() == (30, 30, 30)


@pytest.mark.usefixtures("small_shards")
def test_several_processes_share_the_shards(office: Office) -> None:
    """Each shard is done by one of them; progress is told up to the end."""
    office(500)
    told: list[tuple[int, int]] = []

    report = generation.run("renewal", MONDAY, actor=RUN, workers=2, tell=lambda *it: told.append(it))

    with read() as db:
        shards = db.execute(select(runs.run_shards)).mappings().all()
    assert (report.tally.cases, report.state) == (500, "done")
    assert sum(shard["counts"]["cases"] for shard in shards) == 500
    assert sorted(shard["shard"] for shard in shards) == list(range(5))
    assert (told[0], told[-1]) == ((0, 5), (5, 5))
    assert started() == (500, 500, 500)


@pytest.mark.usefixtures("small_shards")
def test_killed_at_any_moment_a_run_loses_and_doubles_nothing(office: Office, tmp_path: Any) -> None:
    """The whole run is killed with -9 in the middle of its shards, again and again; the last one finishes the work."""
    office(800)
    left_after = []
    for pause in (0.0, 0.08, 0.17):
        running = a_process(tmp_path)
        kill_in_the_middle(running, pause)
        cases, tasks, events = started()
        assert cases == tasks == events
        left_after.append(800 - cases)

    generation.run("renewal", MONDAY, actor=RUN, workers=1)

    assert any(left_after[:-1])
    assert started() == (800, 800, 800)
    assert reconcile("renewal", MONDAY).is_whole
    with read() as db:
        assert set(db.execute(select(runs.runs.c.state)).scalars()) == {"done"}


def kill_in_the_middle(running: subprocess.Popen[bytes], pause: float) -> None:
    """Wait for the next shard to be finished and a little longer, then end the process and its workers for good."""
    before = started()[0]
    while running.poll() is None and started()[0] == before:
        time.sleep(0.02)
    time.sleep(pause)
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def test_two_runs_at_once_start_everything_once(office: Office, tmp_path: Any) -> None:
    """They were cut into different shards, and meet at every one of them."""
    office(1000)

    both = [a_process(tmp_path, size=size, workers=workers) for size, workers in ((400, 2), (300, 1))]

    assert [running.wait(120) for running in both] == [0, 0]
    assert started() == (1000, 1000, 1000)
    assert reconcile("renewal", MONDAY).is_whole


@pytest.mark.usefixtures("small_shards")
def test_shards_an_interrupted_run_left_are_done_by_the_next(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the interrupted run is closed with its figures."""
    office(300)
    with monkeypatch.context() as broken:
        broken.setattr(generation, "work_together", lambda *_: None)
        generation.run("renewal", MONDAY, actor=RUN, workers=1)

    report = generation.run("renewal", MONDAY + timedelta(hours=1), actor=RUN, workers=1)

    with read() as db:
        counts = db.execute(select(runs.runs.c.state, runs.runs.c.counts).order_by(runs.runs.c.id)).all()
    assert report.tally.cases == 300
    assert [(row.state, row.counts["cases"]) for row in counts] == [("done", 0), ("done", 300)]


def dump(engine: Engine) -> list[str]:
    """The whole database as text, without the random key newer programs print."""
    with read() as db:
        version = int(db.execute(text("SHOW server_version_num")).scalar_one())
    programs = client_programs(engine, version, bundled_first=True)[0]
    command = [*programs.command("pg_dump"), "--dbname", programs.target]
    told = subprocess.run(command, env=programs.env, capture_output=True, check=True, text=True).stdout
    return [line for line in told.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_a_dry_run_leaves_a_dump_of_the_database_unchanged(office: Office) -> None:
    """Not a row, not a number of a sequence; twice the same figures, and those of the run itself."""
    engine = office(40)
    with begin() as db:
        db.execute(text("UPDATE terms SET placed = 'elsewhere' WHERE id % 10 = 0"))
    before = dump(engine)

    first, second = (generation.run("renewal", MONDAY, actor=RUN, dry_run=True) for _ in range(2))

    assert dump(engine) == before
    assert first == second
    real = generation.run("renewal", MONDAY, actor=RUN, workers=1)
    assert first.tally == real.tally
    assert (first.tally.cases, first.tally.left_out, first.run_id) == (36, {"placed_elsewhere": 4}, None)


def test_a_dry_run_counts_what_has_its_case(office: Office) -> None:
    """Running or ended, it is not started again."""
    office(10)
    generation.run("renewal", MONDAY, actor=RUN, workers=1)

    report = generation.run("renewal", MONDAY, actor=RUN, dry_run=True)

    assert (report.tally.cases, report.tally.known, report.tally.left_out) == (0, 10, {})


@pytest.mark.usefixtures("small_shards")
def test_what_a_worker_cannot_do_is_said_in_a_sentence(office: Office) -> None:
    """The reason, what is kept, and the way forward; nothing is half done."""
    office(200)
    with begin() as db:
        db.execute(text("UPDATE terms SET expires_on = '2026-03-12' WHERE id % 3 = 0"))
        db.execute(text("UPDATE process_versions SET source = replace(source, '3 working days', '9000 working days')"))

    with pytest.raises(RunInterrupted) as stopped:
        generation.run("renewal", MONDAY, actor=RUN, workers=2)

    assert str(stopped.value) == (
        "The calendar 'house' is worked out from 2006-01-01 only, and the answer lies before that. "
        "Publish it again with an earlier first day. "
        "What run 1 had done by then is kept; run the process again for the rest."
    )
    assert started() == (0, 0, 0)
