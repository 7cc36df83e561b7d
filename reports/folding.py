"""From counted cells to the figures of each group: counts, means, medians and ninetieths, cases each counted once.

Each figure is worked out for all groups at once: a report by person, action and product has thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.judging import REASONS, STATES, CaseState, CountedAs, Fate

HOUR = 3600.0  # seconds
NO_REASON = "no_reason_given"
SUMS = ("worked_seconds", "waited_seconds", "recorded", "spent_minutes", "standard_minutes")
NOT_KNOWN = float("nan")
_LATE = [fate for fate in Fate if fate.counted_as is CountedAs.LATE]

Key = tuple[Any, ...]
Whole = NDArray[np.int64]
Fractions = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A column for each figure, a row for each group, and where there is any work a last one for all together.

    `keys`: those of the groups, None for all together. Hours are NaN where nothing was counted.
    """

    keys: list[Key | None]
    columns: dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """What was counted, column by column; `groups`: to which group each cell belongs, by its place."""

    keys: list[Key]
    groups: Whole
    fates: Whole
    reasons: Sequence[str]
    counts: Whole
    sums: Whole  # a row for each of SUMS
    worked: Sequence[bytes]
    cases: Sequence[bytes]


def fold(cells: Iterable[Any], keys: int) -> Figures:
    """The figures of each group that had work, in the order they came.

    Cells are rows of reports.efficiency_query; their first `keys` values are the key of their group.
    """
    found = _by_column([tuple(cell) for cell in cells], keys)
    columns = _columns(found, len(found.keys))
    with_work = np.flatnonzero(columns["assigned"])
    keys_of_all: list[Key | None] = [*found.keys, None]
    return Figures(
        keys=[keys_of_all[place] for place in with_work],
        columns={name: values[with_work] for name, values in columns.items()},
    )


def _by_column(cells: Sequence[tuple[Any, ...]], keys: int) -> _Cells:
    places: dict[Key, int] = {}
    groups = [places.setdefault(cell[:keys], len(places)) for cell in cells]
    columns = list(zip(*(cell[keys:] for cell in cells), strict=True)) or [()] * (len(SUMS) + 5)
    fates, reasons, counts, *sums, worked, cases = columns
    return _Cells(
        keys=list(places),
        groups=_whole(groups),
        fates=_whole(fates),
        reasons=reasons,
        counts=_whole(counts),
        sums=_whole(sums),
        worked=[each or b"" for each in worked],
        cases=[each or b"" for each in cases],
    )


def _whole(numbers: Sequence[Any]) -> Whole:
    return np.array(numbers, dtype=np.int64)


def _columns(cells: _Cells, size: int) -> dict[str, NDArray[Any]]:
    """Every count and duration (hours) of so many groups, and of all together as the last."""
    by_fate = np.zeros((size, len(Fate)), dtype=np.int64)
    np.add.at(by_fate, (cells.groups, cells.fates), cells.counts)
    sums = np.zeros((size, len(SUMS)), dtype=np.int64)
    np.add.at(sums, cells.groups, cells.sums.T)
    by_fate, sums = (np.vstack([table, table.sum(axis=0)]) for table in (by_fate, sums))
    return {
        "assigned": by_fate.sum(axis=1),
        "done": by_fate[:, [fate for fate in Fate if fate.is_done]].sum(axis=1),
        **{kind: by_fate[:, [fate for fate in Fate if fate.counted_as is kind]].sum(axis=1) for kind in CountedAs},
        **_cases(_of_groups(cells.groups, cells.cases, ">i8"), size),
        "late_reasons": _reasons(cells, size),
        **_hours(_of_groups(cells.groups, cells.worked, ">i4"), sums),
    }


