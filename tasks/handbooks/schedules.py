"""The schedules of published processes, kept in the one table of schedules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from models.timetable import schedules
from standards.process import Process

RUN = "run"


def declare_schedules(db: Connection, process: Process, at: datetime) -> None:
    """Write each schedule of the process; one that the process no longer has is retired, its ringings are kept.

    A schedule that stays as it was keeps its beginning, so that what it missed is still caught up. One that the house
    has paused stays paused.
    """
    phrases = {
        schedule_code(process.name, number): str(start.schedule)
        for number, start in enumerate(process.starts, start=1)
        if start.schedule is not None
    }
    for code, phrase in phrases.items():
        row = insert(schedules).values(
            code=code, phrase=phrase, does=RUN, arguments={"process": process.name}, starts_at=at
        )
        changed = (schedules.c.phrase != phrase) | schedules.c.retired_at.is_not(None)
        db.execute(
            row.on_conflict_do_update(
                index_elements=["code"],
                set_={"phrase": phrase, "starts_at": at, "retired_at": None},
                where=changed,
            )
        )
    gone = schedules.c.code.startswith(schedule_code(process.name, ""), autoescape=True)
    left = schedules.c.retired_at.is_(None) & schedules.c.code.not_in(phrases)
    db.execute(update(schedules).where(gone, left).values(retired_at=at))


def schedule_code(process: str, number: int | str) -> str:
    """`run:renewal:1` for the first way in which renewals start."""
    return f"{RUN}:{process}:{number}"
