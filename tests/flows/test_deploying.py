"""Schedules as Prefect deployments, and one run shared by real workers of a process pool."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from cli.app import run
from core.actor import Actor, Door
from flows import deploying
from flows.entry import NoPrefectNamed, deploy
from flows.sharing import SHARDS_FLOW, call_helpers, send_away
from models import runs, work
from models.database import read
from tasks.generation import records
from tasks.generation.running import open_shards
from tasks.generation.sharing import see_through

POOL = "taktas-test"
SHARING = "taktas-test-sharing"  # its workers find nothing there but the calls of the run they share
OF_OUR_DOORS = {
    "PREFECT_CLIENT_MAX_RETRIES",
    "PREFECT_API_REQUEST_TIMEOUT",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL",
}
"""What `taktas` tells Prefect inside itself; whoever starts a worker of Prefect's own tells it nothing of the kind."""
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prefect")]  # one server for all of them


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What `taktas deploy --json` said: deployment -> change."""
    return {it["deployment"]: it["change"] for it in json.loads(capsys.readouterr().out)["changes"]}


@pytest.mark.usefixtures("prefect_home", "house")
def test_deploying_again_updates_and_removes(bell: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing; the second time nothing changes; what rings no more is removed."""
    bell("run:renewal:1", "every monday at 06:00", does="run", starts_at=MONDAY)
    command = ["deploy", "--pool", POOL, "--json"]

    ahead = run([*command, "--dry-run"]), told(capsys)
    first = run(command), told(capsys)
    again = run(command), told(capsys)
    run(["schedules", "set", "reconcile", "--rings", "every friday at 18:00"])
    run(["schedules", "pause", "run:renewal:1"])
    capsys.readouterr()
    after = run(command), told(capsys)

    names = {"house run:renewal:1", "house tick", "house send", "house reconcile", "house missed", "house"}
    assert names <= set(first[1])
    assert ahead == first == (0, dict.fromkeys(first[1], "added"))
    assert again == (0, dict.fromkeys(first[1], "unchanged"))
    assert {name: kind for name, kind in after[1].items() if kind != "unchanged"} == {
        "house reconcile": "changed",
        "house run:renewal:1": "removed",
    }


def test_deploying_needs_a_prefect_that_stays(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ends with the command would forget everything at once."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)

    with pytest.raises(NoPrefectNamed) as refusal:
        deploy(POOL)

    assert str(refusal.value) == (
        "Deploying needs a Prefect server that stays. Name yours with PREFECT_API_URL (http://machine:4200/api), or "
        "keep one up here with `taktas up`."
    )


@pytest.fixture
def workers(prefect_home: Path, house: Any, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three of Prefect's own workers, each in a process group of its own; killed at the end with all they started."""
    with read() as db:
        deploying.deploy([it for it in deploying.wanted(db) if it.flow == SHARDS_FLOW], SHARING)
    command = [sys.executable, *f"-m prefect worker start --pool {SHARING} --type process --limit 1".split()]
    env = {
        **{name: value for name, value in house.env.items() if name not in OF_OUR_DOORS},
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        "PREFECT_API_URL": os.environ["PREFECT_API_URL"],
        "TMPDIR": str(tmp_path),  # in the one for all, Prefect's folder may belong to another user of this machine
    }
    running = []
    for number in range(3):
        with (tmp_path / f"worker-{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "--name", f"worker-{number}"],
                env=env,
                stdout=log,
                stderr=log,
                cwd=tmp_path,
                start_new_session=True,
            )
        running.append(process)
    yield running
    for process in running:
        kill_all(process)


def kill_all(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and whatever it has started, with -9."""
    for pid in [worker.pid, *below(worker.pid)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    worker.wait()


def below(pid: int) -> list[int]:
    """All processes that process has started, and those they have."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        left += (children := parents.get(left.pop(), []))
        found += children
    return found


def until(
    is_so: Callable[[], object], patience: float, folder: Path, once_more: Callable[[], object] | None = None
) -> None:
    """Wait so many seconds for it, and as long again after `once_more`; shows what the workers wrote if it fails."""
    deadline = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > deadline:
            assert once_more, wrote(folder)
            once_more()
            once_more, deadline = None, time.monotonic() + patience
        time.sleep(0.1)


def wrote(folder: Path) -> str:
    """What each worker wrote."""
    return "\n".join(f"{it.name}: {it.read_text()}" for it in sorted(folder.glob("worker-*.log")))


def test_three_workers_share_a_run_and_one_is_killed(
    workers: list[subprocess.Popen[bytes]],
    house: Any,
    crowd: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Each holds a shard when one of them dies with -9: the others do its shard too, every case stands there once."""
    terms, shards = 600, 6
    monkeypatch.setattr(records, "SMALL_RUN", 0)
    monkeypatch.setattr(records, "SHARD_SIZE", terms // shards)
    crowd(terms)
    opened = open_shards("renewal", MONDAY, actor=Actor(door=Door.RUN), workers=3)

    with house.engine.connect() as holding:
        holding.execute(text("LOCK TABLE cases IN SHARE MODE"))
        called = call_helpers(opened.run_id, 3)
        until(lambda: all_at_work(workers, house, tmp_path), 90, tmp_path, lambda: call_helpers(opened.run_id, 3))
        kill_all(workers[0])
        holding.rollback()
    until(lambda: done_shards(opened.run_id) == (shards, shards), 90, tmp_path)
    see_through(opened.run_id)
    send_away(called)

    with read() as db:
        cases = work.cases.c
        assert tuple(db.execute(select(func.count(), func.count(cases.subject_id.distinct()))).one()) == (terms, terms)
        assert db.execute(select(func.count()).select_from(work.tasks)).scalar() == terms
        assert db.execute(select(runs.runs.c.state)).scalars().all() == ["done"]


def all_at_work(workers: list[subprocess.Popen[bytes]], house: Any, folder: Path) -> bool:
    """Whether each holds a shard. That one has ended by itself is told at once."""
    assert [worker.poll() for worker in workers] == [None] * len(workers), wrote(folder)
    return waiting_for_cases(house.engine) >= 3


def waiting_for_cases(engine: Engine) -> int:
    """How many transactions wait to write cases."""
    asked = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND relation = 'cases'::regclass")
    with engine.connect() as db:
        return int(db.execute(asked).scalar_one())


def done_shards(run_id: int) -> tuple[int, int]:
    """How many are done, and of how many."""
    with read() as db:
        return records.progress(db, run_id)
