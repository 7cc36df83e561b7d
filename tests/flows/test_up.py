"""`taktas up` as real processes: one line for each ringing, clean stops, and what killed ones leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from flows.house_keys import AlreadyUp, HouseKeys, Signs, read_signs, server_of_running_up
from flows.prefect_server import is_healthy
from models.timetable import CatchUp, ringings
from tasks.timetable.holder import started

TAKTAS = Path(sys.executable).with_name("taktas")
Declare = Callable[..., None]
STOP_WITHIN = 10.0


@dataclass(kw_only=True)
class Up:
    """One `taktas up --json` and what it has said."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> list[dict[str, Any]]:
        """All complete lines so far."""
        lines = self.output.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def rung(self, code: str | None = None) -> list[dict[str, Any]]:
        """The ringings among them."""
        return [line for line in self.said() if "code" in line and code in {None, line["code"]}]

    def words(self) -> str:
        """The sentences among them."""
        return " ".join(line["said"] for line in self.said() if "said" in line)

    def stop(self, sign: int = signal.SIGTERM) -> float:
        """Tell it to stop. Returns how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(sign)
        self.process.wait(60)
        return time.monotonic() - begun


@pytest.fixture
def up(house: Any, tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts `taktas up` on the house; whatever still runs at the end is killed."""
    started_ones: list[Up] = []

    def start(*more: str, **env: str) -> Up:
        output = tmp_path / f"said-{len(started_ones)}"
        with output.open("wb") as file:
            command: list[str] = [str(TAKTAS), "up", "--json", *more]
            process = subprocess.Popen(command, env=house.env | env, stdout=file, stderr=subprocess.STDOUT, cwd="/")
        started_ones.append(Up(process=process, output=output))
        return started_ones[-1]

    yield start
    for one in started_ones:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def until(is_so: Callable[[], object], patience: float = 30) -> None:
    """Wait for it."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def rows(engine: Engine) -> list[Any]:
    """All ringings, in order."""
    with engine.connect() as db:
        return list(db.execute(select(ringings).order_by(ringings.c.id)).all())


def children(pid: int) -> list[int]:
    """The processes that process has started and that live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_rings_says_so_and_stops_when_told(house: Any, up: Callable[..., Up], bell: Declare, sign: int) -> None:
    """One line for each ringing; the exit code is 0 and nothing runs on."""
    bell("often", "every minute", starts_at=datetime.now(UTC) - timedelta(hours=1))
    running = up("--without-prefect")

    until(lambda: running.rung("often"))
    took = running.stop(sign)

    assert took < STOP_WITHIN
    assert running.process.returncode == 0
    assert running.rung("often")[0]["result"].startswith("nothing was due; serves for all that was missed since ")
    assert running.said()[-1]["said"] == "Stopped."
    assert [row.has_failed for row in rows(house.engine)] == [False] * len(rows(house.engine))
    assert read_signs() is None


def test_one_beat_is_enough(up: Callable[..., Up], bell: Declare) -> None:
    """A second one on the same house is refused with a sentence, and the first goes on."""
    bell("often", "every minute", starts_at=datetime.now(UTC) - timedelta(hours=1))
    first = up("--without-prefect")
    until(lambda: first.rung("often"))

    second = up("--without-prefect")
    code = second.process.wait(30)

    told = second.output.read_text()
    assert code == 1
    assert told.splitlines()[-1] == (
        f"taktas is already up for the house 'house' (process {first.process.pid}), and one beat is enough. "
        "Stop that one first, or work in another house with --house."
    )
    assert first.process.poll() is None


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_what_one_leaves_unfinished_the_next_one_rings(
    house: Any, up: Callable[..., Up], bell: Declare, sign: int
) -> None:
    """Stopped or killed in the middle of its work: it is rung again at once, and done once."""
    bell("held up", "every day at 00:00", starts_at=datetime.now(UTC) - timedelta(days=3))
    with house.engine.connect() as holding:
        holding.execute(text("LOCK TABLE timers"))
        first = up("--without-prefect")
        until(lambda: [row for row in rows(house.engine) if row.finished_at is None])
        until(lambda: _waits_for_lock(house.engine))
        took = first.stop(sign)
        holding.rollback()

    second = up("--without-prefect")
    until(lambda: second.rung("held up"))
    second.stop()

    assert took < STOP_WITHIN
    assert first.rung("held up") == []
    of_day = [row for row in rows(house.engine) if row.due_at.minute == 0 and "nothing was due" in (row.result or "")]
    assert [row.attempts for row in of_day[:1]] == [1 if sign == signal.SIGTERM else 2]


def _waits_for_lock(engine: Engine) -> bool:
    with engine.connect() as db:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'timers'::regclass")
        return bool(db.execute(waiting).scalar())


def test_two_machines_on_one_database_do_nothing_twice(
    house: Any, up: Callable[..., Up], bell: Declare, tmp_path: Path
) -> None:
    """After a stop of thirty days both begin at once: every missed day is done by one of them, in order."""
    bell("days", "every day at 00:00", CatchUp.EACH, starts_at=datetime.now(UTC) - timedelta(days=30))

    both = [up("--without-prefect", TAKTAS_DATA_DIR=str(tmp_path / name)) for name in ("here", "there")]
    until(lambda: sum(len(one.rung("days")) for one in both) >= 30, 60)
    for one in both:
        one.stop()

    done = Counter(line["due_at"] for one in both for line in one.rung("days"))
    assert set(done.values()) == {1}
    assert len(done) in {30, 31}


@pytest.mark.slow
def test_prefect_comes_and_goes_and_the_beat_goes_on(up: Callable[..., Up], bell: Declare, prefect_server: Any) -> None:
    """Its server is started, replaced when it dies, ended with us, and does not outlive a kill -9."""
    bell("often", "every minute", starts_at=datetime.now(UTC) - timedelta(hours=1))
    home = str(prefect_server.home)
    running = up(PREFECT_HOME=home, PREFECT_API_URL="", TAKTAS_LOG_LEVEL="WARNING")
    until(lambda: "Prefect answers at" in running.words(), 60)
    api = server_of_running_up()
    [server] = children(running.process.pid)

    os.kill(server, signal.SIGKILL)
    until(lambda: "Prefect does not answer: the work goes on without it." in running.words(), 60)
    until(lambda: children(running.process.pid) not in ([], [server]), 60)
    [second] = children(running.process.pid)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    until(lambda: started(second) is None)

    assert running.rung("often")
    assert api is not None
    assert not is_healthy(api)
    assert server_of_running_up() is None


def test_the_keys_are_one(house: Any) -> None:
    """In one process too; given back, the next one has them."""
    keys = HouseKeys.take()

    with pytest.raises(AlreadyUp):
        HouseKeys.take()
    keys.give_back()
    HouseKeys.take().give_back()


def test_what_a_dead_predecessor_left_is_ended_and_nothing_else(house: Any) -> None:
    """Its Prefect server, known by number and start; a process that only has the same number is left alone."""
    left, other = (subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2))
    keys = HouseKeys.take()
    keys._signs = Signs(pid=1, start="1", server_pid=left.pid, server_start=started(left.pid), api="http://gone/api")
    keys._write()
    os.close(keys._descriptor)

    HouseKeys.take().give_back()
    left.communicate()
    keys = HouseKeys.take()
    keys._signs = Signs(pid=1, start="1", server_pid=other.pid, server_start="another", api="http://gone/api")
    keys._write()
    os.close(keys._descriptor)
    HouseKeys.take().give_back()

    assert left.returncode == -signal.SIGTERM
    assert other.poll() is None
    other.communicate(b"\n")
