"""Finding what a person means by a word: an employee, a team, a client or another subject by its own number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from core.errors import TaktasError, did_you_mean
from models import contacts, contracts, parties, people, receivables, work
from tasks.facts.ground import GROUNDS


class NotFound(TaktasError):
    """Nothing in the book has that number or name."""


class ManyFound(TaktasError):
    """Several things in the book have that number."""


_word: Any = bindparam("word")
_staff, _party, _term, _policy = people.employees.c, parties.parties.c, contracts.terms.c, contracts.policies.c
_EMPLOYEE = (
    select(_staff.id)
    .where(or_(func.lower(_staff.login) == func.lower(_word), func.lower(_staff.email) == func.lower(_word)))
    .order_by(func.lower(_staff.login) != func.lower(_word))
    .limit(1)
)
_TEAM = select(people.teams.c.id).where(func.lower(people.teams.c.code) == func.lower(_word))
_BY_NUMBER: dict[str, Select[Any]] = {
    "client": select(_party.id).where(_party.number == _word),
    "policy": select(_policy.id).where(_policy.number == _word).order_by(_policy.id),
    "term": select(_term.id)
    .join(contracts.policies, _policy.id == _term.policy_id)
    .where(_policy.number == _word)
    .order_by(_term.expires_on.desc(), _term.id.desc())
    .limit(1),
    "programme": select(contracts.programmes.c.id).where(contracts.programmes.c.number == _word),
    "receivable": select(receivables.receivables.c.id)
    .where(receivables.receivables.c.number == _word)
    .order_by(receivables.receivables.c.id),
    "claim": select(contacts.claims.c.id).where(contacts.claims.c.number == _word),
    "interaction": select(contacts.interactions.c.id).where(contacts.interactions.c.number == _word),
    "employee": _EMPLOYEE,
}


def find_employee(db: Connection, word: str) -> int:
    """The employee with that login or e-mail. Raises: NotFound."""
    found = db.execute(_EMPLOYEE, {"word": word.strip()}).scalar_one_or_none()
    if found is None:
        known = db.execute(select(_staff.login)).scalars().all()
        hint = did_you_mean(word, known) or ". `taktas employees list` shows everybody."
        raise NotFound(f"Nobody here has the login or e-mail {word!r}{hint}")
    return int(found)


def find_team(db: Connection, code: str) -> int:
    """The team of that code. Raises: NotFound."""
    found = db.execute(_TEAM, {"word": code.strip()}).scalar_one_or_none()
    if found is None:
        known = db.execute(select(people.teams.c.code).order_by(people.teams.c.code)).scalars().all()
        hint = did_you_mean(code, known) or "."
        raise NotFound(f"There is no team {code!r}{hint} Teams: {', '.join(known) or 'none yet'}.")
    return int(found)


def find_subject(db: Connection, written: str) -> tuple[str, int]:
    """`client:C-17`, `policy:P-1`, `term:P-1` (its latest), `case:12`, or `term:#12` by taktas's own number.

    Raises: NotFound, ManyFound.
    """
    kind, _, word = written.strip().partition(":")
    kind, word = kind.strip().lower(), word.strip()
    known = (*GROUNDS, "case")
    if kind not in known or not word:
        hint = did_you_mean(kind, known) or "."
        raise NotFound(
            f"{written!r} names nothing{hint} Write what it is and its number, such as client:C-17 or policy:P-1. "
            f"It can be one of: {', '.join(known)}."
        )
    return kind, _number(db, kind, word)


def find_client(db: Connection, number: str) -> int:
    """The client of that number. Raises: NotFound."""
    return _number(db, "client", number.strip())


def _number(db: Connection, kind: str, word: str) -> int:
    digits = word.removeprefix("#")
    if kind == "case" or word.startswith("#") or kind not in _BY_NUMBER:
        table = work.cases if kind == "case" else GROUNDS[kind].table
        query = select(table.c.id).where(table.c.id == (int(digits) if digits.isdecimal() else -1))
    else:
        query = _BY_NUMBER[kind]
    found = db.execute(query, {"word": word}).scalars().all()
    if not found:
        raise NotFound(f"There is no {kind} {word!r}. Check its number.")
    if len(found) > 1:
        listed = ", ".join(f"{kind}:#{number}" for number in found)
        raise ManyFound(f"Several things are the {kind} {word!r}. Say which one is meant: {listed}.")
    return int(found[0])
