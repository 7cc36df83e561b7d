"""The owner's clock stands still while the client or the insurer is waited for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_time import OpenTime, Period
from standards.working_time.stopped_clock import due_after_pauses, moved_due, working_seconds_minus

LAW = settings(deadline=None, max_examples=60)

HOUSE = CalendarDefinition.model_validate(
    {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "09:00-17:00"}}
)
CLOCK = OpenTime.from_resolved(resolve([HOUSE], date(2026, 1, 1), date(2026, 12, 31)))
FRIDAY = datetime(2026, 3, 6, 9, tzinfo=CLOCK.zone)
EIGHT_HOURS = 8 * 3600


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CLOCK.zone)


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-03-06T17:00"),
        ([("2026-03-06T10:00", "2026-03-06T12:00")], "2026-03-09T11:00"),
        ([("2026-03-06T19:00", "2026-03-07T09:00")], "2026-03-06T17:00"),
        ([("2026-03-06T16:00", "2026-03-09T10:00")], "2026-03-09T11:00"),
        ([("2026-03-06T10:00", "2026-03-06T12:00"), ("2026-03-06T11:00", "2026-03-06T13:00")], "2026-03-09T12:00"),
        ([("2026-03-09T09:00", "2026-03-09T10:00"), ("2026-03-06T10:00", "2026-03-06T12:00")], "2026-03-09T12:00"),
        ([("2026-03-05T09:00", "2026-03-06T10:00")], "2026-03-09T10:00"),
        ([("2026-03-02T09:00", "2026-03-03T10:00")], "2026-03-06T17:00"),
    ],
)
def test_eight_working_hours_from_friday_nine_with_waiting(pauses: list[tuple[str, str]], due: str) -> None:
    """Waiting in open hours is added; waiting at night, before the start or after the due time changes nothing."""
    waited = [(_at(start), _at(end)) for start, end in pauses]

    assert due_after_pauses(CLOCK, FRIDAY, EIGHT_HOURS, waited) == _at(due)


def test_what_is_overdue_when_waiting_begins_stays_overdue() -> None:
    """Asking the client after the due time does not undo being late."""
    due = _at("2026-03-06T17:00")

    assert moved_due(CLOCK, due, [(_at("2026-03-09T09:00"), _at("2026-03-10T09:00"))]) == due


def test_a_due_time_of_any_kind_moves_by_the_open_time_of_the_waiting() -> None:
    """Two working days and a day of waiting are three working days."""
    due = CLOCK.add_working_days(FRIDAY, 2)

    moved = moved_due(CLOCK, due, [(_at("2026-03-09T12:00"), _at("2026-03-10T12:00"))])

    assert moved == CLOCK.add_working_days(FRIDAY, 3)


def test_working_time_without_the_waiting() -> None:
    """Friday nine to Monday noon, less two hours on Friday and a weekend that does not count."""
    pauses = [(_at("2026-03-06T10:00"), _at("2026-03-06T12:00")), (_at("2026-03-06T18:00"), _at("2026-03-09T08:00"))]

    assert working_seconds_minus(CLOCK, FRIDAY, _at("2026-03-09T12:00"), pauses) == 9 * 3600


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    """That is a slip of the caller."""
    with pytest.raises(
        ValueError, match=r"^A period cannot end at 2026-03-06 .*, before it starts at 2026-03-07 .*\.$"
    ):
        due_after_pauses(CLOCK, FRIDAY, EIGHT_HOURS, [(_at("2026-03-07T09:00"), _at("2026-03-06T09:00"))])


MOMENTS = st.integers(0, 60 * 24 * 4).map(
    lambda quarter: datetime(2026, 3, 2, tzinfo=UTC) + quarter * timedelta(minutes=15)
)
PAUSES: st.SearchStrategy[list[Period]] = st.lists(
    st.tuples(MOMENTS, MOMENTS).map(lambda both: (min(both), max(both))), max_size=5
)


@LAW
@given(MOMENTS, st.integers(1, 100 * 3600), PAUSES)
def test_a_stopped_clock_is_a_clock_on_a_calendar_without_the_pauses(
    start: datetime, seconds: int, pauses: list[Period]
) -> None:
    """Two ways to the same due time: moving it pause by pause, or cutting the pauses out of the calendar."""
    assert due_after_pauses(CLOCK, start, seconds, pauses) == CLOCK.without(pauses).add(start, seconds)


@LAW
@given(MOMENTS, st.integers(1, 100 * 3600), PAUSES)
def test_at_the_due_time_the_allowance_is_used_up(start: datetime, seconds: int, pauses: list[Period]) -> None:
    """What was worked from start to due, without the waiting, is what was allowed."""
    due = due_after_pauses(CLOCK, start, seconds, pauses)

    assert working_seconds_minus(CLOCK, start, due, pauses) == seconds
