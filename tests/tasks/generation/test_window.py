"""Which anchors a run looks at, found by halving, agrees with asking every anchor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.duration import parse_anchored
from standards.working_time.open_time import BeyondCalendar, OpenTime
from tasks.generation.window import StartRule, Window

PHRASES = [
    "45 days before term.expires_on",
    "45 days before term.expires_on, keep",
    "30 working days before term.expires_on",
    "2 months before term.expires_on",
    "term.expires_on",
    "3 days after term.expires_on",
    "5 working days after term.expires_on",
]
MOMENTS = st.integers(0, 450 * 86_400).map(
    lambda seconds: datetime(2025, 9, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)


@cache
def clock() -> OpenTime:
    """Monday to Friday, Lithuanian holidays."""
    week = {
        "calendar": "house",
        "zone": "Europe/Vilnius",
        "hours": {"monday to friday": "09:00-17:00"},
        "holidays": "LT",
    }
    return OpenTime.from_resolved(resolve([CalendarDefinition.model_validate(week)], FIRST, LAST))


@settings(deadline=None, max_examples=60)
@given(
    phrase=st.sampled_from(PHRASES),
    at=MOMENTS,
)
def test_the_last_started_date_is_the_latest_whose_start_has_come(phrase: str, at: datetime) -> None:
    """The day after it starts later, it itself does not."""
    rule = StartRule(when=parse_anchored(phrase), clock=clock(), is_date=True)

    last = rule.last_started(at)

    assert isinstance(last, date)
    assert rule.start_of(last) <= at < rule.start_of(last + timedelta(days=1))


@settings(deadline=None, max_examples=60)
@given(
    phrase=st.sampled_from(PHRASES),
    at=MOMENTS,
)
def test_the_first_date_not_before_is_the_earliest(phrase: str, at: datetime) -> None:
    """The day before it starts earlier, it itself does not."""
    rule = StartRule(when=parse_anchored(phrase), clock=clock(), is_date=True)

    first = rule.first_not_before(at)

    assert isinstance(first, date)
    assert rule.start_of(first - timedelta(days=1)) < at <= rule.start_of(first)


@settings(deadline=None, max_examples=60)
@given(at=MOMENTS)
def test_moments_are_found_to_the_microsecond(at: datetime) -> None:
    """Four working hours after a complaint came in, whenever that was."""
    rule = StartRule(when=parse_anchored("4 working hours after complaint.received_at"), clock=clock(), is_date=False)

    last = rule.last_started(at)

    assert isinstance(last, datetime)
    assert rule.start_of(last) <= at < rule.start_of(last + timedelta(microseconds=1))


def test_where_the_calendar_ends_the_window_is_not_guessed() -> None:
    """A window that would reach beyond what is known is an error."""
    rule = StartRule(when=parse_anchored("30 working days before term.expires_on"), clock=clock(), is_date=True)

    with pytest.raises(BeyondCalendar):
        rule.last_started(datetime(2027, 12, 20, tzinfo=UTC))


def test_a_window_whose_end_lies_before_its_beginning_is_empty() -> None:
    """Without one of its ends it never is."""
    assert Window(first=date(2026, 3, 2), last=date(2026, 3, 1)).is_empty
    assert not Window(first=date(2026, 3, 2), last=date(2026, 3, 2)).is_empty
    assert not Window(first=None, last=date(2026, 3, 2)).is_empty
