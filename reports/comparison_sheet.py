"""A comparison as a table: numerators and denominators, what was expected, the ratio with its interval, the verdict."""

from __future__ import annotations

from typing import Any

from reports.asking import asked
from reports.comparison import Against, Comparison, Point, basis
from reports.interval import wilson
from reports.labels import total_names
from reports.sheet import Column, Kind, Report, Sheet, with_rates

_RATE = Column(key="good_rate", heading="Went well", kind=Kind.RATE, of=("good", "count"))

CHANCE = (
    "Whoever is exactly as expected lies within the limits of chance 95 times of 100.\n"
    "Less and more are beyond the limits of 998 times of 1,000; perhaps is between the two."
)


def comparison_report(comparison: Comparison) -> Report:
    """What was asked and how everybody stands; sorted by name: it is not a league table."""
    question = comparison.question
    told = asked(
        question,
        measure=comparison.measure.value,
        against=comparison.against.value,
        alike=[by.value for by in comparison.alike],
        house_good=comparison.house.good,
        house_count=comparison.house.count,
        house_expected=round(comparison.house.expected, 6),
        spread=None if comparison.spread is None else round(comparison.spread, 6),
    )
    rows = tuple(_row(point, comparison.who.value) for point in comparison.points)
    sheet = Sheet(
        name="figures",
        title="",
        columns=_columns(comparison),
        rows=rows,
        total=_whole(comparison),
        notes=notes(comparison),
    )
    return Report(asked=told, sheets=(sheet,))


def _columns(comparison: Comparison) -> tuple[Column, ...]:
    """Everybody's work, what was expected of it, and where chance ends."""
    who = comparison.who
    return (
        Column(key=who.value, on_screen=False),
        Column(key=f"{who.value}_name", heading=who.heading, kind=Kind.TEXT),
        Column(key="count", heading=comparison.measure.things.capitalize()),
        Column(key="good", on_screen=False),
        Column(key="good_rate", heading=comparison.measure.words.capitalize(), kind=Kind.RATE, of=_RATE.of),
        Column(key="expected", heading="Expected", kind=Kind.HOURS),
        Column(key="ratio", heading="Ratio", kind=Kind.RATIO),
        Column(key="ratio_low", heading="from", kind=Kind.RATIO),
        Column(key="ratio_high", heading="to", kind=Kind.RATIO),
        Column(key="limit_low", heading="Chance from", kind=Kind.RATIO),
        Column(key="limit_high", heading="to", kind=Kind.RATIO),
        Column(key="strict_low", kind=Kind.RATIO, on_screen=False),
        Column(key="strict_high", kind=Kind.RATIO, on_screen=False),
        Column(key="size", kind=Kind.HOURS, on_screen=False),
        Column(key="verdict", heading="So", kind=Kind.TEXT),
    )


def _whole(comparison: Comparison) -> dict[str, Any] | None:
    """The whole house against what was expected of it; chance has limits for people only."""
    house = comparison.house
    if not house.count or not house.expected:
        return None
    low, high = (end * house.count / house.expected for end in wilson(house.good, house.count))
    row = total_names((comparison.who,)) | {
        "count": house.count,
        "good": house.good,
        "expected": house.expected,
        "ratio": house.good / house.expected,
        "ratio_low": low,
        "ratio_high": high,
    }
    return with_rates(row, [_RATE])


def _row(point: Point, who: str) -> dict[str, Any]:
    row = {
        who: point.key,
        f"{who}_name": point.name,
        "count": point.sums.count,
        "good": point.sums.good,
        "expected": point.sums.expected,
        "ratio": point.ratio,
        "ratio_low": point.interval[0],
        "ratio_high": point.interval[1],
        "limit_low": point.limits[0],
        "limit_high": point.limits[1],
        "strict_low": point.strict_limits[0],
        "strict_high": point.strict_limits[1],
        "size": point.size,
        "verdict": point.verdict.value,
    }
    return with_rates(row, [_RATE])


def notes(comparison: Comparison) -> tuple[str, ...]:
    """How to read it."""
    people = len(comparison.points)
    told = [
        basis(comparison),
        CHANCE,
    ]
    if people > 1:
        told.append(f"Of {people}, about {people / 20:.1f} lie outside the 95 % limits by chance alone.")
    if comparison.spread is not None:
        words = "something matters that is not counted here" if comparison.is_spread_wide else "about what it explains"
        told.append(f"The spread among them is {comparison.spread:.1f} times that of chance: {words}.")
    if comparison.is_spread_wide:
        told.append("The limits of chance are too narrow then.")
    return (*told, *_far_from_targets(comparison))


def _far_from_targets(comparison: Comparison) -> tuple[str, ...]:
    """Where the whole house misses its targets, everybody does: that says little about one person."""
    whole = _whole(comparison)
    if comparison.against is not Against.STANDARDS or whole is None or whole["ratio_low"] <= 1 <= whole["ratio_high"]:
        return ()
    words = "less" if whole["ratio"] < 1 else "more"
    counts = f"{whole['good']:,} where {whole['expected']:,.0f} were expected"
    return (
        f"The whole house did {words} than its standards ask: {counts}.",
        "Who differs from the others is told by --against house.",
    )