def _of_groups(groups: Whole, collected: Sequence[bytes], kind: str) -> tuple[Whole, Whole]:
    """The group of each number, and the numbers, in order within their group; `kind` is how each is written."""
    width = np.dtype(kind).itemsize
    lengths = np.fromiter((len(each) // width for each in collected), dtype=np.int64, count=len(collected))
    numbers = np.frombuffer(b"".join(collected), dtype=kind).astype(np.int64)
    return _in_order(np.repeat(groups, lengths), numbers)


def _in_order(groups: Whole, numbers: Whole) -> tuple[Whole, Whole]:
    """By group and number: sorted as one number each where both have room in it, which is ten times as fast."""
    span = int(numbers.max(initial=0)) + 1
    if numbers.min(initial=0) >= 0 and (int(groups.max(initial=0)) + 1) * span < np.iinfo(np.int64).max:
        both = np.sort(groups * span + numbers)
        return both // span, both % span
    order = np.lexsort((numbers, groups))
    return groups[order], numbers[order]


def _cases(coded: tuple[Whole, Whole], size: int) -> dict[str, Whole]:
    """Each case once in each group and once in all together, however many of its tasks are in it."""
    states = np.zeros((size + 1, STATES), dtype=np.int64)
    for groups, codes in (coded, (np.full(coded[1].size, size), np.sort(coded[1]))):
        is_first = np.ones(codes.size, dtype=np.bool_)
        is_first[1:] = (codes[1:] != codes[:-1]) | (groups[1:] != groups[:-1])
        np.add.at(states, (groups[is_first], codes[is_first] % STATES), 1)
    return {
        "cases": states.sum(axis=1),
        "succeeded": states[:, CaseState.SUCCEEDED],
        "undecided": states[:, CaseState.UNDECIDED],
    }


def _reasons(cells: _Cells, size: int) -> NDArray[Any]:
    """Why work was late, the most frequent reason first."""
    found: list[dict[str, int]] = [{} for _ in range(size + 1)]
    is_late = np.isin(cells.fates, _LATE) & (cells.counts > 0)
    for cell in np.flatnonzero(is_late).tolist():
        why = REASONS.get(Fate(cells.fates[cell]), cells.reasons[cell])
        for heap in (found[cells.groups[cell]], found[size]):
            heap[why] = heap.get(why, 0) + int(cells.counts[cell])
    told = np.empty(size + 1, dtype=object)
    told[:] = [dict(sorted(heap.items(), key=lambda each: (-each[1], each[0]))) for heap in found]
    return told


def _hours(worked: tuple[Whole, Whole], sums: Whole) -> dict[str, NDArray[Any]]:
    groups, seconds = worked
    done = np.bincount(groups, minlength=len(sums) - 1)
    sizes, ordered = np.append(done, seconds.size), np.concatenate([seconds, np.sort(seconds)])
    starts = np.append(np.cumsum(done) - done, seconds.size)
    in_work, waiting, recorded, spent, standard = sums.T
    return {
        "working_hours_mean": _shares(in_work, sizes) / HOUR,
        "working_hours_median": quantiles(ordered, starts, sizes, 0.5) / HOUR,
        "working_hours_p90": quantiles(ordered, starts, sizes, 0.9) / HOUR,
        "waiting_hours_mean": _shares(waiting, sizes) / HOUR,
        "effort_recorded": recorded,
        "spent_hours": np.where(recorded > 0, spent / 60, NOT_KNOWN),
        "standard_hours": np.where(recorded > 0, standard / 60, NOT_KNOWN),
        "effort_ratio": _shares(spent, standard),
    }


def _shares(parts: Whole, wholes: Whole) -> Fractions:
    return np.where(wholes > 0, parts / np.maximum(wholes, 1), NOT_KNOWN)


def median(seconds: Whole) -> float:
    """The value in the middle; NaN of nothing."""
    ordered = np.sort(seconds)
    return float(quantiles(ordered, np.array([0]), np.array([seconds.size]), 0.5)[0])


def quantiles(ordered: Whole, starts: Whole, sizes: Whole, share: float) -> Fractions:
    """The value that this share of each stretch stays below; between two values it is interpolated (percentile_cont).

    Each stretch is in order, begins at its start and has its size; NaN where it has none.
    """
    if not ordered.size:
        return np.full(len(sizes), NOT_KNOWN)
    last = np.maximum(sizes - 1, 0)
    places = last * share
    low = places.astype(np.int64)
    below, above = (ordered[np.where(sizes > 0, starts + step, 0)] for step in (low, np.minimum(low + 1, last)))
    return np.where(sizes > 0, below + (above - below) * (places - low), NOT_KNOWN)
