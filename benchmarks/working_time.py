"""How fast working time is added and measured: a million moments in arrays, against a loop over single moments."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_time import Moments, OpenTime

COUNT = 1_000_000
SAMPLE = 10_000
FOUR_HOURS = 4 * 3600
HOUSE = CalendarDefinition.model_validate(
    {
        "calendar": "house",
        "zone": "Europe/Vilnius",
        "hours": {"monday to friday": "08:00-12:00, 12:45-17:00"},
        "holidays": "LT",
        "open_days": {"2026-11-07": "09:00-15:00"},
        "breaks": {"wednesday": "15:00-15:30"},
    }
)


def seconds_of(work: Callable[[], object], repeats: int = 3) -> float:
    """The best of a few runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def moments(seed: int) -> Moments:
    """A million moments of 2025 to 2027, in no order."""
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2025, 2028))
    seconds = np.random.default_rng(seed).integers(first, last, COUNT)
    return (seconds * 1_000_000).view("datetime64[us]")


def report(what: str, many: Callable[[], object], one: Callable[[datetime], object], sample: list[datetime]) -> None:
    """One line: a million at once, and how many times faster than one by one."""
    at_once = seconds_of(many)
    one_by_one = seconds_of(lambda: [one(moment) for moment in sample], 1) / len(sample) * COUNT
    ratio = one_by_one / at_once
    print(f"{what:<27} {at_once:6.3f} s for {COUNT:,}   one by one {one_by_one:6.1f} s   ratio {ratio:5.0f}")


def main() -> None:
    """Print what building and counting cost."""
    layers, days = [HOUSE], (date(2023, 1, 1), date(2028, 12, 31))
    resolved = resolve(layers, *days)
    clock = OpenTime.from_resolved(resolved)
    starts, ends = moments(1), moments(2)
    counts = np.random.default_rng(3).integers(0, 10, COUNT)
    sample = [moment.replace(tzinfo=UTC) for moment in starts[:SAMPLE].astype(object)]
    end = ends[0].astype(object).replace(tzinfo=UTC)

    print(f"resolve six years            {seconds_of(lambda: resolve(layers, *days)) * 1000:6.1f} ms")
    print(f"build the table of six years {seconds_of(lambda: OpenTime.from_resolved(resolved)) * 1000:6.1f} ms")
    report(
        "add four working hours",
        lambda: clock.add_seconds_many(starts, FOUR_HOURS),
        lambda it: clock.add(it, FOUR_HOURS),
        sample,
    )
    report(
        "add an amount each",
        lambda: clock.add_seconds_many(starts, counts * 3600),
        lambda it: clock.add(it, 3600),
        sample,
    )
    report("measure", lambda: clock.between_many(starts, ends), lambda it: clock.between(it, end), sample)
    report(
        "add three working days",
        lambda: clock.add_working_days_many(starts, 3),
        lambda it: clock.add_working_days(it, 3),
        sample,
    )
    report(
        "go back three working days",
        lambda: clock.working_days_before_many(starts, 3),
        lambda it: clock.working_days_before(it, 3),
        sample,
    )


if __name__ == "__main__":
    main()
