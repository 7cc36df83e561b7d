"""Narrowing a report to some of its work: `employee=asta,action=call`, in words a person knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, or_, select

from core.errors import TaktasError, UsageError, did_you_mean
from models.people import employees, teams
from reports.dimension import By, parse_by

NOBODY = "nobody"


class NotNarrowed(UsageError):
    """The words do not name one value of one dimension each."""


class UnknownName(TaktasError):
    """There is no employee or team of that name."""


def parse_only(db: Connection, words: str) -> tuple[tuple[By, object], ...]:
    """`employee=asta,action=call` as dimensions and the values the database knows.

    An employee by login or name (`nobody` is whoever has not taken it yet), a team by code, everything else by code,
    nothing after the sign for what has none. Raises: NotNarrowed, UnknownDimension, UnknownName.
    """
    return tuple(_one(db, word) for word in words.split(",") if word.strip())


def _one(db: Connection, word: str) -> tuple[By, object]:
    name, sign, value = word.partition("=")
    if not sign:
        raise NotNarrowed(f"{word.strip()!r} names no value. Write it as --only employee=asta,action=call.")
    (by,) = parse_by(name) or (By.ACTION,)
    return by, _value(db, by, value.strip())


def _value(db: Connection, by: By, value: str) -> object:
    if by is By.EMPLOYEE:
        return None if value == NOBODY else _employee(db, value)
    return _team(db, value) if by is By.TEAM else value


def _employee(db: Connection, value: str) -> int:
    named = or_(func.lower(employees.c.login) == value.lower(), func.lower(employees.c.name) == value.lower())
    found: Sequence[int] = db.scalars(select(employees.c.id).where(named)).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownName(f"{len(found)} people here are called {value!r}. Say which by login: taktas employees list.")
    known = list(db.scalars(select(employees.c.login)))
    hint = did_you_mean(value, known) or ". `taktas employees list` shows everybody."
    raise UnknownName(f"Nobody here has the login or name {value!r}{hint}")


def _team(db: Connection, value: str) -> int | None:
    if not value:
        return None
    found: int | None = db.scalar(select(teams.c.id).where(teams.c.code == value))
    if found is None:
        known = list(db.scalars(select(teams.c.code)))
        hint = did_you_mean(value, known) or f". The teams are {', '.join(sorted(known)) or 'none'}."
        raise UnknownName(f"There is no team {value!r}{hint}")
    return found
