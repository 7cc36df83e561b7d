"""Narrowing a report to some of its work: `employee=asta,action=call`, in words a person knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, func, or_, select

from core.errors import TaktasError, UsageError, did_you_mean
from models.campaigns import campaigns
from models.definitions import processes
from models.people import employees, teams
from models.work import resolutions
from reports.dimension import CALENDAR, By, parse_by
from reports.judging import column_of
from reports.labels import labels
from tasks.record.log_steps import activities_of

NOBODY = "nobody"
LISTED = 20  # so many codes can be listed in a sentence


class NotNarrowed(UsageError):
    """The words do not name one value of one dimension each."""


class UnknownName(TaktasError):
    """There is no employee or team of that name."""


def parse_only(db: Connection, words: str, *, language: str = "en") -> tuple[tuple[By, object], ...]:
    """`employee=asta,action=call` as dimensions and the values the database knows.

    An employee by login, name or e-mail (`nobody` is whoever has not taken it yet), a team by code or name, a stretch
    of days as the report names it (`month=2026-10`, `quarter=2026 Q4`), everything else by code or label; nothing
    after the sign for what has none. Raises: NotNarrowed, UnknownDimension, UnknownName.
    """
    return tuple(_one(db, word, language) for word in words.split(",") if word.strip())


def _one(db: Connection, word: str, language: str) -> tuple[By, object]:
    name, sign, value = word.partition("=")
    if not sign:
        raise NotNarrowed(f"{word.strip()!r} names no value. Write it as --only employee=asta,action=call.")
    (by,) = parse_by(name) or (By.ACTION,)
    return by, _value(db, by, value.strip(), language)


def _value(db: Connection, by: By, value: str, language: str) -> object:
    if by is By.EMPLOYEE:
        return None if value == NOBODY else _employee(db, value)
    if by is By.TEAM:
        return _team(db, value)
    return _first_day(by, value) if by in CALENDAR else _code(db, by, value, language)


def _code(db: Connection, by: By, value: str, language: str) -> str:
    """The code of what is called so, or coded so; upper and lower case are the same."""
    known = _codes(db, by, language)
    if not value or value in known:
        return value
    meant = _meant(known, value.casefold())
    if len(meant) > 1:
        raise UnknownName(f"Several are called {value!r}: {', '.join(meant)}. Name the one you mean by its code.")
    if meant:
        return meant[0]
    every = f" The codes are {', '.join(sorted(known))}." if 0 < len(known) <= LISTED else ""
    hint = did_you_mean(value, [*known, *known.values()]) or f".{every}"
    raise UnknownName(f"No {by.heading.lower()} is called {value!r}{hint}")


def _meant(known: Mapping[str, str], wanted: str) -> list[str]:
    """The codes that read so; where none does, those whose name does."""
    coded = [code for code in known if code.casefold() == wanted]
    return sorted(coded or (code for code, name in known.items() if name.casefold() == wanted))


def _codes(db: Connection, by: By, language: str) -> dict[str, str]:
    """Code -> name: what the house knows, and what any of its work was of."""
    used = db.scalars(select(resolutions.c[column_of(by)]).distinct())
    coded = {By.PROCESS: processes.c.name, By.CAMPAIGN: campaigns.c.code}.get(by)
    declared = list(db.scalars(select(coded))) if coded is not None else []
    imported = activities_of(db) if by in {By.ACTION, By.STEP} else {}
    return {code: code for code in (*used, *declared) if code} | imported | dict(labels(db, by, language))


_WRITTEN = {
    By.MONTH: (r"(\d{4})-(\d\d)", "2026-10"),
    By.QUARTER: (r"(\d{4})[ -]?Q([1-4])", "2026-Q4"),
    By.YEAR: (r"(\d{4})", "2026"),
}


def _first_day(by: By, value: str) -> str:
    """The first day of the day, week, month, quarter or year that is meant, which any day of it names too."""
    pattern, example = _WRITTEN.get(by, ("", "2026-10-05"))
    short = re.fullmatch(pattern, value, re.IGNORECASE) if pattern else None
    try:
        if short is None:
            return first_day_of(by, date.fromisoformat(value)).isoformat()
        year, *place = (int(number) for number in short.groups())
        months = {By.QUARTER: 3, By.MONTH: 1}.get(by, 0)
        return date(year, (place[0] - 1) * months + 1 if place else 1, 1).isoformat()
    except ValueError:
        raise NotNarrowed(f"{value!r} is no {by.value}. Write it as --only {by.value}={example}.") from None


def first_day_of(by: By, day: date) -> date:
    """Of the week, month, quarter or year the day lies in."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    months = {By.MONTH: 1, By.QUARTER: 3, By.YEAR: 12}.get(by)
    return day if months is None else day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _employee(db: Connection, value: str) -> int:
    named = or_(*(func.lower(employees.c[name]) == value.lower() for name in ("login", "name", "email")))
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
    is_named = or_(teams.c.code == value, func.lower(teams.c.name) == value.lower())
    found: int | None = db.scalar(select(teams.c.id).where(is_named).order_by(teams.c.code != value).limit(1))
    if found is None:
        known = list(db.scalars(select(teams.c.code)))
        hint = did_you_mean(value, known) or f". The teams are {', '.join(sorted(known)) or 'none'}."
        raise UnknownName(f"There is no team {value!r}{hint}")
    return found
