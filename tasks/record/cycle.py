"""The number of a cycle: what makes a case the same one, however often and by whichever way it is asked for."""

from __future__ import annotations

from datetime import date

CAMPAIGN = "campaign"
START = "start"
CALENDAR = ("year", "quarter", "month")
"""Cycles that hang on a date; the number is the year, followed by its quarter or month: 2026, 20263, 202609."""


def calendar_cycle(cycle: str, day: date) -> int:
    """The year, quarter or month a local date lies in, as a cycle's number. Raises: KeyError for another cycle."""
    if cycle == "year":
        return day.year
    if cycle == "quarter":
        return day.year * 10 + (day.month + 2) // 3
    if cycle == "month":
        return day.year * 100 + day.month
    raise KeyError(cycle)


def scheduled_start(day: date) -> int:
    """The cycle of a process where each start is its own, started by a schedule: one a day.

    Below zero, so that it never meets the number of a happening or of a start by hand.
    """
    return -(day.year * 10_000 + day.month * 100 + day.day)


def cycle_number(cycle: str, *, subject_id: int, campaign_id: int | None, day: date, own_start: int) -> int:
    """The cycle a case about that subject belongs to.

    `day`: the local date the start hangs on (the anchor's, else of the start itself). `own_start`: the number when
    each start is its own. Every other cycle is the subject itself: a term, a receivable, a claim.
    """
    if cycle == START:
        return own_start
    if cycle in CALENDAR:
        return calendar_cycle(cycle, day)
    if cycle == CAMPAIGN and campaign_id is not None:
        return campaign_id
    return subject_id
