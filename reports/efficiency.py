"""How well the work of a period was done: counted in SQL, shaped by pandas, every rate with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection

from reports.assignment import Question
from reports.dimension import By
from reports.efficiency_query import WORKING_MEMORY, counted
from reports.folding import Figures, fold
from reports.interval import intervals
from reports.labels import label, labels, listed, total_names

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
    "effort_recorded",
)
HOURS = (
    "working_hours_mean",
    "working_hours_median",
    "working_hours_p90",
    "waiting_hours_mean",
    "spent_hours",
    "standard_hours",
    "effort_ratio",
)
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
    total: pd.DataFrame  # the same columns, one row; none where nothing was assigned
    reasons: Mapping[str, str]  # code of a late reason -> what it is called


def efficiency(db: Connection, question: Question, *, language: str = "en") -> Efficiency:
    """The figures of work assigned in the period."""
    db.execute(WORKING_MEMORY)
    cells = chain.from_iterable(db.execute(part) for part in counted(question))
    return shaped(db, question, cells, language)


def shaped(db: Connection, question: Question, cells: Iterable[Any], language: str) -> Efficiency:
    """The figures of cells that were counted already (reports.efficiency_query)."""
    frame = _frame(question, fold(cells, len(question.by)))
    for by in question.by:
        known = labels(db, by, language)
        frame[f"{by.value}_name"] = [label(by, value, known) for value in frame[by.value]]
    for name, called in total_names(question.by).items():
        frame.loc[frame["is_total"], name] = called
    rows = frame[~frame["is_total"]] if question.by else frame[frame["is_total"]]
    return Efficiency(
        question=question,
        rows=_sorted(rows, question.by),
        total=frame[frame["is_total"]].reset_index(drop=True),
        reasons=listed(db, "late_reasons", language),
    )


def _frame(question: Question, figures: Figures) -> pd.DataFrame:
    """Keys as the database knows them, and as objects: ids must not become floats where one is missing."""
    counted = figures.columns
    keys = {
        by.value: pd.Series([key and key[place] for key in figures.keys], dtype=object)
        for place, by in enumerate(question.by)
    }
    is_total = np.array([key is None for key in figures.keys], dtype=np.bool_)
    told = {name: counted[name] for name in (*COUNTS, *HOURS, "late_reasons")}
    return pd.DataFrame({**keys, "is_total": is_total, **told, **dict(_rates(counted))})


def _rates(counted: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Each rate with the two ends of its interval."""
    for rate, (numerator, denominator) in RATES.items():
        parts, wholes = counted[numerator], counted[denominator]
        yield rate, np.where(wholes > 0, parts / np.maximum(wholes, 1), np.nan)
        low, high = intervals(parts, wholes)
        yield f"{rate}_low", low
        yield f"{rate}_high", high


def _sorted(rows: pd.DataFrame, by: tuple[By, ...]) -> pd.DataFrame:
    """By name, not by rate: a list of people is not a league table."""
    if not by:
        return rows.reset_index(drop=True)
    return rows.sort_values([f"{part.value}_name" for part in by], kind="stable").reset_index(drop=True)
