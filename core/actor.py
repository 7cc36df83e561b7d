"""Who changes something: which person, on behalf of whom, through which door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    """The way a change came in."""

    WEB = "web"
    COMMAND_LINE = "cli"
    IMPORT = "import"
    RUN = "run"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`employee_id` is None for what nobody did by hand: an import, a run, the beat itself."""

    door: Door
    employee_id: int | None = None
    on_behalf_of: int | None = None
