"""How well the work of a period was done: counted in SQL, shaped by pandas, every rate with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from reports.assignment import Question
from reports.dimension import By
from reports.efficiency_query import WORKING_MEMORY, counted
from reports.folding import Key, fold
from reports.interval import wilson
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
    told = [_row(question, key, figures) for key, figures in fold(cells, len(question.by))]
    columns = [*_row(question, None, {}), *COUNTS, *HOURS, "late_reasons"]
    frame = _typed(pd.DataFrame(told, columns=columns, dtype=object))
    for name, values in _rates(frame):
        frame[name] = values
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


def _row(question: Question, key: Key | None, figures: dict[str, Any]) -> dict[str, Any]:
    names = [by.value for by in question.by]
    values = dict.fromkeys(names) if key is None else dict(zip(names, key, strict=True))
    return values | {"is_total": key is None} | figures


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts whole, hours with fractions; keys stay objects: ids must not become floats where one is missing."""
    counts, hours = dict.fromkeys(COUNTS, "int64"), dict.fromkeys(HOURS, "float64")
    return frame.astype({"is_total": "bool"} | counts | hours)


def _rates(figures: pd.DataFrame) -> Iterator[tuple[str, list[float]]]:
    """Each rate with the two ends of its interval."""
    for rate, (numerator, denominator) in RATES.items():
        pairs = list(zip(figures[numerator].tolist(), figures[denominator].tolist(), strict=True))
        ends = [wilson(part, whole) if whole else (float("nan"), float("nan")) for part, whole in pairs]
        yield rate, [part / whole if whole else float("nan") for part, whole in pairs]
        yield f"{rate}_low", [low for low, _ in ends]
        yield f"{rate}_high", [high for _, high in ends]


def _sorted(rows: pd.DataFrame, by: tuple[By, ...]) -> pd.DataFrame:
    """By name, not by rate: a list of people is not a league table."""
    if not by:
        return rows.reset_index(drop=True)
    return rows.sort_values([f"{part.value}_name" for part in by], kind="stable").reset_index(drop=True)
