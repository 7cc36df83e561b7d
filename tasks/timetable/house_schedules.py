"""The house's own schedules, each declared here once with its defaults, and kept in the one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, or_, update
from sqlalchemy.dialects.postgresql import insert

from core.settings import PREFIX, settings
from models.timetable import CatchUp, schedules


class Duty(StrEnum):
    """What a schedule does when it rings."""

    RUN = "run"
    TICK = "tick"
    SEND = "send"
    BOUNCES = "bounces"
    STATISTICS = "statistics"
    RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSchedule:
    """One of the house's own; its code is that of its duty. `why` is told to people.

    `needs`: the setting without which there is nothing it could do, and what is said then.
    """

    duty: Duty
    phrase: str
    why: str
    catches_up: CatchUp = CatchUp.ONCE
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, str] | None = None


HOUSE_SCHEDULES: tuple[HouseSchedule, ...] = (
    HouseSchedule(duty=Duty.TICK, phrase="every minute", why="timers, happenings, reminders and escalations"),
    HouseSchedule(duty=Duty.SEND, phrase="every minute", why="messages that are due leave the house"),
    HouseSchedule(
        duty=Duty.BOUNCES,
        phrase="every 15 minutes",
        why="mail that came back marks the address",
        needs=("bounce_mailbox", "no mailbox is named"),
    ),
    HouseSchedule(
        duty=Duty.STATISTICS,
        phrase="every day at 02:30",
        why="the figures of every day, so that reports answer at once",
    ),
    HouseSchedule(
        duty=Duty.RECONCILE, phrase="every sunday at 20:00", why="proof that no subject in any window is missing"
    ),
)


def idle_here() -> Mapping[str, str]:
    """Duties for which this machine's settings name nothing to do, and why; another machine's may."""
    needed = {declared.duty.value: declared.needs for declared in HOUSE_SCHEDULES if declared.needs is not None}
    return {
        duty: f"{why} ({PREFIX}{setting.upper()})"
        for duty, (setting, why) in needed.items()
        if getattr(settings(), setting) is None
    }


def declare_house_schedules(db: Connection, at: datetime) -> None:
    """Write what is declared; what the house has changed stays as it is, what is declared no more is retired.

    A schedule that is new begins at `at`: nothing before is caught up.
    """
    for declared in HOUSE_SCHEDULES:
        db.execute(_declaration(declared, at))
    own = schedules.c.code == schedules.c.does
    gone = schedules.c.code.not_in([declared.duty.value for declared in HOUSE_SCHEDULES])
    db.execute(update(schedules).where(own, gone, schedules.c.retired_at.is_(None)).values(retired_at=at))


def _declaration(declared: HouseSchedule, at: datetime) -> Any:
    phrase, catches_up = declared.phrase, declared.catches_up.value
    facts = {"phrase": phrase, "catches_up": catches_up, "arguments": declared.arguments, "starts_at": at}
    row = insert(schedules).values(code=declared.duty.value, does=declared.duty.value, **facts)
    differs = or_(schedules.c.phrase != phrase, schedules.c.catches_up != catches_up)
    return row.on_conflict_do_update(
        index_elements=["code"],
        set_={"phrase": phrase, "catches_up": catches_up, "retired_at": None, "starts_at": at},
        where=or_(schedules.c.retired_at.is_not(None), ~schedules.c.is_adjusted & differs),
    )
