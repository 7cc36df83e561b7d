"""The dates of the term that follows another: as long as the one before, beginning where it ended."""

from __future__ import annotations

from datetime import date, timedelta

from standards.working_time.local_time import shift_date

ONE_DAY = timedelta(days=1)
LONGEST = 120
"""Months a term is compared with: ten years."""


def dates_after(starts_on: date | None, expires_on: date) -> tuple[date, date]:
    """First and last date of the next term.

    Whether a term's last date still belongs to it is read from the term itself: 1 March to 28 February runs a whole
    year with it, 1 March to 1 March without. A term whose beginning is unknown is taken for a year; one that is no
    whole number of months is followed by one of as many days.
    """
    if starts_on is None:
        return expires_on + ONE_DAY, shift_date(expires_on, months=12)
    for months in range(1, LONGEST + 1):
        anniversary = shift_date(starts_on, months=months)
        if anniversary == expires_on:
            return expires_on, shift_date(expires_on, months=months)
        if anniversary == expires_on + ONE_DAY:
            return anniversary, shift_date(starts_on, months=2 * months) - ONE_DAY
        if anniversary > expires_on + ONE_DAY:
            break
    return expires_on + ONE_DAY, expires_on + ONE_DAY + (expires_on - starts_on)
