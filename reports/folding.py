"""From counted cells to the figures of each group: counts, means, medians and ninetieths, cases each counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.judging import REASONS, STATES, CaseState, CountedAs, Fate

HOUR = 3600.0  # seconds
NO_REASON = "no_reason_given"
SUMS = ("worked_seconds", "waited_seconds", "recorded", "spent_minutes", "standard_minutes")
NOT_KNOWN = float("nan")

Key = tuple[Any, ...]


@dataclass(slots=True)
class Heap:
    """What is collected of one group before it is worked out."""

    counts: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    sums: list[int] = field(default_factory=lambda: [0] * len(SUMS))
    worked: list[bytes] = field(default_factory=list)
    cases: list[bytes] = field(default_factory=list)

    def add(self, other: Heap) -> None:
        """Both together."""
        self.counts.update(other.counts)
        self.reasons.update(other.reasons)
        self.sums = [mine + its for mine, its in zip(self.sums, other.sums, strict=True)]
        self.worked += other.worked
        self.cases += other.cases


def heap_of(fate: int, reason: str, count: int, *rest: Any) -> Heap:
    """One cell (reports.efficiency_query), without its keys."""
    *sums, worked, cases = rest
    heap = Heap(sums=[int(number) for number in sums])
    if count:
        how = Fate(fate)
        heap.counts[how] = count
        if how.counted_as is CountedAs.LATE:
            heap.reasons[REASONS.get(how, reason)] = count
    heap.worked = [bytes(worked)] if worked else []
    heap.cases = [bytes(cases)] if cases else []
    return heap


def fold(cells: Iterable[Any], keys: int) -> Iterator[tuple[Key | None, dict[str, Any]]]:
    """The figures of each group by its key, and last, by None, of all together; nothing for no work.

    The first `keys` values of a cell are its key.
    """
    heaps: dict[Key, Heap] = {}
    for cell in cells:
        values = tuple(cell)
        heaps.setdefault(values[:keys], Heap()).add(heap_of(*values[keys:]))
    everything = Heap()
    for key, heap in heaps.items():
        if heap.counts:
            everything.add(heap)
            yield key, figures(heap)
    if everything.counts:
        yield None, figures(everything)


def figures(heap: Heap) -> dict[str, Any]:
    """Every count and duration (hours) of a group; what nothing was counted for is not a number."""
    seconds = np.frombuffer(b"".join(heap.worked), dtype=">i4").astype(np.int64)
    median, ninetieth = percentiles(seconds)
    worked, waited, recorded, spent, standard = heap.sums
    kinds = Counter[str]()
    for fate, count in heap.counts.items():
        kinds[fate.counted_as] += count
    return {
        "assigned": sum(heap.counts.values()),
        "done": sum(count for fate, count in heap.counts.items() if fate.is_done),
        **{kind.value: kinds[kind] for kind in CountedAs},
        **_cases(heap.cases),
        "late_reasons": dict(sorted(heap.reasons.items(), key=lambda each: (-each[1], each[0]))),
        "working_hours_mean": _mean_hours(worked, seconds.size),
        "working_hours_median": median / HOUR,
        "working_hours_p90": ninetieth / HOUR,
        "waiting_hours_mean": _mean_hours(waited, seconds.size),
        "effort_recorded": recorded,
        "spent_hours": spent / 60 if recorded else NOT_KNOWN,
        "standard_hours": standard / 60 if recorded else NOT_KNOWN,
        "effort_ratio": spent / standard if standard else NOT_KNOWN,
    }


def _mean_hours(seconds: int, count: int) -> float:
    return seconds / count / HOUR if count else NOT_KNOWN


def percentiles(seconds: NDArray[np.int64]) -> tuple[float, float]:
    """The median and the value nine in ten stay below; between two values it is interpolated (as percentile_cont)."""
    if not seconds.size:
        return NOT_KNOWN, NOT_KNOWN
    places = [(seconds.size - 1) * share / 10 for share in (5, 9)]
    neighbours = sorted({step for place in places for step in (int(place), min(int(place) + 1, seconds.size - 1))})
    ordered = np.partition(seconds, neighbours)
    median, ninetieth = (_between(ordered, place) for place in places)
    return median, ninetieth


def _between(ordered: NDArray[np.int64], place: float) -> float:
    low = int(place)
    high = min(low + 1, ordered.size - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


def _cases(collected: list[bytes]) -> dict[str, int]:
    """Each case once, however many of its tasks are in the group."""
    codes = np.frombuffer(b"".join(collected), dtype=">i8").astype(np.int64)
    states = np.bincount(np.unique(codes) % STATES, minlength=STATES)
    return {
        "cases": int(states.sum()),
        "succeeded": int(states[CaseState.SUCCEEDED]),
        "undecided": int(states[CaseState.UNDECIDED]),
    }
