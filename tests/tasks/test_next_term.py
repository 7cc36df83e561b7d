"""The dates of the term that follows another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.working_time.local_time import shift_date
from tasks.advancing.next_term import ONE_DAY, dates_after


@pytest.mark.parametrize(
    ("starts", "expires", "following"),
    [
        ("2025-03-01", "2026-02-28", ("2026-03-01", "2027-02-28")),
        ("2025-03-01", "2026-03-01", ("2026-03-01", "2027-03-01")),
        ("2025-07-15", "2026-01-14", ("2026-01-15", "2026-07-14")),
        ("2024-02-29", "2025-02-28", ("2025-02-28", "2026-02-28")),
        ("2026-01-10", "2026-01-24", ("2026-01-25", "2026-02-08")),
        (None, "2026-03-31", ("2026-04-01", "2027-03-31")),
    ],
)
def test_a_term_is_followed_by_one_as_long(starts: str | None, expires: str, following: tuple[str, str]) -> None:
    """Years and half years, with and without their last day; a fortnight by days."""
    began = date.fromisoformat(starts) if starts else None

    first, last = dates_after(began, date.fromisoformat(expires))

    assert (first.isoformat(), last.isoformat()) == following


@given(
    starts=st.dates(date(2000, 1, 1), date(2040, 12, 28)).filter(lambda day: day.day <= 28),
    months=st.integers(1, 24),
    with_last_day=st.booleans(),
)
def test_following_terms_never_leave_a_gap_nor_change_their_length(
    starts: date, months: int, with_last_day: bool
) -> None:
    """Five years of renewals end on the same day of the month."""
    expires = shift_date(starts, months=months) - (ONE_DAY if with_last_day else timedelta(0))

    for _ in range(5):
        first, last = dates_after(starts, expires)
        assert first == expires + (ONE_DAY if with_last_day else timedelta(0))
        assert shift_date(first, months=months) - (ONE_DAY if with_last_day else timedelta(0)) == last
        starts, expires = first, last
