"""The answers finishing asks for: typed, checked, stored, and never asked twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.errors import TaktasError, did_you_mean
from core.settings import settings
from models import work
from standards.lists import code_of
from standards.process import AnswerType, Process, Question
from tasks.advancing.history import Place
from tasks.facts.fields import Fact
from tasks.facts.stored_answers import fact_of_kind


class AnswersRefused(TaktasError):
    """Answers are missing, not asked for, or not of their kind."""


class AnswerNotUnderstood(TaktasError, ValueError):
    """One answer is not of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer as it is stored: a value JSON can hold."""

    name: str
    value: Any


_KNOWN = (
    select(work.answers.c.name, work.answers.c.value)
    .where(work.answers.c.case_id == bindparam("case_id"), work.answers.c.withdrawn_at.is_(None))
    .order_by(work.answers.c.id)
)
_KNOWN_OF_MANY = (
    select(work.answers.c.case_id, work.answers.c.name, work.answers.c.value)
    .where(
        work.answers.c.case_id == func.any(bindparam("case_ids", type_=ARRAY(BigInteger))),
        work.answers.c.withdrawn_at.is_(None),
    )
    .order_by(work.answers.c.id)
)
_INSERT = insert(work.answers)
_TRUE, _FALSE = {"yes", "true", "y", "1", "taip", "sí", "si"}, {"no", "false", "n", "0", "ne"}
_WRITE = {
    AnswerType.TEXT: "some words",
    AnswerType.NUMBER: "a number such as 12",
    AnswerType.MONEY: "an amount such as 120.50 or 120.50 EUR",
    AnswerType.DATE: "a date such as 2026-03-02",
    AnswerType.YES_NO: "yes or no",
}


def known_answers(db: Connection, case_id: int) -> dict[str, Any]:
    """What has been answered in a case so far, by name, as it is stored; the latest word counts."""
    return {row.name: row.value for row in db.execute(_KNOWN, {"case_id": case_id})}


def known_answers_of_many(db: Connection, case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`known_answers` of several cases in one statement, by the number of the case."""
    found: dict[int, dict[str, Any]] = {number: {} for number in case_ids}
    for row in db.execute(_KNOWN_OF_MANY, {"case_ids": list(found)}):
        found[row.case_id][row.name] = row.value
    return found


def answer_types(process: Process) -> dict[str, AnswerType]:
    """What kind of answer each question of a process asks for, by name."""
    steps = process.steps.values()
    asked = [question for step in steps for question in step.ask]
    asked += [question for step in steps for outcome in step.outcomes.values() for question in outcome.ask]
    return {question.name: question.type for question in asked}


def check_answers(
    questions: Iterable[Question], given: Mapping[str, object], known: Iterable[str], *, asker: str
) -> tuple[Given, ...]:
    """The answers as they will be stored. What is known need not be given again, but may be, and then counts.

    `asker` names what asks, as in "outcome 'bound' of task 7". Raises: AnswersRefused, which says everything that is
    wrong at once.
    """
    asked = {question.name: question for question in questions}
    wrong = [_not_asked(name, asked) for name in given if name not in asked]
    found: list[Given] = []
    for name, value in given.items():
        if name in asked:
            try:
                found.append(Given(name=name, value=stored(asked[name], value)))
            except AnswerNotUnderstood as error:
                wrong.append(str(error))
    optional = {name for name, question in asked.items() if question.optional}
    missing = [name for name in asked if name not in {*given, *known, *optional}]
    if missing:
        wrong.append(f"Missing: {'; '.join(_asking(asked[name]) for name in missing)}.")
    if wrong:
        example = " ".join(f"--answer {name}=…" for name in missing)
        raise AnswersRefused(f"{asker} was not accepted. {' '.join(wrong)}" + (f" Add {example}." if example else ""))
    return tuple(found)


def _not_asked(name: str, asked: Mapping[str, Question]) -> str:
    hint = did_you_mean(name, asked) or "."
    listed = ", ".join(asked) or "nothing"
    return f"{name!r} is not asked{hint} Asked: {listed}."


def _asking(question: Question) -> str:
    if question.choices:
        several = "several of" if question.type is AnswerType.CODES else "one of"
        return f"{question.name} ({several} {', '.join(question.choices)})"
    return f"{question.name} ({_WRITE[question.type]})"


def stored(question: Question, value: object) -> Any:
    """An answer as it is stored. Raises: AnswerNotUnderstood."""
    try:
        return _READERS[question.type](question, value)
    except (ValueError, InvalidOperation, TypeError, KeyError) as error:
        expected = _asking(question).removeprefix(question.name).strip(" ()")
        raise AnswerNotUnderstood(f"{value!r} is no answer to {question.name!r}: give {expected}.") from error


def _text(_: Question, value: object) -> str:
    words = str(value).strip()
    if not words:
        raise ValueError(value)
    return words


def _number(_: Question, value: object) -> int | str:
    if isinstance(value, bool | float):
        raise TypeError(value)
    number = Decimal(str(value).strip())
    if not number.is_finite():
        raise ValueError(value)
    return int(number) if number == number.to_integral_value() else f"{number:f}"


def _money(_question: Question, value: object) -> dict[str, str]:
    if isinstance(value, bool | float):
        raise TypeError(value)
    if isinstance(value, Mapping):
        amount, currency = str(value["amount"]), str(value["currency"])
    else:
        amount, _, currency = str(value).strip().partition(" ")
    number, currency = Decimal(amount), currency.strip().upper() or settings().currency
    if not number.is_finite() or number != round(number, 2) or len(currency) != 3 or not currency.isalpha():
        raise ValueError(value)
    return {"amount": f"{number:.2f}", "currency": currency}


def _date(_: Question, value: object) -> str:
    if isinstance(value, datetime):
        raise TypeError(value)
    return (value if isinstance(value, date) else date.fromisoformat(str(value).strip())).isoformat()


def _yes_no(_: Question, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(value)
    return word in _TRUE


def _code(question: Question, value: object) -> str:
    written = str(value).strip()
    code = written if written in question.choices else code_of(written)
    if code not in question.choices:
        raise ValueError(value)
    return code


def _codes(question: Question, value: object) -> list[str]:
    parts: Iterable[object] = value.split(",") if isinstance(value, str) else value  # type: ignore[assignment]  # anything else that is no list raises TypeError below
    codes = list(dict.fromkeys(_code(question, part) for part in parts))
    if not codes:
        raise ValueError(value)
    return codes


_READERS: dict[AnswerType, Callable[[Question, object], Any]] = {
    AnswerType.TEXT: _text,
    AnswerType.NUMBER: _number,
    AnswerType.MONEY: _money,
    AnswerType.DATE: _date,
    AnswerType.YES_NO: _yes_no,
    AnswerType.CODE: _code,
    AnswerType.CODES: _codes,
}


def fact_of(value: Any, kind: AnswerType | None) -> Fact:
    """A stored answer as the field `case.<name>`."""
    return fact_of_kind(value, kind)


def store_answers(
    db: Connection,
    answers: Iterable[Given],
    *,
    case_id: int,
    client_id: int | None,
    task_id: int | None,
    place: Place,
    at: datetime,
) -> None:
    """Write them beside the case; they point to the client, so that a person's data can be erased."""
    rows = [
        {
            "case_id": case_id,
            "task_id": task_id,
            "client_id": client_id,
            "step": place.step,
            "round": place.round,
            "name": answer.name,
            "value": answer.value,
            "given_at": at,
        }
        for answer in answers
    ]
    if rows:
        db.execute(_INSERT, rows)
