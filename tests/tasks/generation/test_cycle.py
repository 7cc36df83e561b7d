"""The number of a cycle follows from what the process repeats with."""

from __future__ import annotations

from datetime import date

import pytest

from tasks.record.cycle import calendar_cycle, cycle_number, scheduled_start

AUGUST = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("cycle", "number"),
    [
        ("term", 7),
        ("receivable", 7),
        ("campaign", 3),
        ("year", 2026),
        ("quarter", 20263),
        ("month", 202608),
        ("start", 9),
    ],
)
def test_each_cycle_has_its_number(cycle: str, number: int) -> None:
    """The subject itself, its campaign, the calendar, or the start's own."""
    assert cycle_number(cycle, subject_id=7, campaign_id=3, day=AUGUST, own_start=9) == number


def test_a_campaign_cycle_without_campaign_is_the_subject() -> None:
    """So that nothing is without identity."""
    assert cycle_number("campaign", subject_id=7, campaign_id=None, day=AUGUST, own_start=9) == 7


def test_scheduled_starts_never_meet_other_numbers() -> None:
    """They are below zero, one a day."""
    assert scheduled_start(AUGUST) == -20260831


def test_only_year_quarter_and_month_hang_on_the_calendar() -> None:
    """Another cycle has no calendar number."""
    with pytest.raises(KeyError):
        calendar_cycle("term", AUGUST)
