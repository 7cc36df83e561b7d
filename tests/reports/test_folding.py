"""Cells folded into figures: the same as worked out group by group, however the cells were cut."""

from __future__ import annotations

import struct
from collections import Counter
from statistics import mean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.folding import HOUR, fold
from reports.judging import STATES, CaseState, Fate

WORK = st.lists(
    st.tuples(
        st.sampled_from(["ona", "petras", None]),
        st.sampled_from(list(Fate)),
        st.integers(0, 2**31 - 1),  # working seconds
        st.one_of(st.integers(1, 9), st.integers(2**58, 2**60)),  # the number of its case, great ones too
    ),
    max_size=40,
)


def cell(who: str | None, fate: Fate, seconds: int, case: int) -> tuple[Any, ...]:
    """One piece of work as a cell of its own."""
    is_done = fate.is_done
    code = case * STATES + case % len(CaseState)
    worked = struct.pack(">i", seconds) if is_done else None
    return who, int(fate), "holiday", 1, seconds if is_done else 0, 0, 0, 0, 0, worked, struct.pack(">q", code)


@given(WORK)
def test_each_group_has_the_figures_of_its_work(work: list[tuple[Any, ...]]) -> None:
    """Counts, the mean, the median and the ninetieth of what was done, each case once; and the same of all together."""
    found = fold([cell(*piece) for piece in work], 1)

    assert found.keys == [*((who,) for who in dict.fromkeys(piece[0] for piece in work)), *([None] if work else [])]
    for place, key in enumerate(found.keys):
        mine = [piece for piece in work if key is None or piece[0] == key[0]]
        told = {name: values[place] for name, values in found.columns.items()}
        seconds = [spent for _, fate, spent, _ in mine if fate.is_done]
        cases = Counter(number % len(CaseState) for number in {number for *_, number in mine})
        assert (told["assigned"], told["done"]) == (len(mine), len(seconds))
        assert (
            told["late"]
            == sum(fate.counted_as == "late" for _, fate, _, _ in mine)
            == sum(told["late_reasons"].values())
        )
        assert (told["cases"], told["succeeded"]) == (cases.total(), cases[CaseState.SUCCEEDED])
        if seconds:
            assert told["working_hours_mean"] == pytest.approx(mean(seconds) / HOUR)
            assert told["working_hours_median"] == pytest.approx(np.percentile(seconds, 50) / HOUR)
            assert told["working_hours_p90"] == pytest.approx(np.percentile(seconds, 90) / HOUR)
        else:
            assert np.isnan([told["working_hours_mean"], told["working_hours_median"]]).all()


def test_nothing_was_done_by_nobody() -> None:
    """No cells, no groups, and nothing for all together."""
    found = fold([], 2)

    assert found.keys == []
    assert {len(values) for values in found.columns.values()} == {0}
