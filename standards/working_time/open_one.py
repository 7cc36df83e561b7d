"""The questions of `OpenTable` for a single moment: the same answers without building arrays, ten times as fast."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from standards.working_time.open_table import OpenTable


def used_by(table: OpenTable, moment: int) -> int:
    """Open microseconds from the beginning of the table to the moment. Raises: BeyondCalendar."""
    _check(table, moment)
    row = bisect_right(table.opens.data, moment) - 1
    if row < 0:
        return 0
    opens = int(table.opens[row])
    return int(table.used_before[row]) + min(moment, int(table.closes[row])) - opens


def add_to(table: OpenTable, moment: int, amount: int) -> int:
    """The moment at which so much open time has been used up, as `OpenTable.add` has it. Raises: BeyondCalendar."""
    goal = used_by(table, moment) + amount
    if not amount:
        return next_open_of(table, moment)
    row = bisect_left(table.used_after.data, goal) if amount > 0 else bisect_right(table.used_before.data, goal) - 1
    return _pick(table, row) + goal - int(table.used_before[row])


def next_open_of(table: OpenTable, moment: int) -> int:
    """The moment itself if open, else the next opening. Raises: BeyondCalendar."""
    _check(table, moment)
    return max(moment, _pick(table, bisect_right(table.closes.data, moment)))


def _check(table: OpenTable, moment: int) -> None:
    if moment < table.midnights[0]:
        raise table.too_early()
    if moment > table.limit:
        raise table.too_late()


def _pick(table: OpenTable, row: int) -> int:
    """When the stretch of that row opens."""
    if row < 0:
        raise table.too_early()
    if row >= table.opens.size:
        raise table.too_late()
    return int(table.opens[row])
