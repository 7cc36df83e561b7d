"""The questions of `OpenTable` for a single moment: the same answers without building arrays, ten times as fast."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from standards.working_time.open_table import Micros, OpenTable


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


def close_after_days_of(table: OpenTable, moment: int, count: int) -> int:
    """The end of working time on the nth working day after, as `OpenTable.close_after_days` has it.

    Raises: BeyondCalendar.
    """
    if not count:
        _check(table, moment)
        return _at(table, table.day_closes, bisect_left(table.day_closes.data, moment))
    first = bisect_right(table.work_days.data, _day_number(table, moment))
    return _at(table, table.day_closes, first + count - 1)


def open_before_days_of(table: OpenTable, moment: int, count: int) -> int:
    """The opening of the nth working day before, as `OpenTable.open_before_days` has it. Raises: BeyondCalendar."""
    if not count:
        _check(table, moment)
        return _at(table, table.day_opens, bisect_right(table.day_opens.data, moment) - 1)
    first = bisect_left(table.work_days.data, _day_number(table, moment))
    return _at(table, table.day_opens, first - count)


def _day_number(table: OpenTable, moment: int) -> int:
    _check(table, moment)
    if table.passes_midnight:
        row = max(bisect_right(table.opens.data, moment) - 1, 0)
        if table.opens[row] <= moment < table.closes[row]:
            return int(table.stretch_days[row])
    day = min(bisect_right(table.midnights.data, moment) - 1, table.midnights.size - 1)
    return day + table.first_day.toordinal()


def _check(table: OpenTable, moment: int) -> None:
    if moment < table.midnights[0]:
        raise table.too_early()
    if moment > table.limit:
        raise table.too_late()


def _pick(table: OpenTable, row: int) -> int:
    """When the stretch of that row opens."""
    return _at(table, table.opens, row)


def _at(table: OpenTable, column: Micros, row: int) -> int:
    if row < 0:
        raise table.too_early()
    if row >= column.size:
        raise table.too_late()
    return int(column[row])
