"""How far a share may stray by chance alone: control limits for any amount of work, and the spread beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from scipy.optimize import brentq  # type: ignore[import-untyped]  # scipy comes without types
from scipy.special import betainc  # type: ignore[import-untyped]  # the same

USUAL, STRICT = 0.95, 0.998
"""Of people who do not differ, one in twenty lies outside the first, one in five hundred outside the second."""
WINSORISED = 0.1
FEWEST = 5  # people; of fewer no spread can be told


def chance_limits(share: float, size: float, within: float = USUAL) -> tuple[float, float]:
    """The shares between which so many pieces of work with that true share stay with that probability.

    Exact binomial limits, carried on between whole numbers by the incomplete beta function, so that they can be drawn
    as a line. The upper one may lie above one: then nothing is so good that it could not be chance.
    Source: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24
    (2005), 1185-1202, appendix.
    """
    if not 0 < share < 1 or size <= 0:
        return (0.0, 1.0) if size <= 0 else (share, share)
    tail = (1 - within) / 2
    return max(0.0, _quantile(share, size, tail) / size), (_quantile(share, size, 1 - tail) + 1) / size


def _quantile(share: float, size: float, probability: float) -> float:
    """The number at or below which a binomial count stays with that probability, between whole numbers too."""

    def missing(count: float) -> float:
        return float(betainc(size - count, count + 1, 1 - share)) - probability

    lowest, highest = -1 + 1e-9, size - 1e-9
    if missing(lowest) >= 0:
        return -1.0
    if missing(highest) <= 0:
        return size
    found: Any = brentq(missing, lowest, highest)
    return float(found)


def dispersion(scores: Sequence[float]) -> float | None:
    """How much wider people are spread than chance explains: 1 is chance; None where there are too few to tell.

    The mean square of the standardised differences, the outermost tenth on either side pulled in (winsorised), so
    that one person alone does not make all others look alike. Source: as above, section 3.
    """
    if len(scores) < FEWEST:
        return None
    low, high = np.quantile(np.asarray(scores), [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(scores, low, high) ** 2))


def is_overdispersed(factor: float, people: int) -> bool:
    """Whether chance would hardly spread so many people so widely."""
    return factor > 1 + 2 * sqrt(2 / people)
