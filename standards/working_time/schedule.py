"""Schedules as people write them, and the moments at which they ring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from core.errors import TaktasError, did_you_mean
from standards.working_time.local_time import moment_at, start_of_day, wall_clock

IsOpenDay = Callable[[date], bool]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60
LONGEST_SILENCE = 1500
"""Days without a ringing after which a schedule is held to be dead: four years, a leap day included."""

_SPAN = re.compile(r"every (?:(?P<count>\d+) )?(?P<unit>minute|hour)s?")
_TIMED = re.compile(r"every (?P<days>.+?) at (?P<hour>\d{1,2}):(?P<minute>\d{2})")
_MONTHLY = re.compile(r"month on the (?:(?P<number>\d{1,2})(?:st|nd|rd|th)|last day)")


class ScheduleNotUnderstood(TaktasError, ValueError):
    """A schedule cannot be read, or cannot be followed."""


class Rhythm(StrEnum):
    """On which days a schedule rings."""

    EVERY_FEW_MINUTES = "every few minutes"
    DAILY = "day"
    WORKING_DAYS = "working day"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`minutes` belongs to EVERY_FEW_MINUTES, `at` to all others; `month_day` None means the month's last day."""

    rhythm: Rhythm
    at: time = time(0)
    minutes: int = 0
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None

    def __str__(self) -> str:
        """As it is written: `every monday at 06:00`."""
        if self.rhythm is Rhythm.EVERY_FEW_MINUTES:
            count, unit = (self.minutes // 60, "hour") if self.minutes % 60 == 0 else (self.minutes, "minute")
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        return f"every {self._days()} at {self.at:%H:%M}"

    def _days(self) -> str:
        if self.rhythm is Rhythm.WEEKLY:
            return " and ".join(WEEKDAYS[number] for number in self.weekdays)
        if self.rhythm is Rhythm.MONTHLY:
            return f"month on the {_ordinal(self.month_day) if self.month_day else 'last day'}"
        return self.rhythm.value

    @property
    def needs_calendar(self) -> bool:
        """Can only ring when it is told which days are open."""
        return self.rhythm is Rhythm.WORKING_DAYS

    def next_after(self, moment: datetime, zone: ZoneInfo, is_open_day: IsOpenDay | None = None) -> datetime:
        """The first ringing strictly after `moment`, in UTC. `is_open_day` is asked by `every working day` only.

        Raises: ScheduleNotUnderstood when it needs a calendar and has none, or rings on no day for four years.
        """
        return next(self._endless(moment, zone, is_open_day))

    def last_until(
        self, moment: datetime, zone: ZoneInfo, is_open_day: IsOpenDay | None = None, *, after: datetime
    ) -> datetime | None:
        """The latest ringing later than `after` and not later than `moment`, in UTC; None where there is none.

        Raises: ScheduleNotUnderstood when it needs a calendar and has none.
        """
        self._refuse_without_calendar(is_open_day)
        day, first = (wall_clock(edge, zone).date() for edge in (moment, after))
        while day >= first - timedelta(days=1):  # a time that does not exist may have moved into the next date
            if self._rings_on(day, is_open_day):
                rung = [ringing for ringing in self._moments_of(day, zone) if after < ringing <= moment]
                if rung:
                    return rung[-1]
            day -= timedelta(days=1)
        return None

    def ringings(
        self, after: datetime, until: datetime, zone: ZoneInfo, is_open_day: IsOpenDay | None = None
    ) -> list[datetime]:
        """Every ringing later than `after` and not later than `until`, in UTC. Raises: as `next_after`."""
        return list(takewhile(lambda ringing: ringing <= until, self._endless(after, zone, is_open_day)))

    def _endless(self, after: datetime, zone: ZoneInfo, is_open_day: IsOpenDay | None) -> Iterator[datetime]:
        self._refuse_without_calendar(is_open_day)
        # A time that does not exist moves forward, at worst into the next date: so yesterday is looked at too.
        day, last, silent = wall_clock(after, zone).date() - timedelta(days=1), after, 0
        while silent < LONGEST_SILENCE:
            silent += 1
            for ringing in self._moments_of(day, zone) if self._rings_on(day, is_open_day) else ():
                if ringing > last:
                    yield ringing
                    last, silent = ringing, 0
            day += timedelta(days=1)
        raise ScheduleNotUnderstood(f"{self} does not ring once in four years after {last:%Y-%m-%d}. Change its days.")

    def _refuse_without_calendar(self, is_open_day: IsOpenDay | None) -> None:
        if self.needs_calendar and is_open_day is None:
            raise ScheduleNotUnderstood(f"{self} needs a calendar to know its working days. Give the house's calendar.")

    def _rings_on(self, day: date, is_open_day: IsOpenDay | None) -> bool:
        match self.rhythm:
            case Rhythm.WEEKLY:
                return day.weekday() in self.weekdays
            case Rhythm.MONTHLY:
                last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
                return day.day == min(self.month_day or 31, last.day)
            case Rhythm.WORKING_DAYS:
                return is_open_day is not None and is_open_day(day)
            case _:
                return True

    def _moments_of(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        if self.rhythm is not Rhythm.EVERY_FEW_MINUTES:
            yield moment_at(datetime.combine(day, self.at), zone)
            return
        ringing, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        while ringing < end:
            yield ringing
            ringing += timedelta(minutes=self.minutes)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number < 14 else ending}"


def parse_schedule(text: str) -> Schedule:
    """A schedule from its phrase.

    `every monday at 06:00`, `every monday and thursday at 06:00`, `every working day at 07:30`, `every day at 06:00`,
    `every month on the 1st at 06:00`, `every month on the last day at 06:00`, `every 15 minutes`, `every hour`.

    Raises: ScheduleNotUnderstood.
    """
    words = " ".join(str(text).lower().split())
    span = _SPAN.fullmatch(words)
    if span is not None:
        return _every_few_minutes(int(span["count"] or 1) * (60 if span["unit"] == "hour" else 1), text)
    timed = _TIMED.fullmatch(words)
    if timed is None:
        raise ScheduleNotUnderstood(
            f"{text!r} is not a schedule. Write every monday at 06:00, every working day at 07:30, "
            "every month on the 1st at 06:00 or every 15 minutes."
        )
    return _on_days(timed["days"], _clock(timed["hour"], timed["minute"], text), text)


def _every_few_minutes(minutes: int, text: str) -> Schedule:
    if minutes == 0 or MINUTES_A_DAY % minutes:
        raise ScheduleNotUnderstood(f"{text!r} does not divide a day evenly. Write every 15 minutes or every 2 hours.")
    return Schedule(rhythm=Rhythm.EVERY_FEW_MINUTES, minutes=minutes)


def _clock(hour: str, minute: str, text: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError as error:
        raise ScheduleNotUnderstood(f"{text!r} has no time of day between 00:00 and 23:59.") from error


def _on_days(days: str, at: time, text: str) -> Schedule:
    if days in {Rhythm.DAILY, Rhythm.WORKING_DAYS}:
        return Schedule(rhythm=Rhythm(days), at=at)
    monthly = _MONTHLY.fullmatch(days)
    if monthly is not None:
        return Schedule(rhythm=Rhythm.MONTHLY, at=at, month_day=_month_day(monthly["number"], text))
    weekdays = sorted({_weekday(word, text) for word in re.split(r"\s*,\s*|\s+and\s+", days)})
    return Schedule(rhythm=Rhythm.WEEKLY, at=at, weekdays=tuple(weekdays))


def _month_day(number: str | None, text: str) -> int | None:
    if number is None:
        return None
    if not 1 <= int(number) <= 31:
        raise ScheduleNotUnderstood(f"{text!r} names a day no month has. Write the 1st to the 31st, or the last day.")
    return int(number)


def _weekday(word: str, text: str) -> int:
    if word not in WEEKDAYS:
        hint = did_you_mean(word, (*WEEKDAYS, "day", "working day")) or "."
        raise ScheduleNotUnderstood(f"{text!r} rings on {word!r}, which is no day taktas knows{hint}")
    return WEEKDAYS.index(word)
