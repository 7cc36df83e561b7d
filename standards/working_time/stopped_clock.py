"""The owner's clock, which stands still while the client or the insurer is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standards.working_time.open_time import OpenTime
from standards.working_time.working_clock import Period, merge_periods


def due_after_pauses(open_time: OpenTime, start: datetime, seconds: int, pauses: Sequence[Period]) -> datetime:
    """When `seconds` of open time outside all pauses have been used up since `start`, in UTC.

    Pauses may overlap and lie anywhere; those that hold no open time change nothing.
    Raises: BeyondCalendar; ValueError for a pause that ends before it starts.
    """
    later = [(max(begun, start), ended) for begun, ended in merge_periods(pauses) if ended > start]
    return moved_due(open_time, open_time.add(start, seconds), later)


def moved_due(open_time: OpenTime, due: datetime, pauses: Sequence[Period]) -> datetime:
    """A due time moved by the open time of every pause that began before it, in UTC.

    What was overdue when a pause began stays overdue. Raises: as `due_after_pauses`.
    """
    moved = due.astimezone(UTC)
    for begun, ended in merge_periods(pauses):
        if begun >= moved:
            break
        lost = open_time.micros_used(ended) - open_time.micros_used(begun)
        if lost:
            moved = open_time.add_micros(moved, lost)
    return moved


def working_seconds_minus(open_time: OpenTime, start: datetime, end: datetime, pauses: Sequence[Period]) -> int:
    """Open seconds from `start` to `end` that lie outside all pauses. Raises: as `due_after_pauses`."""
    waited = sum(
        open_time.between(max(begun, start), min(ended, end))
        for begun, ended in merge_periods(pauses)
        if begun < end and ended > start
    )
    return open_time.between(start, end) - waited
