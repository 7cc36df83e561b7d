"""What the house may change about a schedule: when it rings, what becomes of what was missed, whether it rings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from core.errors import TaktasError, did_you_mean
from models.timetable import CatchUp, schedules
from standards.working_time.schedule import parse_schedule
from tasks.timetable.house_schedules import Duty


class NoSuchSchedule(TaktasError):
    """A code that no schedule has."""


class ScheduleDeclaredElsewhere(TaktasError):
    """The phrase of a process's schedule stands in its definition."""


def find(db: Connection, code: str, *, lock: bool = False) -> Any:
    """The row of that schedule, as long as it is declared. Raises: NoSuchSchedule."""
    declared = schedules.c.retired_at.is_(None)
    one = select(schedules).where(schedules.c.code == code, declared)
    row = db.execute(one.with_for_update() if lock else one).first()
    if row is None:
        known = db.execute(select(schedules.c.code).where(declared)).scalars()
        hint = did_you_mean(code, known) or "."
        raise NoSuchSchedule(f"There is no schedule {code!r}{hint} `taktas schedules list` shows all of them.")
    return row


def pause(db: Connection, code: str) -> bool:
    """Let it ring no more until it is resumed; False when it was paused already. Raises: NoSuchSchedule."""
    row = find(db, code)
    db.execute(update(schedules).where(schedules.c.id == row.id).values(is_paused=True))
    return not row.is_paused


def resume(db: Connection, code: str, at: datetime) -> bool:
    """Let it ring again, from now on: what it missed meanwhile is not caught up. False when it was not paused.

    Raises: NoSuchSchedule.
    """
    row = find(db, code)
    if row.is_paused:
        db.execute(update(schedules).where(schedules.c.id == row.id).values(is_paused=False, starts_at=at))
    return bool(row.is_paused)


def change(
    db: Connection,
    code: str,
    at: datetime,
    *,
    phrase: str | None = None,
    catches_up: CatchUp | None = None,
    shared_by: int | None = None,
) -> None:
    """Change when it rings, what becomes of what it missed, or how many Prefect workers share its run.

    A new phrase counts from now on. Raises: NoSuchSchedule, ScheduleNotUnderstood, ScheduleDeclaredElsewhere.
    """
    row = find(db, code)
    facts: dict[str, Any] = {"is_adjusted": True}
    if phrase is not None:
        facts |= {"phrase": _new_phrase(row, phrase), "starts_at": at}
    if catches_up is not None:
        facts["catches_up"] = catches_up.value
    if shared_by is not None:
        facts["arguments"] = row.arguments | {"shared_by": _shares(row, shared_by)}
    db.execute(update(schedules).where(schedules.c.id == row.id).values(facts))


def _new_phrase(row: Any, phrase: str) -> str:
    if row.does == Duty.RUN.value:
        process = row.arguments["process"]
        raise ScheduleDeclaredElsewhere(
            f"{row.code} rings as the process {process} says. Change `schedule:` in its definition and publish it with "
            "`taktas standards publish`."
        )
    return str(parse_schedule(phrase))


def _shares(row: Any, shared_by: int) -> int:
    if row.does != Duty.RUN.value:
        raise ScheduleDeclaredElsewhere(f"{row.code} starts no run, so there is nothing for several workers to share.")
    return shared_by
