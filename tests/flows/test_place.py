"""Where Prefect lives, and that nothing but a flow wakes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import settings
from flows.place import environment, prepare

ROOT = Path(__file__).parents[2]


def test_prefect_stays_at_home_and_says_nothing_to_anybody() -> None:
    """Its files in the data directory, its server on this machine only, no telemetry, time for the first start."""
    told = environment()

    assert told["PREFECT_HOME"] == str(settings().data_dir / "prefect")
    assert told["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert told["DO_NOT_TRACK"] == "1"
    assert int(told["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]) >= 60


def test_what_the_reader_has_set_stays_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Prefect server of their own, for example."""
    for name in environment():
        monkeypatch.setenv(name, "theirs")

    prepare()

    assert {os.environ[name] for name in environment()} == {"theirs"}


def test_its_home_is_made_with_all_folders_above(monkeypatch: pytest.MonkeyPatch, house: Any) -> None:
    """Prefect makes only the last folder by itself."""
    for name in environment():
        monkeypatch.delenv(name, raising=False)
    with monkeypatch.context() as patch:
        for name in environment():
            patch.setenv(name, "x")
            patch.delenv(name)
        prepare()

        assert (house.data_dir / "prefect").is_dir()
        for name in environment():
            patch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "module", ["cli.app", "flows.entry", "flows.place", "tasks.beat.ticking", "notifications.sending.draining"]
)
def test_prefect_and_pandas_are_not_loaded_by_the_way(module: str) -> None:
    """Only a flow that really runs loads Prefect, only a report loads pandas."""
    asked = f"import sys, {module}; print([name for name in ('prefect', 'pandas') if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)

    assert told.stdout.strip() == "[]"


def test_only_flows_names_prefect() -> None:
    """No other room imports it."""
    rooms = ("core", "models", "standards", "tasks", "notifications", "reports", "intake", "cli")
    named = [
        str(file.relative_to(ROOT))
        for room in rooms
        for file in (ROOT / room).rglob("*.py")
        if any(line.strip().startswith(("import prefect", "from prefect")) for line in file.read_text().splitlines())
    ]

    assert named == []
