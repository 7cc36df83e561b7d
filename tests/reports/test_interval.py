"""The interval of a rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reports.interval import wilson

SHARES = some.integers(1, 100_000).flatmap(lambda whole: some.tuples(some.integers(0, whole), some.just(whole)))


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_the_one_of_the_literature(numerator: int, denominator: int, low: float, high: float) -> None:
    """Newcombe (1998) prints 81 of 263 as 0.2553 to 0.3662; the others are Wilson's formula done by hand."""
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=5e-5)


@given(SHARES)
def test_the_share_lies_within_its_interval(share: tuple[int, int]) -> None:
    """And the interval between nothing and all."""
    low, high = wilson(*share)

    assert 0 <= low <= share[0] / share[1] <= high <= 1


@given(SHARES)
def test_what_failed_mirrors_what_succeeded(share: tuple[int, int]) -> None:
    """The interval of the rest is the mirror image."""
    low, high = wilson(*share)

    assert wilson(share[1] - share[0], share[1]) == pytest.approx((1 - high, 1 - low))


@given(SHARES)
def test_counting_more_makes_surer(share: tuple[int, int]) -> None:
    """Ten times as many with the same share give a narrower interval."""
    low, high = wilson(*share)
    surer_low, surer_high = wilson(share[0] * 10, share[1] * 10)

    assert surer_high - surer_low < high - low


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (-1, 2), (3, 2)])
def test_what_is_no_share_is_refused(numerator: int, denominator: int) -> None:
    """More than all, less than nothing, or of nothing."""
    with pytest.raises(ValueError, match="is not a share"):
        wilson(numerator, denominator)
