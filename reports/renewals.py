"""Renewals won, lost and lapsed by reason, with the premium and commission at stake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from core.errors import TaktasError, did_you_mean
from models.definitions import processes
from reports.asking import asked
from reports.assignment import Question
from reports.dimension import By
from reports.labels import label, labels, listed, total_names
from reports.renewals_query import COMMISSION, State, counted_renewals, money_of_renewals
from reports.sheet import Column, Kind, Report, Sheet, sorted_reasons, with_rates

RENEWAL = "renewal"
RENEWED = ("term", "imported_case")  # a term of this house, or the renewal of one that another system told of
COUNTS = ("renewals", "won", "lost", "lapsed", "undecided", "not_counted")
_JUDGED = (State.WON, State.LOST, State.LAPSED, State.UNDECIDED)
_RATES = (
    Column(key="won_rate", heading="Won", kind=Kind.RATE, of=("won", "renewals")),
    Column(key="lapsed_rate", heading="Lapsed of them", kind=Kind.RATE, of=("lapsed", "renewals"), on_screen=False),
)

AMOUNTS = {
    "premium_expiring": "Premium expiring",
    "premium_won": "Kept of it",
    "premium_renewed": "Renewed at",
    "premium_lost": "Lost",
    "premium_lapsed": "Lapsed",
    "premium_undecided": "Undecided",
    **{f"commission_{kind}": f"Commission {kind.replace('_', ' ')}" for kind in COMMISSION},
    "commission_lost_expected": "Commission lost (expected)",
}

Key = tuple[Any, ...]


class UnknownProcess(TaktasError):
    """No published process is called that."""


def renewals_report(db: Connection, question: Question, *, process: str = RENEWAL, language: str = "en") -> Report:
    """The renewals of the terms that expire in the period. Raises: UnknownProcess."""
    _check_process(db, process)
    names = {by: labels(db, by, language) for by in question.by}
    reasons = listed(db, "end_reasons", language)
    told = asked(
        question,
        process=process,
        counts="terms that expire in the period and have a case",
        rates="share, and the low and high end of its Wilson 95 % interval",
    )
    sheets = [_counts(db, question, process, names, reasons), _money(db, question, process, names)]
    return Report(asked=told, sheets=tuple(sheet for sheet in sheets if sheet.name != "money" or sheet.rows))


def _check_process(db: Connection, process: str) -> None:
    known = list(db.scalars(select(processes.c.name).where(processes.c.subject.in_(RENEWED))))
    if process not in known:
        those = f"Those about terms are {', '.join(sorted(known))}" if known else "None about terms is published yet"
        hint = did_you_mean(process, known) or f". {those}."
        raise UnknownProcess(f"No published process about terms is called {process!r}{hint}")


def _counts(
    db: Connection, question: Question, process: str, names: Mapping[By, Any], reasons: Mapping[str, str]
) -> Sheet:
    groups: dict[Key | None, dict[str, Any]] = {}
    for *key, state, reason, count in db.execute(counted_renewals(question, process)).all():
        for group in {tuple(key), None}:
            told = groups.setdefault(group, dict.fromkeys(COUNTS, 0) | {"reasons": {}})
            told[state] += count
            told["renewals"] += count if state in _JUDGED else 0
            if reason:
                told["reasons"][reason] = told["reasons"].get(reason, 0) + count
    rows = _named_rows(question, groups, names)
    for row in rows:
        row["reasons"] = sorted_reasons(row["reasons"])
    rated = [with_rates(row, _RATES) for row in rows]
    columns = (
        *_group_columns(question),
        Column(key="renewals", heading="Renewals"),
        *_RATES,
        Column(key="won", on_screen=False),
        Column(key="lost", heading="Lost"),
        Column(key="lapsed", heading="Lapsed"),
        Column(key="undecided", heading="Undecided", when_any=True),
        Column(key="not_counted", heading="Not counted", when_any=True),
        Column(key="reasons", heading="Why lost", kind=Kind.REASONS, names=reasons),
    )
    return Sheet(name="figures", title="", columns=columns, **_split(rated, question))


def _named_rows(
    question: Question, groups: Mapping[Key | None, Mapping[str, Any]], names: Mapping[By, Any]
) -> list[dict[str, Any]]:
    """One row per group by name, the sum last."""
    rows = []
    for key, told in groups.items():
        values = dict.fromkeys((by.value for by in question.by), None)
        if key is not None:
            values = dict(zip(values, key, strict=False))
        row = dict(told) | values | {"is_total": key is None}
        for by in question.by:
            row[f"{by.value}_name"] = label(by, values[by.value], names[by])
        row |= total_names(question.by) if key is None else {}
        rows.append(row)
    return sorted(rows, key=lambda row: (row["is_total"], *(row[f"{by.value}_name"] for by in question.by)))


def _group_columns(question: Question) -> Iterable[Column]:
    for by in question.by:
        yield Column(key=by.value, kind=Kind.TEXT, on_screen=False)
        yield Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT)


def _split(rows: list[dict[str, Any]], question: Question) -> dict[str, Any]:
    """The rows of a sheet and its sum; without groups the sum is the one row."""
    groups = [row for row in rows if row["is_total"] == (not question.by)]
    total = next((row for row in rows if row["is_total"]), None)
    return {"rows": tuple(groups), "total": total if question.by else None}


def _money(db: Connection, question: Question, process: str, names: Mapping[By, Any]) -> Sheet:
    """Amounts for whole terms, each row in one currency; a sum for each currency, none over currencies."""
    groups: dict[tuple[Key | None, str], dict[str, Any]] = {}
    for *key, currency, measure, amount in db.execute(money_of_renewals(question, process)).all():
        for group in {tuple(key), None}:
            told = groups.setdefault((group, currency or ""), {})
            told[measure] = told.get(measure, Decimal(0)) + amount
    rows = [_amounts(question, group, currency, told, names) for (group, currency), told in groups.items()]
    rows.sort(key=lambda row: (*(row[f"{by.value}_name"] for by in question.by), row["currency"]))
    columns = (
        *_group_columns(question),
        Column(key="currency", heading="Currency", kind=Kind.TEXT),
        *(Column(key=key, heading=words, kind=Kind.MONEY, when_any=True) for key, words in AMOUNTS.items()),
    )
    has_commission = any(row[name] for row in rows for name in AMOUNTS if name.startswith("commission_"))
    return Sheet(
        name="money",
        title="Gross premium for the whole term" + ", and commission" * has_commission,
        columns=columns,
        rows=tuple(row for row in rows if row["is_total"] == (not question.by)),
        totals=tuple(row for row in rows if row["is_total"] and question.by),
        notes=() if has_commission else ("No commission is recorded for these terms.",),
    )


def _amounts(
    question: Question, key: Key | None, currency: str, told: Mapping[str, Any], names: Mapping[By, Any]
) -> dict[str, Any]:
    """One group in one currency, every amount there is."""
    named = _named_rows(question, {key: told}, names)[0]
    at_stake = [told.get(f"premium_{state.value}", Decimal(0)) for state in _JUDGED]
    expiring = {"currency": currency, "premium_expiring": sum(at_stake, Decimal(0))}
    return dict.fromkeys(AMOUNTS) | named | expiring
