"""How sure a rate is: the interval in which the true share lies, also when only few were counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054  # the 97.5 % quantile of the normal distribution: 95 % lie between its two sides


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % score interval of a share, both ends between 0 and 1.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, Journal of the American
    Statistical Association 22 (1927), 209-212. Raises: ValueError unless 0 <= numerator <= denominator and
    0 < denominator.
    """
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is not a share")
    low, high = intervals(np.array([numerator]), np.array([denominator]))
    return float(low[0]), float(high[0])


def intervals(numerators: NDArray[Any], denominators: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`wilson` of many shares: all low ends, and all high ends; NaN where the denominator is 0."""
    wholes = np.where(denominators > 0, denominators, np.nan)
    share, spread = numerators / wholes, Z_95 * Z_95 / wholes
    middle, half = share + spread / 2, Z_95 * np.sqrt(share * (1 - share) / wholes + spread / (4 * wholes))
    low, high = np.maximum((middle - half) / (1 + spread), 0.0), np.minimum((middle + half) / (1 + spread), 1.0)
    return np.where(share == 0, 0.0, low), np.where(share == 1, 1.0, high)
