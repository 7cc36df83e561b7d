"""The grid that finds places for a million moments finds those of a binary search."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_time import OpenTime
from standards.working_time.sorted_search import MANY, Whole, find

LAW = settings(deadline=None, max_examples=60)

WHOLE = st.integers(-(2**55), 2**55)
SEEDS = st.integers(0, 2**32)


def _numpy(column: Whole, wanted: Whole, side: str) -> list[int]:
    return [int(np.searchsorted(column, one, side="left" if side == "left" else "right")) for one in wanted]


@LAW
@given(st.lists(WHOLE, max_size=40).map(sorted), st.sampled_from(["left", "right"]), WHOLE, SEEDS)
def test_many_places_are_found_as_one_by_one(column: list[int], side: str, centre: int, seed: int) -> None:
    """Near, far, on and between the values of the column, crowded or not."""
    values = np.array(column, dtype=np.int64)
    random = np.random.default_rng(seed)
    spread = random.integers(centre - 10**6, centre + 10**6, MANY)
    wanted = np.concatenate((spread, values, values + 1, values - 1))

    found = find(values, wanted, "left" if side == "left" else "right")

    sample = np.concatenate((np.arange(20), np.arange(MANY, wanted.size)))
    assert list(found[sample]) == _numpy(values, wanted[sample], side)


@pytest.mark.parametrize("spread", [1, 10**15])
def test_a_column_as_dense_as_its_cells_is_searched_all_the_same(spread: int) -> None:
    """Where a cell would hold many values the grid steps aside."""
    column = np.repeat(np.arange(1000, dtype=np.int64), 7)
    wanted = np.random.default_rng(1).integers(-5, 1005, MANY) * spread

    for side in ("left", "right"):
        assert list(find(column, wanted, side)) == list(np.searchsorted(column, wanted, side=side))


def test_a_great_many_moments_give_what_each_gives_alone() -> None:
    """Twenty thousand moments of three years, a sample of them asked one by one."""
    definition = CalendarDefinition.model_validate(
        {
            "calendar": "house",
            "zone": "Europe/Vilnius",
            "hours": {"monday to thursday": "08:00-12:00, 12:45-17:00", "friday": "22:00-06:00"},
            "holidays": "LT",
        }
    )
    clock = OpenTime.from_resolved(resolve([definition], date(2024, 1, 1), date(2028, 12, 31)))
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2025, 2028))
    random = np.random.default_rng(1)
    starts, ends = (
        (random.integers(first, last, 20_000) * 1_000_000).view("datetime64[us]") for _ in ("starts", "ends")
    )
    amounts, counts = random.integers(-90_000, 90_000, 20_000), random.integers(0, 9, 20_000)

    added = clock.add_seconds_many(starts, amounts)
    measured = clock.between_many(starts, ends)
    after, before = clock.add_working_days_many(starts, counts), clock.working_days_before_many(starts, counts)

    for row in range(0, 20_000, 97):
        start, end = (array[row].astype(object).replace(tzinfo=UTC) for array in (starts, ends))
        assert added[row].astype(object).replace(tzinfo=UTC) == clock.add(start, int(amounts[row]))
        assert measured[row] == clock.between(start, end)
        assert after[row].astype(object).replace(tzinfo=UTC) == clock.add_working_days(start, int(counts[row]))
        assert before[row].astype(object).replace(tzinfo=UTC) == clock.working_days_before(start, int(counts[row]))
