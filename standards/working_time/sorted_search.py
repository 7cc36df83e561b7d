"""Finding places in a sorted column: one by binary search, a great many through a grid laid over the column."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

MANY = 4096
"""From so many wanted values on, laying a grid costs less than it saves."""

CELL_BITS = 17
"""The grid has at most twice 2 to this power cells: few enough to stay in the processor's cache."""

CROWDED = 4
"""With more values than this in one cell the grid no longer helps."""


def find(column: Whole, wanted: Whole, side: Literal["left", "right"]) -> Whole:
    """`numpy.searchsorted` as an array, also of a single value: how many of the column are below each wanted one.

    With side `right`, those equal to it are counted too.
    """
    found = _find_many(column, wanted, side) if wanted.size >= MANY and column.size else None
    return np.asarray(np.searchsorted(column, wanted, side=side)) if found is None else found


def _find_many(column: Whole, wanted: Whole, side: Literal["left", "right"]) -> Whole | None:
    """A million look-ups in about a tenth of the time, as each touches one cell instead of twelve places."""
    low, high = int(wanted.min()), int(wanted.max())
    shift = max((high - low).bit_length() - CELL_BITS, 0)
    cells = ((high - low) >> shift) + 1
    first = np.searchsorted(column, low + (np.arange(cells + 1, dtype=np.int64) << shift), side="left")
    fullest = int(np.diff(first).max())
    if fullest > CROWDED:
        return None
    rows = np.asarray(first[(wanted - low) >> shift])
    ended = np.append(column, np.iinfo(np.int64).max)
    for _ in range(fullest):
        rows += ended[rows] <= wanted if side == "right" else ended[rows] < wanted
    return rows
