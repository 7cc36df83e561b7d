"""How well the work of a period was done: counted in SQL, shaped by pandas, every rate with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from reports.assignment import Question, Rows
from reports.dimension import By
from reports.efficiency_query import counted, outcomes, reasons
from reports.interval import wilson
from reports.labels import label, labels, listed

COUNTS = (
    "assigned",
    "done",
    "on_time",
    "late",
    "open_in_time",
    "called_off",
    "handed_on",
    "done_without_due",
    "cases",
    "succeeded",
    "undecided",
)
HOURS = ("working_hours_mean", "working_hours_median", "working_hours_p90", "waiting_hours_mean")
ALL = "all together"
RATES = {  # rate -> its numerator and denominator
    "done_rate": ("done", "assigned"),
    "on_time_rate": ("on_time", "assigned"),
    "late_rate": ("late", "assigned"),
    "success_rate": ("succeeded", "cases"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Efficiency:
    """The figures (docs/figures.md defines each): one row per group, sorted by its names, and all together.

    `rows` has for each dimension its key and `<dimension>_name`, the counts, hours, `late_reasons` (reason -> how
    many), and each rate with `<rate>_low` and `<rate>_high`. Hours and rates are NaN where nothing was counted.
    """

    question: Question
    rows: pd.DataFrame
    total: pd.DataFrame  # the same columns, one row
    reasons: Mapping[str, str]  # code of a late reason -> what it is called


def efficiency(db: Connection, question: Question, *, language: str = "en") -> Efficiency:
    """The figures of work assigned in the period."""
    keys = [by.value for by in question.by] + ["is_total"]
    figures = _frame(db, counted(question))
    figures = figures.merge(_frame(db, outcomes(question)), on=keys, how="left")
    figures = figures.merge(_reasons_told(_frame(db, reasons(question)), keys), on=keys, how="left")
    figures = _rated(_counts_whole(figures))
    for by in question.by:
        known = labels(db, by, language)
        figures[f"{by.value}_name"] = [label(by, key, known) for key in figures[by.value]]
        figures.loc[figures["is_total"], f"{by.value}_name"] = ALL
    total = figures[figures["is_total"]].reset_index(drop=True)
    rows = figures[~figures["is_total"]] if question.by else figures
    return Efficiency(
        question=question,
        rows=_sorted(rows, question.by),
        total=total,
        reasons=listed(db, "late_reasons", language),
    )


def _frame(db: Connection, asked: Rows) -> pd.DataFrame:
    """As objects: ids must not become floats where one of them is missing, nor merge on NaN."""
    result = db.execute(asked)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    frame["is_total"] = frame["is_total"].astype(bool)
    return frame


def _reasons_told(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row per group: its reasons as a mapping, the most frequent first."""
    told: dict[tuple[Any, ...], dict[str, int]] = {}
    for *key, reason, count in sorted(frame.itertuples(index=False, name=None), key=lambda row: (-row[-1], row[-2])):
        told.setdefault(tuple(key), {})[reason] = count
    rows = [[*key, reasons_of] for key, reasons_of in told.items()]
    return pd.DataFrame(rows, columns=[*keys, "late_reasons"], dtype=object).astype({"is_total": bool})


def _counts_whole(figures: pd.DataFrame) -> pd.DataFrame:
    """A group that is missing on the other side of the merge has none of it."""
    told = [told if isinstance(told, dict) else {} for told in figures["late_reasons"]]
    figures["late_reasons"] = pd.Series(told, index=figures.index, dtype=object)
    for name in COUNTS:
        figures[name] = pd.to_numeric(figures[name]).fillna(0).astype("int64")
    for name in HOURS:
        figures[name] = figures[name].astype("float64")
    return figures


def _rated(figures: pd.DataFrame) -> pd.DataFrame:
    """Each rate with the two ends of its interval."""
    for rate, (numerator, denominator) in RATES.items():
        pairs = list(zip(figures[numerator].tolist(), figures[denominator].tolist(), strict=True))
        figures[rate] = [part / whole if whole else float("nan") for part, whole in pairs]
        ends = [wilson(part, whole) if whole else (float("nan"), float("nan")) for part, whole in pairs]
        figures[f"{rate}_low"] = [low for low, _ in ends]
        figures[f"{rate}_high"] = [high for _, high in ends]
    return figures


def _sorted(rows: pd.DataFrame, by: tuple[By, ...]) -> pd.DataFrame:
    """By name, not by rate: a list of people is not a league table."""
    if not by:
        return rows
    return rows.sort_values([f"{part.value}_name" for part in by], kind="stable").reset_index(drop=True)
