"""Due times on a calendar: what each written duration means, counted from moments, dates and anchors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.duration import parse_anchored, parse_duration
from standards.working_time.local_time import DateOutOfReach, SpanNotUnderstood, add_wall, moment_at, parse_wall_span
from standards.working_time.open_time import BeyondCalendar, DateEdge, OpenTime, has_room

VILNIUS = ZoneInfo("Europe/Vilnius")
WEEKDAYS = {"monday to friday": "09:00-17:00"}


def _open_time(hours: dict[str, Any], zone: str = "Europe/Vilnius", **facts: Any) -> OpenTime:
    definition = CalendarDefinition.model_validate({"calendar": "house", "zone": zone, "hours": hours, **facts})
    return OpenTime.from_resolved(resolve([definition], date(2025, 1, 1), date(2027, 12, 31)))


@pytest.fixture(scope="module")
def clock() -> OpenTime:
    """Monday to Friday, nine to five, in Vilnius; closed on Wednesday 18 March 2026."""
    return _open_time(WEEKDAYS, closed_days={"2026-03-18": "Team day"})


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VILNIUS)


def _shown(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return f"{moment.astimezone(VILNIUS):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-03-06T15:00", "4 working hours", "Mon 2026-03-09 11:00"),
        ("2026-03-06T15:00", "2 working hours", "Fri 2026-03-06 17:00"),
        ("2026-03-07T12:00", "1 working hour", "Mon 2026-03-09 10:00"),
        ("2026-03-06T16:50", "20 working minutes", "Mon 2026-03-09 09:10"),
        ("2026-03-06T12:00", "0 working hours", "Fri 2026-03-06 12:00"),
        ("2026-03-06T17:00", "0 working hours", "Mon 2026-03-09 09:00"),
        ("2026-03-06T12:00", "2 working days", "Tue 2026-03-10 17:00"),
        ("2026-03-06T23:00", "2 working days", "Tue 2026-03-10 17:00"),
        ("2026-03-07T12:00", "2 working days", "Tue 2026-03-10 17:00"),
        ("2026-03-16T12:00", "2 working days", "Thu 2026-03-19 17:00"),
        ("2026-03-06T12:00", "0 working days", "Fri 2026-03-06 17:00"),
        ("2026-03-06T17:01", "0 working days", "Mon 2026-03-09 17:00"),
        ("2026-03-02T10:15", "10 days", "Thu 2026-03-12 10:15"),
        ("2026-03-04T10:15", "10 days", "Mon 2026-03-16 10:15"),
        ("2026-03-04T10:15", "10 days, keep", "Sat 2026-03-14 10:15"),
        ("2026-03-04T10:15", "2 weeks", "Thu 2026-03-19 10:15"),
        ("2026-01-30T10:15", "1 month", "Mon 2026-03-02 10:15"),
        ("2026-01-31T10:15", "1 month, keep", "Sat 2026-02-28 10:15"),
        ("2026-02-10T22:00", "1 year", "Wed 2027-02-10 22:00"),
        ("2026-03-07T12:00", "0 days", "Mon 2026-03-09 12:00"),
        ("2026-03-06T16:50", "30 minutes", "Fri 2026-03-06 17:20"),
        ("2026-03-06T16:50", "36 hours", "Sun 2026-03-08 04:50"),
    ],
)
def test_a_duration_after_a_moment(clock: OpenTime, start: str, duration: str, due: str) -> None:
    """Working units count open time; plain days keep the clock time and move off closed days."""
    assert _shown(clock.add_duration(_at(start), parse_duration(duration))) == due


@pytest.mark.parametrize(
    ("end", "duration", "moment"),
    [
        ("2026-03-09T11:00", "4 working hours", "Fri 2026-03-06 15:00"),
        ("2026-03-09T11:00", "2 working hours", "Mon 2026-03-09 09:00"),
        ("2026-03-08T11:00", "0 working hours", "Fri 2026-03-06 17:00"),
        ("2026-03-09T11:00", "3 working days", "Wed 2026-03-04 09:00"),
        ("2026-03-20T11:00", "3 working days", "Mon 2026-03-16 09:00"),
        ("2026-03-08T11:00", "1 working day", "Fri 2026-03-06 09:00"),
        ("2026-03-09T11:00", "0 working days", "Mon 2026-03-09 09:00"),
        ("2026-03-09T08:59", "0 working days", "Fri 2026-03-06 09:00"),
        ("2026-03-17T10:15", "10 days", "Fri 2026-03-06 10:15"),
        ("2026-03-17T10:15", "10 days, keep", "Sat 2026-03-07 10:15"),
        ("2026-03-31T10:15", "1 month", "Fri 2026-02-27 10:15"),
        ("2026-03-09T00:10", "30 minutes", "Sun 2026-03-08 23:40"),
    ],
)
def test_a_duration_before_a_moment_is_the_mirror_image(clock: OpenTime, end: str, duration: str, moment: str) -> None:
    """The opening of the nth working day before; a closed day becomes the previous open day."""
    assert _shown(clock.subtract_duration(_at(end), parse_duration(duration))) == moment


@pytest.mark.parametrize(
    ("anchored", "moment"),
    [
        ("2 working days after term.expires_on", "Thu 2026-03-12 17:00"),
        ("0 working days after term.expires_on", "Tue 2026-03-10 17:00"),
        ("2 working days before term.expires_on", "Fri 2026-03-06 09:00"),
        ("0 working days before term.expires_on", "Tue 2026-03-10 09:00"),
        ("4 working hours after term.expires_on", "Wed 2026-03-11 13:00"),
        ("4 working hours before term.expires_on", "Mon 2026-03-09 13:00"),
        ("4 days after term.expires_on", "Tue 2026-03-17 00:00"),
        ("4 days after term.expires_on, keep", "Sun 2026-03-15 00:00"),
        ("2 days before term.expires_on", "Fri 2026-03-06 00:00"),
        ("1 month before term.expires_on", "Tue 2026-02-10 00:00"),
        ("1 hour after term.expires_on", "Wed 2026-03-11 01:00"),
        ("1 hour before term.expires_on", "Mon 2026-03-09 23:00"),
        ("term.expires_on", "Wed 2026-03-11 00:00"),
    ],
)
def test_counting_from_a_date_starts_at_its_end_and_backward_at_its_start(
    clock: OpenTime, anchored: str, moment: str
) -> None:
    """From Tuesday 10 March 2026; the end of a date is the beginning of the next."""
    assert _shown(clock.resolve_anchor(parse_anchored(anchored), date(2026, 3, 10))) == moment


def test_a_bare_date_can_mean_its_start() -> None:
    """A limit is the end of a date, a beginning its start."""
    clock, expiry = _open_time(WEEKDAYS), parse_anchored("term.expires_on")

    assert _shown(clock.resolve_anchor(expiry, date(2026, 3, 10), bare_date=DateEdge.START)) == "Tue 2026-03-10 00:00"


@pytest.mark.parametrize(
    ("anchored", "moment"),
    [
        ("complaint.received_at", "Tue 2026-03-10 15:00"),
        ("4 working hours after complaint.received_at", "Wed 2026-03-11 11:00"),
        ("1 working day before complaint.received_at", "Mon 2026-03-09 09:00"),
    ],
)
def test_an_anchor_can_be_a_moment(clock: OpenTime, anchored: str, moment: str) -> None:
    """Then counting starts at that moment."""
    assert _shown(clock.resolve_anchor(parse_anchored(anchored), _at("2026-03-10T15:00"))) == moment


def test_sixty_days_are_sixty_dates_later_also_across_the_change_of_clocks(clock: OpenTime) -> None:
    """From 2 March to 1 May: 60 dates, one hour less of real time."""
    start = _at("2026-03-02T10:00")

    due = clock.add_duration(start, parse_duration("60 days, keep"))

    assert _shown(due) == "Fri 2026-05-01 10:00"
    assert due - start == timedelta(days=60, hours=-1)


def test_open_time_is_measured_between_moments_and_negative_backwards(clock: OpenTime) -> None:
    """A week has forty hours, whichever way it is looked at."""
    start, end = _at("2026-03-02T00:00"), _at("2026-03-09T00:00")

    assert (clock.between(start, end), clock.between(end, start), clock.between(start, start)) == (144_000, -144_000, 0)


def test_closing_time_is_no_longer_open(clock: OpenTime) -> None:
    """Opening time is."""
    moments = ("2026-03-06T08:59", "2026-03-06T09:00", "2026-03-06T16:59", "2026-03-06T17:00", "2026-03-07T12:00")

    assert [clock.is_open(_at(moment)) for moment in moments] == [False, True, True, False, False]


def test_openings_and_closings_are_found_from_any_moment(clock: OpenTime) -> None:
    """Boundaries lie strictly after; an open moment is its own next and previous open moment."""
    friday_noon, friday_close, sunday = (_at(f"2026-03-0{rest}") for rest in ("6T12:00", "6T17:00", "8T12:00"))

    assert _shown(clock.next_open(friday_noon)) == "Fri 2026-03-06 12:00"
    assert _shown(clock.next_open(friday_close)) == "Mon 2026-03-09 09:00"
    assert _shown(clock.previous_open(friday_noon)) == "Fri 2026-03-06 12:00"
    assert _shown(clock.previous_open(friday_close)) == "Fri 2026-03-06 17:00"
    assert _shown(clock.previous_open(sunday)) == "Fri 2026-03-06 17:00"
    assert _shown(clock.next_open_boundary(friday_noon)) == "Mon 2026-03-09 09:00"
    assert _shown(clock.next_close(friday_noon)) == "Fri 2026-03-06 17:00"
    assert _shown(clock.next_close(friday_close)) == "Mon 2026-03-09 17:00"


def test_hours_that_touch_close_only_when_both_are_over() -> None:
    """A day open to midnight and the next from midnight on have one closing."""
    clock = _open_time({"monday": "09:00-24:00", "tuesday": "00:00-03:00, 03:00-05:00"})

    assert _shown(clock.next_close(_at("2026-03-02T12:00"))) == "Tue 2026-03-03 05:00"
    assert _shown(clock.next_open_boundary(_at("2026-03-02T12:00"))) == "Mon 2026-03-09 09:00"
    assert len(clock.open_intervals(_at("2026-03-02T12:00"), until=_at("2026-03-04T00:00"))) == 3


def test_open_stretches_are_cut_at_both_ends(clock: OpenTime) -> None:
    """From Thursday noon to Friday noon there are two halves of a day."""
    stretches = clock.open_intervals(_at("2026-03-05T12:00"), until=_at("2026-03-06T12:00"))

    assert [(_shown(start), _shown(end)) for start, end in stretches] == [
        ("Thu 2026-03-05 12:00", "Thu 2026-03-05 17:00"),
        ("Fri 2026-03-06 09:00", "Fri 2026-03-06 12:00"),
    ]
    assert clock.open_intervals(_at("2026-03-05T12:00"), count=1) == stretches[:1]


def test_working_days_are_counted_between_dates(clock: OpenTime) -> None:
    """The first date is not counted, the last one is; backwards it is negative."""
    monday, next_monday, saturday = date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 7)

    assert clock.working_days_between(monday, next_monday) == 5
    assert clock.working_days_between(next_monday, monday) == -5
    assert clock.working_days_between(saturday, next_monday) == 1
    assert clock.working_day_after(monday, 5) == next_monday
    assert clock.working_day_before(next_monday, 5) == monday
    assert [clock.is_working_day(day) for day in (monday, saturday, date(2026, 3, 18))] == [True, False, False]


def test_the_last_resolved_day_is_known_to_be_closed() -> None:
    """That it has no open time after it does not matter."""
    definition = CalendarDefinition.model_validate({"calendar": "house", "zone": "UTC", "hours": WEEKDAYS})

    clock = OpenTime.from_resolved(resolve([definition], date(2026, 3, 2), date(2026, 3, 8)))

    assert not clock.is_working_day(date(2026, 3, 8))
    for beyond in (date(2026, 3, 1), date(2026, 3, 9)):
        with pytest.raises(BeyondCalendar):
            clock.is_working_day(beyond)


def test_a_working_day_knows_its_opening_and_closing() -> None:
    """A closed day has neither."""
    clock = _open_time({"mon": "09:00-12:00, 13:00-17:00", "tue": "22:00-06:00"})

    assert _shown(clock.opening_of(date(2026, 3, 2))) == "Mon 2026-03-02 09:00"
    assert _shown(clock.closing_of(date(2026, 3, 2))) == "Mon 2026-03-02 17:00"
    assert _shown(clock.closing_of(date(2026, 3, 3))) == "Wed 2026-03-04 06:00"
    with pytest.raises(ValueError, match=r"^2026-03-04 has no working time\. Ask for a working day\.$"):
        clock.opening_of(date(2026, 3, 4))


def test_a_start_within_a_night_shift_counts_to_the_day_the_shift_began() -> None:
    """At three on Tuesday it is still Monday's shift: one working day later is the end of Tuesday's."""
    clock = _open_time({"monday to friday": "22:00-06:00"})
    night = _at("2026-03-03T03:00")

    assert _shown(clock.add_working_days(night, 1)) == "Wed 2026-03-04 06:00"
    assert _shown(clock.add_working_days(night, 0)) == "Tue 2026-03-03 06:00"
    assert _shown(clock.working_days_before(night, 1)) == "Fri 2026-02-27 22:00"
    assert _shown(clock.add_working_days(_at("2026-03-03T12:00"), 1)) == "Thu 2026-03-05 06:00"
    assert _shown(clock.resolve_anchor(parse_anchored("1 working day before term.ends_on"), date(2026, 3, 4))) == (
        "Tue 2026-03-03 22:00"
    )


def test_hours_of_one_night_that_overlap_the_next_morning_count_once() -> None:
    """Monday's shift runs to six, Tuesday's begins at five: the hour is there once."""
    clock = _open_time({"mon": "22:00-06:00", "tue": "05:00-13:00"})

    assert clock.between(_at("2026-03-02T12:00"), _at("2026-03-04T00:00")) == 15 * 3600


def test_a_gap_in_the_clock_does_not_mix_up_the_days_of_a_night_shift() -> None:
    """On 29 March 2026 the rest of Saturday's shift, from 03:30, begins at 04:30: after the first of Sunday's hours."""
    clock = _open_time({"sat": "22:00-06:00", "sun": "04:00-04:20"}, breaks={"2026-03-29": "00:00-03:30"})

    assert clock.working_days_between(date(2026, 3, 27), date(2026, 3, 29)) == 2
    assert clock.between(_at("2026-03-28T12:00"), _at("2026-03-29T12:00")) == 2 * 3600 + 20 * 60 + 90 * 60
    assert _shown(clock.add_working_days(_at("2026-03-28T12:00"), 1)) == "Sun 2026-03-29 06:00"


def test_absences_are_cut_out_of_a_copy(clock: OpenTime) -> None:
    """They may overlap, end before they begin to matter, or take everything."""
    friday = date(2026, 3, 6)
    away = clock.without(
        [
            (_at("2026-03-02T12:00"), _at("2026-03-03T12:00")),
            (_at("2026-03-03T10:00"), _at("2026-03-03T13:00")),
            (_at("2026-03-04T18:00"), _at("2026-03-04T18:00")),
            clock.days_as_period(friday, friday),
        ]
    )
    start, end = _at("2026-03-02T00:00"), _at("2026-03-09T00:00")

    assert away.between(start, end) == (3 + 4 + 8 + 8) * 3600
    assert not away.is_working_day(friday)
    assert away.name == clock.name
    assert clock.between(start, end) == 40 * 3600


def test_somebody_who_is_always_away_has_no_open_time(clock: OpenTime) -> None:
    """Measuring still works: it is zero."""
    never = clock.without([clock.days_as_period(date(2025, 1, 1), date(2027, 12, 31))])
    start, end = _at("2026-03-02T00:00"), _at("2026-03-09T00:00")

    assert never.between(start, end) == 0
    assert not never.is_open(_at("2026-03-02T12:00"))
    assert never.open_intervals(start) == []
    assert not has_room(never, start, end, 1)
    with pytest.raises(BeyondCalendar):
        never.add(start, 1)
    with pytest.raises(BeyondCalendar):
        never.add_working_days(start, 1)


def test_work_fits_as_long_as_the_open_time_before_its_due_time_is_enough(clock: OpenTime) -> None:
    """Two days away leave three hours: a task of three hours has room, one of four has not."""
    away = clock.without([clock.days_as_period(date(2026, 3, 3), date(2026, 3, 4))])
    start, due = _at("2026-03-02T14:00"), _at("2026-03-04T17:00")

    assert has_room(away, start, due, 3 * 3600)
    assert not has_room(away, start, due, 4 * 3600)
    assert has_room(clock, start, due, 4 * 3600)


LATER = (
    "The calendar 'house' is worked out to 2027-12-31 only, and the answer lies after that. "
    "Publish it again with a later last day."
)
EARLIER = (
    "The calendar 'house' is worked out from 2025-01-01 only, and the answer lies before that. "
    "Publish it again with an earlier first day."
)


@pytest.mark.parametrize(
    "question",
    [
        lambda clock: clock.add(_at("2027-12-31T12:00"), 10 * 3600),
        lambda clock: clock.add_working_days(_at("2027-12-30T12:00"), 2),
        lambda clock: clock.next_open(_at("2027-12-31T18:00")),
        lambda clock: clock.next_close(_at("2027-12-31T18:00")),
        lambda clock: clock.between(_at("2027-12-31T12:00"), _at("2028-01-03T12:00")),
        lambda clock: clock.working_day_after(date(2027, 12, 31), 1),
        lambda clock: clock.working_day_before(date(2028, 2, 1), 1),
        lambda clock: clock.working_days_between(date(2027, 12, 31), date(2028, 1, 1)),
        lambda clock: clock.add_duration(_at("2027-12-31T12:00"), parse_duration("900000 working hours")),
        lambda clock: clock.add_duration(_at("2027-12-31T12:00"), parse_duration("10 days")),
    ],
)
def test_an_answer_after_the_last_resolved_day_is_refused(clock: OpenTime, question: Any) -> None:
    """It is never guessed from the weekly hours."""
    with pytest.raises(BeyondCalendar) as refused:
        question(clock)

    assert str(refused.value) == LATER


@pytest.mark.parametrize(
    "question",
    [
        lambda clock: clock.subtract(_at("2025-01-01T12:00"), 10 * 3600),
        lambda clock: clock.working_days_before(_at("2025-01-02T12:00"), 2),
        lambda clock: clock.previous_open(_at("2025-01-01T08:00")),
        lambda clock: clock.is_open(_at("2024-12-31T12:00")),
        lambda clock: clock.working_day_after(date(2024, 12, 30), 1),
        lambda clock: clock.working_day_before(date(2025, 1, 1), 1),
        lambda clock: clock.working_days_between(date(2024, 12, 30), date(2025, 1, 1)),
    ],
)
def test_an_answer_before_the_first_resolved_day_is_refused(clock: OpenTime, question: Any) -> None:
    """Backwards too."""
    with pytest.raises(BeyondCalendar) as refused:
        question(clock)

    assert str(refused.value) == EARLIER


def test_one_moment_beyond_the_calendar_refuses_the_whole_array(clock: OpenTime) -> None:
    """No row is dropped in silence."""
    starts = np.array(["2026-03-02T10:00", "2031-03-02T10:00"], dtype="datetime64[us]")

    with pytest.raises(BeyondCalendar, match="worked out to 2027-12-31 only"):
        clock.add_seconds_many(starts, 60)


def test_hours_open_to_the_end_of_the_last_day_have_no_known_closing() -> None:
    """What comes after the last resolved day may well be open."""
    clock = _open_time({"monday to sunday": "00:00-24:00"})

    with pytest.raises(BeyondCalendar, match="worked out to 2027-12-31 only"):
        clock.next_close(_at("2026-03-02T10:00"))
    assert _shown(clock.add(_at("2026-03-02T10:00"), 30 * 3600)) == "Tue 2026-03-03 16:00"


def test_a_moment_without_zone_and_an_array_of_numbers_are_refused(clock: OpenTime) -> None:
    """Both are slips of the caller: nobody could say which moments are meant."""
    with pytest.raises(ValueError, match=r"^2026-03-02 10:00:00 has no zone\. Pass an aware moment\.$"):
        clock.add(datetime.fromisoformat("2026-03-02T10:00"), 60)
    with pytest.raises(ValueError, match=r"^An array of int64 holds no moments\. Pass UTC moments as datetime64\.$"):
        clock.between_many(np.array([1]), np.array([2]))
    with pytest.raises(ValueError, match=r"^-1 working days cannot be counted\. Count the other way instead\.$"):
        clock.add_working_days(_at("2026-03-02T10:00"), -1)


def test_a_fraction_of_a_second_is_kept_when_adding_and_lost_nowhere_when_measuring(clock: OpenTime) -> None:
    """Adding keeps microseconds; the parts of a stretch sum to the whole."""
    start = _at("2026-03-02T10:00") + timedelta(microseconds=400_000)
    middle, end = start + timedelta(microseconds=700_000), start + timedelta(seconds=10)

    assert clock.add(start, 8 * 3600) == start + timedelta(days=1)
    assert clock.between(start, middle) + clock.between(middle, end) == clock.between(start, end) == 10


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-28T03:30", "P1D", "Sun 2026-03-29 04:30"),
        ("2026-03-28T03:30", "PT24H", "Sun 2026-03-29 04:30"),
        ("2026-03-28T10:00", "PT24H", "Sun 2026-03-29 11:00"),
        ("2026-01-31T10:00", "P1M", "Sat 2026-02-28 10:00"),
        ("2026-01-31T10:00", "P1Y2M1W3DT4H5M", "Sat 2027-04-10 14:05"),
        ("2026-03-02T10:00", "-P1DT2H", "Sun 2026-03-01 08:00"),
        ("2026-03-02T10:00", "PT-90.5S", "Mon 2026-03-02 09:58"),
    ],
)
def test_wall_clock_time_moves_by_iso_spans_whether_open_or_closed(start: str, span: str, end: str) -> None:
    """Dates keep the clock time, hours are real time."""
    assert _shown(add_wall(_at(start), parse_wall_span(span), VILNIUS)) == end


def test_a_span_that_is_not_iso_8601_is_refused() -> None:
    """Nothing of it is guessed."""
    for text in ("P", "PT", "1 day", "P1DT", "P1H"):
        with pytest.raises(SpanNotUnderstood) as refused:
            parse_wall_span(text)
        assert str(refused.value) == f"{text!r} is not an ISO 8601 duration. Write it as P1M, P10D or PT36H."


def test_counting_beyond_the_years_of_the_calendar_is_refused(clock: OpenTime) -> None:
    """A million months lead nowhere."""
    with pytest.raises(DateOutOfReach) as refused:
        clock.add_duration(_at("2026-03-02T10:00"), parse_duration("1000000 months"))

    assert str(refused.value) == (
        "Counting 1000000 months and 0 days from 2026-03-02 leaves the years 1 to 9999. Use a shorter span."
    )


def test_a_date_a_zone_leaves_out_has_no_working_time() -> None:
    """Samoa went from 29 to 31 December 2011: the Friday between never was."""
    definition = CalendarDefinition.model_validate({"calendar": "apia", "zone": "Pacific/Apia", "hours": WEEKDAYS})

    clock = OpenTime.from_resolved(resolve([definition], date(2011, 12, 26), date(2012, 1, 6)))

    assert not clock.is_working_day(date(2011, 12, 30))
    assert clock.working_day_after(date(2011, 12, 29), 1) == date(2012, 1, 2)
    assert clock.add(moment_at(datetime(2011, 12, 29, 16), clock.zone), 7200) == (  # noqa: DTZ001 - wall-clock time
        moment_at(datetime(2012, 1, 2, 10), clock.zone)  # noqa: DTZ001 - wall-clock time
    )
