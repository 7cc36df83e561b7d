"""One Prefect server for the whole test run: its first start takes up to half a minute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from flows.account import Account
from flows.duties import DUTIES
from flows.place import environment
from flows.prefect_server import PrefectServer, start
from models.database import begin
from models.timetable import CatchUp, schedules
from tasks.timetable.claiming import Claim
from tasks.timetable.house_schedules import Duty


@dataclass(frozen=True, kw_only=True)
class Prefect:
    """The Prefect of this test run."""

    server: PrefectServer
    home: Path


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """A Prefect of this test run: at home in a folder of its own, its server on this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("prefect")
        for name, value in (environment() | {"PREFECT_HOME": str(home)}).items():
            patch.setenv(name, value)
        patch.setattr("flows.prefect_server.home", lambda: home)
        server = start()
        patch.setenv("PREFECT_API_URL", server.api)
        yield Prefect(server=server, home=home)
        server.stop()


@pytest.fixture
def prefect_home(prefect_server: Prefect) -> Path:
    """The home of that Prefect; flows report to its server."""
    return prefect_server.home


@pytest.fixture
def bell(house: Any) -> Callable[..., None]:
    """Puts a schedule into the table."""

    def declare(code: str, phrase: str, catches_up: CatchUp = CatchUp.ONCE, **facts: Any) -> None:
        values = {"code": code, "phrase": phrase, "catches_up": catches_up.value, "does": "tick", "arguments": {}}
        with begin() as db:
            db.execute(insert(schedules).values(values | facts))

    return declare


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """What was done: the work itself is only noted."""
    noted: list[Claim] = []

    def note(claimed: Claim) -> Account:
        noted.append(claimed)
        return Account(sentence="noted", page="# Noted\n", key="noted")

    monkeypatch.setattr("flows.duties.DUTIES", dict.fromkeys(DUTIES, note) | {Duty.TICK: note})
    return noted
