"""PostgreSQL restarted again and again under generation and the beat: nothing is stuck, nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from core.settings import settings
from flows.ringer import Ringer, Rung, Told
from models import database, runs, work
from models.database import begin, read
from models.embedded.server import EmbeddedServer
from models.timetable import ringings, schedules
from tasks.generation import records

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TERMS = 2000
BACK_WITHIN = 5.0
QUICK = {"fsync": "off", "shared_buffers": "32MB", "synchronous_commit": "off"}


@pytest.fixture
def server(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedServer]:
    """A server of this test's own, which it may restart; this process's settings point at it."""
    made = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)
    monkeypatch.setenv("TAKTAS_DATABASE_URL", made.house_url("house"))
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(open_folder / "files"))
    settings.cache_clear()
    database.forget_engine()
    database.upgrade()
    yield made
    database.forget_engine()
    settings.cache_clear()
    made.stop()


@pytest.fixture
def book(server: EmbeddedServer, crowd: Callable[[int], None]) -> None:
    """One account manager with a great many renewals, and the library's definitions."""
    crowd(TERMS)


def until(is_so: Callable[[], object], patience: float, said: Sequence[Told] = ()) -> float:
    """Wait for it. Returns how many seconds it took."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() < begun + patience, [str(told) for told in said]
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.fixture
def said() -> list[Told]:
    """What the ringer tells."""
    return []


@pytest.fixture
def beating(book: None, said: list[Told], monkeypatch: pytest.MonkeyPatch) -> Iterator[Ringer]:
    """A beat over renewals cut into small shards, and over ticks; its clock runs half an hour in a second."""
    monkeypatch.setattr(records, "SMALL_RUN", 0)
    monkeypatch.setattr(records, "SHARD_SIZE", 100)
    with begin() as db:
        beat = {"code": "tick", "phrase": "every 15 minutes", "does": "tick", "arguments": {}, "starts_at": MONDAY}
        db.execute(insert(schedules).values(beat))
        others = (schedules.c.code != "run:renewal:1", schedules.c.does == "run")
        db.execute(update(schedules).where(*others).values(is_paused=True))
    begun, is_over = time.monotonic(), threading.Event()
    made = Ringer(lambda: MONDAY + timedelta(minutes=30 * (time.monotonic() - begun)), said.append)
    ticker = threading.Thread(target=_beat, args=(made, is_over), daemon=True)
    ticker.start()
    yield made
    is_over.set()
    ticker.join(20)
    made.stop(20)


def _beat(made: Ringer, is_over: threading.Event) -> None:
    """The ticker of `taktas up`, a little faster."""
    while not is_over.wait(0.2):
        made.beat()


def rung(said: list[Told]) -> list[str]:
    """The codes of what was rung, in order."""
    return [told.code for told in said if isinstance(told, Rung)]


def until_work_resumes() -> float:
    """How many seconds from now until something is claimed and begun."""
    back = datetime.now(UTC)
    return until(lambda: _has_begun(back), 60)


def _has_begun(since: datetime) -> bool:
    begun = select(func.count()).select_from(ringings).where(ringings.c.claimed_at > since)
    with read() as db:
        return bool(db.execute(begun).scalar())


@pytest.mark.slow
def test_restarts_under_generation_and_tick_leave_nothing_stuck_and_nothing_lost(
    server: EmbeddedServer, beating: Ringer, said: list[Told], restart: Callable[[EmbeddedServer, str], None]
) -> None:
    """Every renewal has exactly one case in the end, every ringing is done, and each return is noticed at once."""
    back_after = []
    for pause, mode in ((0.6, "fast"), (1.0, "immediate"), (1.4, "immediate")):
        time.sleep(pause)
        restart(server, mode)
        back_after.append(until_work_resumes())
    until(lambda: "run:renewal:1" in rung(said), 120, said)
    is_clean = beating.stop(20)

    assert is_clean
    assert max(back_after) < BACK_WITHIN
    assert [told for told in said if isinstance(told, Rung) and told.has_failed] == []
    assert "The database is back, the beat goes on." in said
    with read() as db:
        started = select(func.count(), func.count(work.cases.c.subject_id.distinct()))
        assert tuple(db.execute(started).one()) == (TERMS, TERMS)
        assert db.execute(select(func.count()).select_from(runs.runs)).scalar_one() > 1
        for table in (runs.run_shards, ringings):
            left = select(func.count()).select_from(table).where(table.c.finished_at.is_(None))
            assert db.execute(left).scalar() == 0, table.name
