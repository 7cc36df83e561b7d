"""The curves of unfinished work: what share is not done after so many working hours."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from reports.assignment import Question
from reports.drawing import (
    GREY,
    INK,
    UNDER,
    NothingToDraw,
    PictureFormat,
    legend_above,
    legend_name,
    new_picture,
    picture,
)
from reports.pace import HALF, TENTH, Curve

STYLES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)))
"""Told apart without colour; of more groups than that only all together is drawn."""
MOST_STROKES = 400
WIDEST = 0.04  # the picture ends where so little is left


def pace_chart(question: Question, curves: list[Curve], form: PictureFormat) -> bytes:
    """The picture as a file. Raises: NothingToDraw."""
    if not curves:
        raise NothingToDraw("There is nothing to draw: nothing was assigned in these days. Ask for other days.")
    drawn = curves if len(curves) <= len(STYLES) else curves[-1:]
    title = headline(question, curves[-1])
    figure, axes = new_picture(title, _note(question, curves, drawn))
    for each, style in zip(drawn, STYLES, strict=False):
        _draw(axes, each, style, is_alone=len(drawn) == 1)
    _axes(axes, drawn)
    return picture(figure, form, title=title, description=described(question, curves))


def headline(question: Question, whole: Curve) -> str:
    """What the picture shows, in a sentence."""
    count, period = whole.done + whole.unfinished, question.period
    middle = "less than half is done yet" if whole.median is None else f"half is done after {whole.median:.1f} hours"
    last = "" if whole.ninetieth is None else f", nine in ten after {whole.ninetieth:.1f}"
    return f"Of {count:,} pieces of work assigned {period.first} to {period.last}, {middle}{last} of working time."


def _note(question: Question, curves: list[Curve], drawn: list[Curve]) -> str:
    left = "" if len(drawn) == len(curves) else f" Only all together is drawn of {len(curves) - 1} groups."
    band = " The grey band is the 95 % interval." if len(drawn) == 1 else ""
    return (
        f"As of {question.as_of:%Y-%m-%d}. Short upright strokes: work that ended otherwise or is still open; "
        f"it counts as lasting at least so long (Kaplan-Meier).{band}{left}"
    )


def _draw(axes: Axes, each: Curve, style: Any, *, is_alone: bool) -> None:
    hours, shares = np.concatenate([[0.0], each.hours]), np.concatenate([[1.0], each.shares])
    name = f"{legend_name(each.name)} ({each.done:,} of {each.done + each.unfinished:,} done)"
    axes.step(hours, shares, where="post", color=INK, linestyle=style, linewidth=1.6, label=name)
    if is_alone:
        axes.fill_between(each.hours, each.lows, each.highs, step="post", color="#dddddd", linewidth=0)
    ends = each.ends[:: 1 + each.ends.size // MOST_STROKES]
    axes.plot(
        ends,
        shares[np.searchsorted(hours, ends, side="right") - 1],
        linestyle="none",
        marker="|",
        markersize=6,
        color=GREY,
    )


def _axes(axes: Axes, drawn: list[Curve]) -> None:
    ends = [
        float(each.hours[np.flatnonzero(each.shares >= WIDEST)[-1]]) for each in drawn if (each.shares >= WIDEST).any()
    ]
    limit = max([*ends, 1.0]) * 1.05
    axes.set_xlim(0, limit)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("Working hours since it was assigned")
    axes.set_ylabel("Not done")
    for level, words in ((HALF, "half done"), (TENTH, "nine in ten done")):
        axes.axhline(level, color=GREY, linewidth=0.8, linestyle=(0, (2, 4)))
        axes.text(limit, level, f"{words} ", ha="right", va="bottom", fontsize=8.5, color=GREY, bbox=UNDER)
    legend_above(axes, columns=3)


def described(question: Question, curves: list[Curve]) -> str:
    """The picture in words."""
    told = (
        f"{each.name}: {each.done} of {each.done + each.unfinished} done, half after {_hours(each.median)}, "
        f"nine in ten after {_hours(each.ninetieth)}"
        for each in curves
    )
    return f"Curves of the share of work not done. {_note(question, curves, curves)} {'; '.join(told)}."


def _hours(value: float | None) -> str:
    return "never so far" if value is None else f"{value:.1f} working hours"
