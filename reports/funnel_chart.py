"""The funnel plot of a comparison: everybody by how much they did, between the lines that chance draws."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from reports.comparison import Comparison, Point, Verdict, basis
from reports.control_limits import STRICT, USUAL, chance_limits
from reports.drawing import (
    GREY,
    INK,
    MARKS_AT,
    NothingToDraw,
    PictureFormat,
    legend_above,
    new_picture,
    picture,
    plain,
    write_labels,
)

STEPS = 220  # places at which the lines are worked out
NAMED = 16  # up to so many, everybody is named; of more only who lies outside the lines
MARKS = {
    Verdict.WITHIN: ("o", "white"),
    Verdict.PERHAPS_LESS: ("v", "white"),
    Verdict.PERHAPS_MORE: ("^", "white"),
    Verdict.LESS: ("v", INK),
    Verdict.MORE: ("^", INK),
}
"""Told apart without colour: by shape, and filled where chance hardly explains it."""


def funnel(comparison: Comparison, form: PictureFormat) -> bytes:
    """The picture as a file. Raises: NothingToDraw."""
    if not comparison.points:
        raise NothingToDraw("There is nothing to draw: no work of these days can be judged yet. Ask for other days.")
    title = headline(comparison)
    figure, axes = new_picture(title, _note(comparison))
    largest = max([point.size for point in comparison.points], default=1.0) * 1.08
    _lines(axes, comparison, largest)
    for verdict, (mark, fill) in MARKS.items():
        those = [point for point in comparison.points if point.verdict is verdict]
        if those:
            axes.scatter(
                [point.size for point in those],
                [point.ratio for point in those],
                marker=mark,
                s=46,
                facecolor=fill,
                edgecolor=INK,
                linewidth=1.1,
                zorder=MARKS_AT,
                label=f"{verdict.value} ({len(those)})",
            )
    _axes(axes, comparison, largest)
    named = _named(comparison)
    unnamed = [(point.size, point.ratio) for point in comparison.points if point not in named]
    write_labels(axes, [(point.size, point.ratio, _label(point)) for point in named], unnamed)
    return picture(figure, form, title=title, description=described(comparison))


def headline(comparison: Comparison) -> str:
    """What the picture shows, in a sentence."""
    period, points = comparison.question.period, comparison.points
    outside = sum(point.verdict in {Verdict.LESS, Verdict.MORE} for point in points)
    perhaps = sum(point.verdict in {Verdict.PERHAPS_LESS, Verdict.PERHAPS_MORE} for point in points)
    things = "cases successful" if comparison.measure.value == "success" else "work on time"
    what = f"{things.capitalize()} against what was expected of the same mix of work, {period.first} to {period.last}"
    count = f"{outside or 'none'} of {len(points)} {'differ' if outside > 1 else 'differs'}"
    return f"{what}: {count} by more than chance explains" + (f", {perhaps} perhaps." if perhaps else ".")


def _note(comparison: Comparison) -> str:
    house = comparison.house
    spread = "" if comparison.spread is None else f" Spread among people: {comparison.spread:.1f} times that of chance."
    warning = (
        " They are spread more widely than chance explains, so something that is not counted here may explain it;"
        " read the lines with care."
        if comparison.is_spread_wide
        else ""
    )
    share = f"{house.good:,} of {house.count:,} {comparison.measure.things} {comparison.measure.words}, "
    return f"{basis(comparison)} Whole house: {share}{house.expected:,.0f} expected.{spread}{warning}"


def _lines(axes: Axes, comparison: Comparison, largest: float) -> None:
    sizes = np.geomspace(max(2.0, largest / 400), largest, STEPS)
    share = comparison.share
    axes.axhline(1.0, color=INK, linewidth=1.2, label="as expected")
    for within, style, name in ((USUAL, "--", "95 % of chance"), (STRICT, ":", "99.8 % of chance")):
        limits = np.array([chance_limits(share, float(size), within) for size in sizes]) / share if share else None
        if limits is None:
            continue
        axes.plot(sizes, limits[:, 0], color=GREY, linestyle=style, linewidth=1.3, label=name)
        axes.plot(sizes, limits[:, 1], color=GREY, linestyle=style, linewidth=1.3)


def _axes(axes: Axes, comparison: Comparison, largest: float) -> None:
    things = comparison.measure.things
    axes.set_xlim(0, largest)
    ratios = [point.ratio for point in comparison.points]
    low, high = min([*ratios, 0.9]), max([*ratios, 1.1])
    axes.set_ylim(max(0.0, low - 0.12), high + 0.12)
    axes.set_xlabel(f"Amount of work ({things}, as many of average kind as would tell as much)")
    axes.set_ylabel(f"{comparison.measure.words.capitalize()}: observed / expected")
    legend_above(axes)


def _named(comparison: Comparison) -> list[Point]:
    if len(comparison.points) <= NAMED:
        return list(comparison.points)
    return [point for point in comparison.points if point.verdict is not Verdict.WITHIN]


def _label(point: Point) -> str:
    return f"{plain(point.name, 22)} {point.sums.good}/{point.sums.count}"


def described(comparison: Comparison) -> str:
    """The picture in words: every point with its counts."""
    points = (
        f"{point.name}: {point.sums.good} of {point.sums.count}, {point.sums.expected:.1f} expected, "
        f"ratio {point.ratio:.2f}, {point.verdict.value}"
        for point in comparison.points
    )
    return f"Funnel plot. {_note(comparison)} {'; '.join(points)}."
