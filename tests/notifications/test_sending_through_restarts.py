"""PostgreSQL restarted again and again while messages leave: none is stuck, none is lost, none leaves twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.settings import settings
from models import database
from models.embedded.server import EmbeddedServer
from notifications.outbox.states import Outcome
from notifications.sending.draining import drain

COUNT = 120
BACK_WITHIN = 5.0

Served = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def house(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A house on a server of its own, which the test may restart."""
    server = EmbeddedServer(data_dir=open_folder / "data", extra={"fsync": "off", "shared_buffers": "32MB"})
    monkeypatch.setenv("TAKTAS_DATABASE_URL", server.house_url("house"))
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(open_folder / "files"))
    settings.cache_clear()
    database.forget_engine()
    database.upgrade()
    yield SimpleNamespace(engine=database.engine(), data_dir=open_folder / "files", server=server)
    database.forget_engine()
    settings.cache_clear()
    server.stop()


def wait_for(sink: Any, count: int, patience: float = 60) -> float:
    """Until the mail server has so many. Returns the seconds it took."""
    begun = time.monotonic()
    while len(sink.taken) < count:
        assert time.monotonic() < begun + patience
        time.sleep(0.01)
    return time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_restarts_in_the_middle_of_sending(
    house: Any, post: Any, served: Served, noon: datetime, *, restart: Callable[[EmbeddedServer, str], None], mode: str
) -> None:
    """Sending waits, goes on within five seconds of the database's return, and every letter leaves once."""
    text = post.letter("Renewal", "Good day.\n")
    for _ in range(COUNT):
        letter = {"message_class": "service", "template": "renewal_reminder", "letter_version_id": text}
        post.queue(party_id=post.client(), **letter)

    back_after = []
    with served(slowness=0.05) as sink, ThreadPoolExecutor(1) as beside:
        sending = beside.submit(drain, noon)
        for _ in range(2):
            wait_for(sink, len(sink.taken) + 10)
            restart(house.server, mode)
            back_after.append(wait_for(sink, len(sink.taken) + 1))
        report = sending.result(60)

    assert report.problem is None
    assert report.counts[Outcome.SENT] == COUNT
    assert list(sink.counts.values()) == [1] * COUNT
    assert max(back_after) < BACK_WITHIN
