"""A schedule as Prefect can follow it: it may call too often, never too seldom; what is due our own table decides."""

from __future__ import annotations

from math import gcd

from standards.working_time.schedule import Rhythm, Schedule

LAST_DAYS = 28


def as_cron(schedule: Schedule) -> str:
    """Five fields of cron, on the house's clock, that call at every ringing of the schedule.

    Working days are called every day, the end of a month on each day that can be its last.
    """
    if schedule.rhythm is Rhythm.EVERY_FEW_MINUTES:
        return _every(schedule.minutes)
    days = "*" if schedule.rhythm is not Rhythm.MONTHLY else _month_days(schedule.month_day)
    weekdays = ",".join(str((number + 1) % 7) for number in schedule.weekdays) or "*"
    return f"{schedule.at.minute} {schedule.at.hour} {days} * {weekdays}"


def _every(minutes: int) -> str:
    if minutes % 60 == 0:
        return "0 * * * *" if minutes == 60 else f"0 */{minutes // 60} * * *" if minutes < 1440 else "0 0 * * *"
    step = gcd(minutes, 60)
    return "* * * * *" if step == 1 else f"*/{step} * * * *"


def _month_days(day: int | None) -> str:
    last = day or 31
    return str(last) if last <= LAST_DAYS else f"{LAST_DAYS}-{last}"
