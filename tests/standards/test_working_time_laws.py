"""Laws of working time, on many calendars and zones, against a plain walk through the same hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from standards.working_time.local_time import moment_at, start_of_day
from standards.working_time.open_time import OpenTime, Period
from standards.working_time.resolved_calendar import ResolvedCalendar, ResolvedDay
from standards.working_time.weekly_hours import DAY, Span, merge_overlaps

LAW = settings(deadline=None, max_examples=60)

ZONES = ("Europe/Vilnius", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC")
CHANGES = (
    date(2026, 3, 1),
    date(2026, 3, 22),
    date(2026, 4, 1),
    date(2026, 9, 1),
    date(2026, 9, 28),
    date(2026, 10, 20),
)
"""Beginnings of twenty days in one of which some of the zones change their clocks."""
LENGTH = 20
QUARTER = 900

SPAN = st.tuples(st.integers(0, 95), st.integers(1, 95)).map(lambda it: (it[0] * QUARTER, (it[0] + it[1]) * QUARTER))
HOURS = st.lists(SPAN, max_size=3).map(merge_overlaps)


def _calendar(zone: str, first: date, week: list[tuple[Span, ...]]) -> ResolvedCalendar:
    days = (first + timedelta(days=n) for n in range(LENGTH))
    return ResolvedCalendar(
        name="any",
        zone=ZoneInfo(zone),
        days=tuple(ResolvedDay(day=day, spans=week[day.toordinal() % len(week)]) for day in days),
    )


CALENDARS = st.builds(
    _calendar,
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.lists(HOURS, min_size=1, max_size=7).filter(any),
)
DAY_HOURS = st.lists(SPAN.map(lambda span: (span[0], min(span[1], DAY))), max_size=3).map(merge_overlaps)
DAY_WEEKS = st.lists(DAY_HOURS, min_size=1, max_size=7).filter(any)
DAY_CALENDARS = st.builds(_calendar, st.sampled_from(ZONES), st.sampled_from(CHANGES), DAY_WEEKS)
UTC_CALENDARS = st.builds(_calendar, st.just("UTC"), st.sampled_from(CHANGES), DAY_WEEKS)
MINUTES = st.integers(0, LENGTH * 24 * 60)


def _moment(calendar: ResolvedCalendar, minute: int) -> datetime:
    first = start_of_day(calendar.first_day, calendar.zone)
    end = start_of_day(calendar.last_day + timedelta(days=1), calendar.zone)
    return min(first + timedelta(minutes=minute), end)


def _walk(calendar: ResolvedCalendar) -> list[Period]:
    """Every open stretch, the slow way: day by day with the clock on the wall."""
    periods: list[Period] = []
    for day in calendar.days:
        midnight = datetime.combine(day.day, datetime.min.time())
        for start, end in day.spans:
            opens, closes = (moment_at(midnight + timedelta(seconds=clock), calendar.zone) for clock in (start, end))
            if opens < closes:
                periods.append((opens, closes))
    return periods


def _open_at(periods: list[Period], moment: datetime) -> bool:
    return any(start <= moment < end for start, end in periods)


def _union(periods: list[Period]) -> Iterator[Period]:
    edges = sorted({edge for period in periods for edge in period})
    return ((low, high) for low, high in pairwise(edges) if _open_at(periods, low))


def _measured(periods: list[Period], start: datetime, end: datetime) -> int:
    cut = ((max(low, start), min(high, end)) for low, high in _union(periods))
    return sum(int((high - low).total_seconds()) for low, high in cut if low < high)


@LAW
@given(CALENDARS, MINUTES, MINUTES)
def test_open_time_between_two_moments_is_what_a_walk_through_the_hours_finds(
    calendar: ResolvedCalendar, first: int, second: int
) -> None:
    """Stretches, gaps and overlaps, nights and changes of the clock included."""
    clock, periods = OpenTime.from_resolved(calendar), _walk(calendar)
    start, end = sorted((_moment(calendar, first), _moment(calendar, second)))

    assert clock.between(start, end) == _measured(periods, start, end)
    assert clock.between(end, start) == -clock.between(start, end)
    assert clock.is_open(start) == _open_at(periods, start)


@LAW
@given(CALENDARS, MINUTES, MINUTES, MINUTES)
def test_open_time_is_additive(calendar: ResolvedCalendar, first: int, second: int, third: int) -> None:
    """From a to b and from b to c is from a to c, in any order."""
    clock = OpenTime.from_resolved(calendar)
    a, b, c = (_moment(calendar, minute) for minute in (first, second, third))

    assert clock.between(a, b) + clock.between(b, c) == clock.between(a, c)


@LAW
@given(CALENDARS, MINUTES, MINUTES)
def test_what_was_added_is_measured_again(calendar: ResolvedCalendar, first: int, second: int) -> None:
    """Adding what lies between two moments, forward or back, and then measuring gives it again."""
    clock, start = OpenTime.from_resolved(calendar), _moment(calendar, first)
    amount = clock.between(start, _moment(calendar, second))
    assume(amount != 0)

    assert clock.between(start, clock.add(start, amount)) == amount


@LAW
@given(CALENDARS, MINUTES, MINUTES)
def test_time_is_used_up_at_the_first_moment_that_it_is(calendar: ResolvedCalendar, first: int, second: int) -> None:
    """A second before the due time something was left: so closing is due at closing."""
    clock = OpenTime.from_resolved(calendar)
    start, end = sorted((_moment(calendar, first), _moment(calendar, second)))
    amount = clock.between(start, end)
    assume(amount > 0)

    due = clock.add(start, amount)

    assert clock.between(start, due - timedelta(seconds=1)) == amount - 1


@LAW
@given(CALENDARS, st.lists(MINUTES, min_size=4, max_size=4).map(sorted))
def test_more_time_or_a_later_start_is_never_due_earlier(calendar: ResolvedCalendar, minutes: list[int]) -> None:
    """Adding is monotone in both."""
    clock = OpenTime.from_resolved(calendar)
    early, late, sooner, later = (_moment(calendar, minute) for minute in minutes)
    less, more = clock.between(late, sooner), clock.between(late, later)
    assume(less > 0)

    assert clock.add(early, less) <= clock.add(early, more)
    assert clock.add(early, less) <= clock.add(late, less)


@LAW
@given(CALENDARS, MINUTES)
def test_zero_is_the_moment_itself_if_open_else_the_next_opening(calendar: ResolvedCalendar, minute: int) -> None:
    """Backwards it is the last closing instead."""
    clock, start, periods = OpenTime.from_resolved(calendar), _moment(calendar, minute), _walk(calendar)
    openings = [opens for opens, _ in periods if opens >= start]
    closings = [closes for _, closes in periods if closes <= start]
    is_open = _open_at(periods, start)
    assume(is_open or (openings and closings))

    assert clock.add(start, 0) == (start if is_open else min(openings))
    assert clock.subtract(start, 0) == (start if is_open else max(closings))


def _mirrored(calendar: ResolvedCalendar) -> ResolvedCalendar:
    """The same hours read from the last midnight backwards."""
    spans = [tuple(sorted((DAY - end, DAY - start) for start, end in day.spans)) for day in reversed(calendar.days)]
    days = (ResolvedDay(day=day.day, spans=turned) for day, turned in zip(calendar.days, spans, strict=True))
    return ResolvedCalendar(name="mirror", zone=calendar.zone, days=tuple(days))


@LAW
@given(UTC_CALENDARS, st.integers(0, LENGTH * 24 * 60 - 1), st.integers(1, 40 * 3600), st.integers(1, 6))
def test_counting_backwards_is_the_mirror_image_of_counting_forward(
    calendar: ResolvedCalendar, minute: int, seconds: int, days: int
) -> None:
    """On the mirrored calendar, from the mirrored moment, hours and days lead to the mirrored answer."""
    clock, mirror = OpenTime.from_resolved(calendar), OpenTime.from_resolved(_mirrored(calendar))
    first, end = _moment(calendar, 0), _moment(calendar, LENGTH * 24 * 60)
    start = first + timedelta(minutes=minute, seconds=30)  # never on a boundary, where open and closed change sides
    turned = end - (start - first)
    day, last = start.date(), calendar.last_day

    if clock.between(start, end) >= seconds:
        assert mirror.subtract(turned, seconds) == end - (clock.add(start, seconds) - first)
    if clock.working_days_between(day, last) >= days:
        assert mirror.working_days_before(turned, days) == end - (clock.add_working_days(start, days) - first)


@LAW
@given(DAY_CALENDARS, MINUTES, st.integers(0, 6))
def test_a_working_day_is_due_at_the_end_of_its_hours(calendar: ResolvedCalendar, minute: int, count: int) -> None:
    """The nth date with open time after the starting day, found by walking; never before the start."""
    clock, start = OpenTime.from_resolved(calendar), _moment(calendar, minute)
    ends: dict[date, datetime] = {}
    for _, closes in _walk(calendar):
        ends[(closes - timedelta(seconds=1)).astimezone(calendar.zone).date()] = closes
    today = start.astimezone(calendar.zone).date()
    later = [close for day, close in sorted(ends.items()) if (day > today if count else close >= start)]
    assume(len(later) > max(count - 1, 0))

    assert clock.add_working_days(start, count) == later[max(count - 1, 0)]


def _array(moments: list[datetime]) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    return np.array([moment.replace(tzinfo=None) for moment in moments], dtype="datetime64[us]")


@LAW
@given(CALENDARS, st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=20))
def test_an_array_gives_what_each_moment_gives_alone(calendar: ResolvedCalendar, asked: list[tuple[int, int]]) -> None:
    """Adding an amount each, forward and back, adding one for all, and measuring."""
    clock, end = OpenTime.from_resolved(calendar), _moment(calendar, LENGTH * 24 * 60)
    pairs = [(_moment(calendar, one), _moment(calendar, other)) for one, other in asked]
    starts, others = [start for start, _ in pairs], [other for _, other in pairs]
    amounts = [clock.between(start, other) for start, other in pairs]
    inner = [index for index, start in enumerate(starts) if amounts[index] or clock.between(start, end)]
    early = [starts[index] for index in inner if clock.between(starts[index], end) >= 3600]

    measured = clock.between_many(_array(starts), _array(others))
    one_each = clock.add_seconds_many(_array([starts[it] for it in inner]), np.array([amounts[it] for it in inner]))
    an_hour = clock.add_seconds_many(_array(early), 3600)

    assert list(measured) == amounts
    assert list(one_each) == list(_array([clock.add(starts[it], amounts[it]) for it in inner]))
    assert list(an_hour) == list(_array([clock.add(start, 3600) for start in early]))


@LAW
@given(CALENDARS, st.lists(MINUTES, min_size=1, max_size=20), st.integers(0, 3))
def test_an_array_counts_the_days_each_moment_counts_alone(
    calendar: ResolvedCalendar, minutes: list[int], count: int
) -> None:
    """Forward and back, for one count and for one each."""
    clock = OpenTime.from_resolved(calendar)
    moments = [_moment(calendar, minute) for minute in minutes]
    ahead = [it for it in moments if clock.between(it, _moment(calendar, LENGTH * 24 * 60)) > (count + 2) * 86_400]
    behind = [it for it in moments if clock.between(_moment(calendar, 0), it) > (count + 2) * 86_400]

    after = clock.add_working_days_many(_array(ahead), count)
    before = clock.working_days_before_many(_array(behind), np.full(len(behind), count))

    assert list(after) == list(_array([clock.add_working_days(moment, count) for moment in ahead]))
    assert list(before) == list(_array([clock.working_days_before(moment, count) for moment in behind]))


@LAW
@given(CALENDARS, MINUTES, MINUTES, st.lists(st.tuples(MINUTES, MINUTES), max_size=4))
def test_cutting_out_absences_leaves_the_time_outside_them(
    calendar: ResolvedCalendar, first: int, second: int, away: list[tuple[int, int]]
) -> None:
    """Compared with the hours minus the absences, minute by minute where either begins or ends."""
    clock, periods = OpenTime.from_resolved(calendar), _walk(calendar)
    absences = [(_moment(calendar, min(both)), _moment(calendar, max(both))) for both in away]
    start, end = sorted((_moment(calendar, first), _moment(calendar, second)))
    edges = sorted({start, end, *(edge for period in (*periods, *absences) for edge in period)})
    left = sum(
        int((high - low).total_seconds())
        for low, high in pairwise(edges)
        if start <= low and high <= end and _open_at(periods, low) and not _open_at(absences, low)
    )

    assert clock.without(absences).between(start, end) == left


NIGHTS = [
    ("Europe/Vilnius", date(2026, 3, 29), 23),
    ("Europe/Vilnius", date(2026, 10, 25), 25),
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("America/Santiago", date(2026, 9, 6), 23),
    ("America/Santiago", date(2026, 4, 4), 25),
]


@pytest.mark.parametrize(("zone", "night", "hours"), NIGHTS)
def test_a_day_has_as_many_hours_as_it_really_has(zone: str, night: date, hours: float) -> None:
    """23, 24½ or 25; and its date is one working day, neither none nor two."""
    week: list[tuple[Span, ...]] = [((0, DAY),)]
    calendar = _calendar(zone, night - timedelta(days=9), week)
    clock = OpenTime.from_resolved(calendar)
    start, end = clock.days_as_period(night, night)

    assert clock.between(start, end) == hours * 3600
    assert clock.working_days_between(night - timedelta(days=1), night) == 1
    assert clock.add_working_days(start, 1) == clock.days_as_period(night, night + timedelta(days=1))[1]
    assert clock.open_intervals(start, until=end) == [(start, end)]


def test_hours_that_end_in_a_gap_before_they_begin_are_no_hours() -> None:
    """On 29 March 2026 in Vilnius 03:30 becomes 04:30: nothing of 03:30-04:15 is left."""
    week: list[tuple[Span, ...]] = [((3 * 3600 + 1800, 4 * 3600 + 900),)]
    clock = OpenTime.from_resolved(_calendar("Europe/Vilnius", date(2026, 3, 22), week))

    opened = clock.next_open(datetime(2026, 3, 28, 12, tzinfo=UTC))

    assert opened == datetime(2026, 3, 30, 3, 30, tzinfo=ZoneInfo("Europe/Vilnius"))
    assert not clock.is_working_day(date(2026, 3, 29))


def test_hours_in_the_repeated_hour_begin_with_the_first_of_the_two() -> None:
    """On 25 October 2026 in Vilnius 03:30-05:00 lasts two and a half hours."""
    week: list[tuple[Span, ...]] = [((3 * 3600 + 1800, 5 * 3600),)]
    clock = OpenTime.from_resolved(_calendar("Europe/Vilnius", date(2026, 10, 20), week))

    assert clock.between(*clock.days_as_period(date(2026, 10, 25), date(2026, 10, 25))) == 2.5 * 3600
