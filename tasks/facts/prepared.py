"""What is asked about one subject again and again: the statement is built once and run often, in one round trip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, make_url, select

from tasks.facts.computed import AsOf
from tasks.facts.fields import DIMENSION_PATHS, Fact, Reading
from tasks.record.hot import run

# While a statement is built these stand in for what is known only when it is run.
_MOMENT = datetime(1801, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
_NUMBER = -1_801_020_304
_DIMENSIONS = tuple(dimension.value for dimension in DIMENSION_PATHS)
_DIALECT = make_url("postgresql+psycopg2://").get_dialect()()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about a subject: values by path, numbers of employees by path, and whether its dimensions."""

    subject_type: str
    paths: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    dimensions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The answer; None for whatever the subject does not have."""

    values: Mapping[str, Fact] = field(default_factory=dict)
    people: Mapping[str, int | None] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)


def ask(db: Connection, question: Question, subject_id: int, at: datetime) -> Told:
    """What is so about one subject at that moment. Raises: FieldOutOfReach."""
    if not (question.paths or question.people or question.dimensions):
        return Told()
    sql, parameters = _statement(question)
    stand_ins: dict[Any, Any] = {_MOMENT: at, AsOf.of(_MOMENT).day: AsOf.of(at).day, _NUMBER: subject_id}
    known = {name: stand_ins.get(value, value) if _may_stand_in(value) else value for name, value in parameters}
    with run(db, sql, known) as cursor:
        row = cursor.fetchone()
    width, then = len(question.paths), len(question.paths) + len(question.people)
    cells = tuple(row) if row is not None else (None,) * (then + (len(_DIMENSIONS) if question.dimensions else 0))
    return Told(
        values={path: _fact(value) for path, value in zip(question.paths, cells[:width], strict=True)},
        people=dict(zip(question.people, cells[width:then], strict=True)),
        dimensions={name: value or "" for name, value in zip(_DIMENSIONS, cells[then:], strict=False)},
    )


@lru_cache(maxsize=512)
def _statement(question: Question) -> tuple[str, tuple[tuple[str, Any], ...]]:
    reading = Reading(question.subject_type, _MOMENT)
    columns: list[Any] = [reading.value(path) for path in question.paths]
    columns += [reading.person(path) for path in question.people]
    columns += [reading.dimensions()[name] for name in DIMENSION_PATHS] if question.dimensions else []
    labelled = [column.label(f"fact_{place}") for place, column in enumerate(columns)]
    statement = select(*labelled).select_from(reading.source).where(reading.subject_id == _NUMBER)
    compiled = statement.compile(dialect=_DIALECT)
    return str(compiled), tuple(compiled.params.items())


def _may_stand_in(value: object) -> bool:
    return isinstance(value, date | int) and not isinstance(value, bool)


def _fact(value: Any) -> Fact:
    return tuple(value) if isinstance(value, list) else value
