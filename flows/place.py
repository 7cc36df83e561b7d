"""Where Prefect lives in this house: its home in the data directory, its server on this machine only, no telemetry.

Prefect reads the environment when it is imported, so `prepare` comes first. What the reader has set stays set.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.settings import settings

FIRST_START = 180  # seconds: the first start in a new home builds Prefect's own database and takes up to 27


def prepare() -> None:
    """Set Prefect's environment for this process and those it starts; nothing is started."""
    if "PREFECT_HOME" not in os.environ:
        home().mkdir(parents=True, exist_ok=True)
    for name, value in environment().items():
        os.environ.setdefault(name, value)


def environment() -> dict[str, str]:
    """Variable -> value, where the reader has said nothing else."""
    return {
        "PREFECT_HOME": str(home()),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(FIRST_START),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # our own front doors say what went wrong
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }


def home() -> Path:
    """Prefect's home; it makes only the last folder of it by itself, and fails after minutes where that does not do."""
    return settings().data_dir / "prefect"
