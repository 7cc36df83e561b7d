"""Schedules are read as phrases and ring once for each local date, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.working_time.schedule import Rhythm, Schedule, ScheduleNotUnderstood, parse_schedule

LAW = settings(deadline=None, max_examples=60)

VILNIUS = ZoneInfo("Europe/Vilnius")
NEW_YORK = ZoneInfo("America/New_York")
SANTIAGO = ZoneInfo("America/Santiago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def _local(moments: list[datetime], zone: ZoneInfo) -> list[str]:
    return [f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}" for moment in moments]


def _ringings(phrase: str, first: str, last: str, zone: ZoneInfo) -> list[str]:
    after, until = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (first, last))
    return _local(parse_schedule(phrase).ringings(after, until, zone, lambda day: day.weekday() < 5), zone)


@pytest.mark.parametrize(
    ("phrase", "first", "last", "expected"),
    [
        ("every monday at 06:00", "2026-03-01", "2026-03-15", ["Mon 2026-03-02 06:00", "Mon 2026-03-09 06:00"]),
        ("every day at 06:00", "2026-03-01", "2026-03-03", ["Sun 2026-03-01 06:00", "Mon 2026-03-02 06:00"]),
        ("every working day at 07:30", "2026-03-06", "2026-03-10", ["Fri 2026-03-06 07:30", "Mon 2026-03-09 07:30"]),
        (
            "every month on the 1st at 06:00",
            "2026-03-01",
            "2026-04-02",
            ["Sun 2026-03-01 06:00", "Wed 2026-04-01 06:00"],
        ),
        (
            "every month on the 31st at 06:00",
            "2026-01-01",
            "2026-03-01",
            ["Sat 2026-01-31 06:00", "Sat 2026-02-28 06:00"],
        ),
        ("every month on the last day at 06:00", "2026-04-01", "2026-05-01", ["Thu 2026-04-30 06:00"]),
        (
            "every tuesday and friday at 14:05",
            "2026-03-02",
            "2026-03-08",
            ["Tue 2026-03-03 14:05", "Fri 2026-03-06 14:05"],
        ),
        ("every 6 hours", "2026-03-02", "2026-03-02T13:00", ["Mon 2026-03-02 06:00", "Mon 2026-03-02 12:00"]),
    ],
)
def test_a_schedule_rings_when_its_phrase_says(phrase: str, first: str, last: str, expected: list[str]) -> None:
    """From, not included, to, included; and the phrase reads back as it was written."""
    assert _ringings(phrase, first, last, VILNIUS) == expected
    assert str(parse_schedule(phrase)) == phrase


@pytest.mark.parametrize(
    ("phrase", "read"),
    [
        ("every 15 minutes", Schedule(rhythm=Rhythm.EVERY_FEW_MINUTES, minutes=15)),
        ("every hour", Schedule(rhythm=Rhythm.EVERY_FEW_MINUTES, minutes=60)),
        ("Every  Monday at 6:00", Schedule(rhythm=Rhythm.WEEKLY, at=time(6), weekdays=(0,))),
        (
            "every friday, monday and wednesday at 06:00",
            Schedule(rhythm=Rhythm.WEEKLY, at=time(6), weekdays=(0, 2, 4)),
        ),
    ],
)
def test_a_phrase_is_read_whatever_its_spacing_and_order(phrase: str, read: Schedule) -> None:
    """Weekdays stand in the order of the week."""
    assert parse_schedule(phrase) == read
    assert parse_schedule(str(read)) == read


def test_a_ringing_at_the_moment_itself_has_been() -> None:
    """Only what comes strictly after counts: so one ringing is never claimed twice."""
    ringing = datetime(2026, 3, 2, 4, tzinfo=UTC)

    following = parse_schedule("every monday at 06:00").next_after(ringing, VILNIUS)

    assert following == ringing + timedelta(days=7)


@pytest.mark.parametrize(
    ("zone", "clock", "first", "expected"),
    [
        (VILNIUS, "03:30", "2026-03-28", ["Sat 2026-03-28 03:30", "Sun 2026-03-29 04:30", "Mon 2026-03-30 03:30"]),
        (VILNIUS, "03:30", "2026-10-24", ["Sat 2026-10-24 03:30", "Sun 2026-10-25 03:30", "Mon 2026-10-26 03:30"]),
        (NEW_YORK, "02:30", "2026-03-07", ["Sat 2026-03-07 02:30", "Sun 2026-03-08 03:30", "Mon 2026-03-09 02:30"]),
        (
            SANTIAGO,
            "00:00",
            "2026-09-04T12:00",
            ["Sat 2026-09-05 00:00", "Sun 2026-09-06 01:00", "Mon 2026-09-07 00:00"],
        ),
        (LORD_HOWE, "02:15", "2026-10-03", ["Sat 2026-10-03 02:15", "Sun 2026-10-04 02:45", "Mon 2026-10-05 02:15"]),
    ],
)
def test_a_daily_schedule_rings_once_on_the_night_the_clocks_change(
    zone: ZoneInfo, clock: str, first: str, expected: list[str]
) -> None:
    """A time that does not exist moves forward by the gap; of one that exists twice the first counts."""
    start = datetime.fromisoformat(first)

    rung = _ringings(f"every day at {clock}", first, (start + timedelta(days=3)).isoformat(), zone)

    assert rung == expected


def test_the_first_of_two_equal_clock_times_rings() -> None:
    """On 25 October 2026 it is half past three twice in Vilnius: in summer time, at 00:30 UTC, it rings."""
    night = datetime(2026, 10, 24, 12, tzinfo=UTC)

    assert parse_schedule("every day at 03:30").next_after(night, VILNIUS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hourly_schedule_has_a_ringing_for_every_real_hour() -> None:
    """The autumn day has 25 hours, the spring day 23."""
    schedule = parse_schedule("every hour")

    days = [
        len(schedule.ringings(start - timedelta(seconds=1), end - timedelta(seconds=1), VILNIUS))
        for start, end in (
            (datetime(2026, 10, 25, tzinfo=VILNIUS), datetime(2026, 10, 26, tzinfo=VILNIUS)),
            (datetime(2026, 3, 29, tzinfo=VILNIUS), datetime(2026, 3, 30, tzinfo=VILNIUS)),
        )
    ]

    assert days == [25, 23]


@LAW
@given(
    st.sampled_from([VILNIUS, NEW_YORK, SANTIAGO, LORD_HOWE]),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - hypothesis adds the zone below
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_a_daily_schedule_rings_once_for_each_date(zone: ZoneInfo, start: datetime, clock: time) -> None:
    """Ten days, ten ringings, each the first moment at or after its clock time on its date."""
    schedule = Schedule(rhythm=Rhythm.DAILY, at=clock)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)

    rung = schedule.ringings(midnight - timedelta(seconds=1), midnight + timedelta(days=10, seconds=-1), zone)

    shown = [moment.astimezone(zone).date() for moment in rung]
    assert len(shown) == len(set(shown))
    assert len(shown) == 10


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        (
            "every monday",
            (
                "'every monday' is not a schedule. Write every monday at 06:00, every working day at 07:30, "
                "every month on the 1st at 06:00 or every 15 minutes."
            ),
        ),
        (
            "every mondey at 06:00",
            "'every mondey at 06:00' rings on 'mondey', which is no day taktas knows; did you mean monday?",
        ),
        ("every day at 25:00", "'every day at 25:00' has no time of day between 00:00 and 23:59."),
        (
            "every 7 minutes",
            "'every 7 minutes' does not divide a day evenly. Write every 15 minutes or every 2 hours.",
        ),
        (
            "every month on the 32nd at 06:00",
            "'every month on the 32nd at 06:00' names a day no month has. Write the 1st to the 31st, or the last day.",
        ),
    ],
)
def test_what_is_no_schedule_is_refused_in_plain_words(phrase: str, message: str) -> None:
    """Each refusal shows how it is written."""
    with pytest.raises(ScheduleNotUnderstood) as refused:
        parse_schedule(phrase)

    assert str(refused.value) == message


def test_working_days_cannot_ring_without_a_calendar() -> None:
    """Which days are working days is for the calendar to say."""
    schedule = parse_schedule("every working day at 07:30")

    with pytest.raises(ScheduleNotUnderstood) as refused:
        schedule.next_after(datetime(2026, 3, 2, tzinfo=UTC), VILNIUS)

    assert schedule.needs_calendar
    assert str(refused.value) == (
        "every working day at 07:30 needs a calendar to know its working days. Give the house's calendar."
    )


def test_a_schedule_that_never_rings_is_refused() -> None:
    """An endless search ends after four years."""
    schedule = parse_schedule("every working day at 07:30")

    def never(_: date) -> bool:
        return False

    with pytest.raises(ScheduleNotUnderstood) as refused:
        schedule.next_after(datetime(2026, 3, 2, tzinfo=UTC), VILNIUS, never)

    assert str(refused.value) == (
        "every working day at 07:30 does not ring once in four years after 2026-03-02. Change its days."
    )


@pytest.mark.parametrize("phrase", ["every day at 03:30", "every 15 minutes", "every working day at 07:30"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-01"])
def test_the_last_ringing_is_the_last_of_all(phrase: str, day: str) -> None:
    """Looking back finds what counting forward ends with, also on the nights when the clocks change."""
    schedule = parse_schedule(phrase)
    until = datetime.fromisoformat(f"{day}T05:00").replace(tzinfo=VILNIUS)
    after = until - timedelta(days=4)

    last = schedule.last_until(until, VILNIUS, lambda date: date.weekday() < 5, after=after)

    assert last == schedule.ringings(after, until, VILNIUS, lambda date: date.weekday() < 5)[-1]


def test_there_is_no_last_ringing_where_none_lies_between() -> None:
    """Between Tuesday and Saturday no Monday rings."""
    tuesday = datetime(2026, 3, 3, tzinfo=UTC)

    last = parse_schedule("every monday at 06:00").last_until(tuesday + timedelta(days=4), VILNIUS, after=tuesday)

    assert last is None
