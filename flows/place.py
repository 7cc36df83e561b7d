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
        "PREFECT_CLIENT_MAX_RETRIES": "2",  # the work does not wait for Prefect to come back
        "PREFECT_API_REQUEST_TIMEOUT": "15",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # our own front doors say what went wrong
        "PREFECT_LOGGING_TO_API_ENABLED": "false",  # it complains on the terminal when the server goes away
    }


def server_environment(port: int) -> dict[str, str]:
    """What our own server is told besides: who it is, and to forget what is long past."""
    return {
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 24 * 3600),
    }


def is_of_the_readers_own() -> bool:
    """Whether the reader has a Prefect of their own: a server, a profile or a home they have named."""
    named = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME")
    return any(os.environ.get(name, environment().get(name)) != environment().get(name) for name in named)


def home() -> Path:
    """Prefect's home; it makes only the last folder of it by itself, and fails after minutes where that does not do."""
    return settings().data_dir / "prefect"
