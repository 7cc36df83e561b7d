"""How sure a rate is: the interval in which the true share lies, also when only few were counted."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959963984540054  # the 97.5 % quantile of the normal distribution: 95 % lie between its two sides


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % score interval of a share, both ends between 0 and 1.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, Journal of the American
    Statistical Association 22 (1927), 209-212. Raises: ValueError unless 0 <= numerator <= denominator and
    0 < denominator.
    """
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is not a share")
    share = numerator / denominator
    spread = Z_95 * Z_95 / denominator
    middle = share + spread / 2
    half = Z_95 * sqrt(share * (1 - share) / denominator + spread / (4 * denominator))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return (0.0 if numerator == 0 else max(0.0, low)), (1.0 if numerator == denominator else min(1.0, high))
