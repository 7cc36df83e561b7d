"""One moment gets the same answers as a moment in an array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_one import add_to, next_open_of, used_by
from standards.working_time.open_table import BeyondCalendar, OpenTable, build, micros_of

DEFINITION = CalendarDefinition.model_validate(
    {
        "calendar": "house",
        "title": "Odd hours",
        "zone": "Europe/Vilnius",
        "hours": {"monday to thursday": "09:00-12:00, 13:00-17:00", "friday": "20:00-02:00", "sunday": "10:00-11:00"},
    }
)
TABLE = build(resolve([DEFINITION], date(2026, 1, 1), date(2026, 12, 31)))
NOTHING = np.zeros(0, dtype=np.int64)
EMPTY = replace(TABLE, opens=NOTHING, closes=NOTHING, used_before=NOTHING, used_after=NOTHING)

moments = st.datetimes(datetime(2025, 12, 30), datetime(2027, 1, 2)).map(lambda it: micros_of(it.replace(tzinfo=UTC)))  # noqa: DTZ001 - hypothesis wants plain bounds
amounts = st.integers(-400, 400).map(lambda hours: hours * 1_800_000_000)


def answer(question: Callable[..., object], *given_: object) -> object:
    """What it says, or how it refuses."""
    try:
        return int(np.asarray(question(*given_)))
    except BeyondCalendar as error:
        return str(error)


@pytest.mark.parametrize("table", [TABLE, EMPTY], ids=["odd hours", "never open"])
@given(moment=moments, amount=amounts)
def test_one_moment_is_answered_like_many(table: OpenTable, moment: int, amount: int) -> None:
    """Measuring, adding and opening agree, refusals included."""
    one, many = np.asarray(moment), np.asarray(amount)

    assert answer(used_by, table, moment) == answer(table.used, one)
    assert answer(add_to, table, moment, amount) == answer(table.add, one, many)
    assert answer(next_open_of, table, moment) == answer(table.next_open, one)
