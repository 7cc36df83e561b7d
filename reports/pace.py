"""How long work takes until it is done, with unfinished work counted for as long as it has lasted (Kaplan-Meier)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf  # type: ignore[import-untyped]  # scipy comes without types
from sqlalchemy import Connection

from reports.asking import asked
from reports.assignment import Question
from reports.folding import HOUR, median
from reports.labels import label, labels
from reports.pace_query import Key, Times, working_times
from reports.sheet import ALL, Column, Kind, Report, Sheet

HALF, TENTH = 0.5, 0.1
MOST_STEPS = 200  # of a curve in a table

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """The share of work that is not done after so many working hours, with its 95 % band.

    `median` and `ninetieth`: after how many hours half and nine tenths are done, each with its interval; None where
    that was not reached.
    `ends`: the hours at which something ended otherwise or is still open.
    """

    name: str
    values: Key
    done: int
    unfinished: int
    hours: Floats
    shares: Floats
    lows: Floats
    highs: Floats
    at_risk: NDArray[np.int64]
    ends: Floats
    median_of_done: float | None

    @property
    def median(self) -> float | None:
        """Hours until half is done."""
        return reached(self.hours, self.shares, HALF)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """Between which hours the true median lies, with 95 %."""
        return self._between(HALF)

    @property
    def ninetieth(self) -> float | None:
        """Hours until nine in ten are done."""
        return reached(self.hours, self.shares, TENTH)

    @property
    def ninetieth_interval(self) -> tuple[float | None, float | None]:
        """Between which hours nine in ten are truly done, with 95 %."""
        return self._between(TENTH)

    def _between(self, level: float) -> tuple[float | None, float | None]:
        return reached(self.hours, self.lows, level), reached(self.hours, self.highs, level)


def reached(hours: Floats, shares: Floats, level: float) -> float | None:
    """The first hour at which no more than that share is left."""
    places = np.flatnonzero(shares <= level + 1e-12)
    return float(hours[places[0]]) if places.size else None


def curve(name: str, values: Key, done: NDArray[np.int64], unfinished: NDArray[np.int64]) -> Curve:
    """The product-limit estimate of these times (seconds), with its exponential Greenwood band.

    Source: E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, Journal of the American
    Statistical Association 53 (1958), 457-481.
    """
    estimate = ecdf(CensoredData(uncensored=done / HOUR, right=unfinished / HOUR)).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the band has no ends where nothing or everything is left
        band = estimate.confidence_interval(method="log-log")
    hours, shares = np.asarray(estimate.quantiles), np.asarray(estimate.probabilities)
    every = np.sort(np.concatenate([done, unfinished])) / HOUR
    return Curve(
        name=name,
        values=values,
        done=done.size,
        unfinished=unfinished.size,
        hours=hours,
        shares=shares,
        lows=_filled(np.asarray(band.low.probabilities), shares),
        highs=_filled(np.asarray(band.high.probabilities), shares),
        at_risk=every.size - np.searchsorted(every, hours, side="left"),
        ends=np.sort(unfinished / HOUR),
        median_of_done=median(done) / HOUR if done.size else None,
    )


def _filled(band: Floats, shares: Floats) -> Floats:
    """Where the formula has no end the share itself stands."""
    return np.where(np.isnan(band), shares, band)


def pace(db: Connection, question: Question, *, language: str = "en") -> list[Curve]:
    """A curve for each group by name, and one of all together at the end. Raises: BeyondCalendar."""
    times = working_times(db, question)
    groups = list(dict.fromkeys(key for key, _ in times))
    names = {by: labels(db, by, language) for by in question.by}
    told = [(_name(question, key, names), key) for key in groups]
    curves = [curve(name, key, *_times(times, [key])) for name, key in sorted(told)] if question.by else []
    return [*curves, curve(ALL, (), *_times(times, groups))] if groups else []


def _name(question: Question, key: Key, names: dict[Any, Any]) -> str:
    return ", ".join(label(by, value, names[by]) for by, value in zip(question.by, key, strict=True))


def _times(times: Times, groups: Iterable[Key]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    nothing = np.array([], dtype=np.int64)
    kept = list(groups)
    done, unfinished = (
        np.concatenate([nothing, *(times[key, is_done] for key in kept if (key, is_done) in times)])
        for is_done in (True, False)
    )
    return done, unfinished


def pace_report(question: Question, curves: list[Curve]) -> Report:
    """The medians and ninetieths, and the curves they are read from."""
    counts = "each person's time with a task" if question.tells_people_apart else "each task once"
    columns = (
        Column(key="group", heading=", ".join(by.heading for by in question.by) or "Work", kind=Kind.TEXT),
        Column(key="assigned", heading="Assigned"),
        Column(key="done", heading="Done"),
        Column(key="unfinished", heading="Unfinished"),
        Column(key="median", heading="Half done (h)", kind=Kind.HOURS),
        Column(key="median_low", heading="from", kind=Kind.HOURS),
        Column(key="median_high", heading="to", kind=Kind.HOURS),
        Column(key="ninetieth", heading="90 % done (h)", kind=Kind.HOURS),
        Column(key="ninetieth_low", heading="from", kind=Kind.HOURS),
        Column(key="ninetieth_high", heading="to", kind=Kind.HOURS),
        Column(key="median_of_done", heading="Of done only (h)", kind=Kind.HOURS),
    )
    rows = tuple(_summary(each) for each in curves)
    total = rows[-1] if rows and question.by else None
    main = Sheet(
        name="figures", title="", columns=columns, rows=rows[:-1] if question.by else rows, total=total, notes=NOTES
    )
    return Report(asked=asked(question, counts=counts), sheets=(main, _curve_sheet(curves)))


NOTES = (
    "Working hours from the assignment until it was done. Unfinished work (open, called off, handed on) counts as",
    "lasting at least as long as it has; a cell stays empty where so much was never done.",
)


def _summary(each: Curve) -> dict[str, Any]:
    (low, high), (least, most) = each.median_interval, each.ninetieth_interval
    return {
        "group": each.name,
        "assigned": each.done + each.unfinished,
        "done": each.done,
        "unfinished": each.unfinished,
        "median": each.median,
        "median_low": low,
        "median_high": high,
        "ninetieth": each.ninetieth,
        "ninetieth_low": least,
        "ninetieth_high": most,
        "median_of_done": each.median_of_done,
    }


def _curve_sheet(curves: list[Curve]) -> Sheet:
    columns = (
        Column(key="group", heading="Work", kind=Kind.TEXT),
        Column(key="hours", heading="Hours", kind=Kind.HOURS),
        Column(key="at_risk", heading="Under way"),
        Column(key="left_share", heading="Not done", kind=Kind.SHARE),
        Column(key="left_share_low", heading="from", kind=Kind.SHARE),
        Column(key="left_share_high", heading="to", kind=Kind.SHARE),
    )
    rows = [_step(each, int(place)) for each in curves for place in _places(each)]
    return Sheet(name="curve", title="", columns=columns, rows=tuple(rows))


def _places(each: Curve) -> NDArray[np.int64]:
    """Which steps of a curve are told, where it has very many."""
    return np.unique(np.linspace(0, each.hours.size - 1, min(MOST_STEPS, each.hours.size)).astype(np.int64))


def _step(each: Curve, place: int) -> dict[str, Any]:
    return {
        "group": each.name,
        "hours": float(each.hours[place]),
        "at_risk": int(each.at_risk[place]),
        "left_share": float(each.shares[place]),
        "left_share_low": float(each.lows[place]),
        "left_share_high": float(each.highs[place]),
    }
