"""What every connection to PostgreSQL is made with, by whichever way."""

from __future__ import annotations

from typing import Any

OLDEST_SERVER = 15
CONNECT_ARGS: dict[str, Any] = {
    "application_name": "taktas",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
}
