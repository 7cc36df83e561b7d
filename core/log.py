"""One way to log: plain lines on standard error, at the level the settings ask for."""

from __future__ import annotations

import logging

from core.settings import settings


def set_up_log() -> None:
    """Called once by the front doors."""
    logging.basicConfig(
        level=settings().log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
