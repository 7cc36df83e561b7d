"""Who is at the keyboard: the employee named by --as or TAKTAS_USER, and the zone and language they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.choices import choices
from core.actor import Actor, Door
from core.errors import TaktasError, UsageError, did_you_mean

if TYPE_CHECKING:
    from sqlalchemy import Connection


_NAMED = """
SELECT id, zone, language FROM employees WHERE lower(login) = %(wanted)s OR lower(email) = %(wanted)s
ORDER BY lower(login) = %(wanted)s
"""


class UnknownEmployee(TaktasError):
    """No employee has that login or e-mail."""


def acting(db: Connection) -> Actor:
    """The person who acts. Raises: UsageError when nobody is named; UnknownEmployee."""
    found = anyone(db)
    if found.employee_id is None:
        raise UsageError("Who are you? Say it with --as LOGIN, or set TAKTAS_USER to your login or e-mail.")
    return found


def anyone(db: Connection, *, door: Door = Door.COMMAND_LINE) -> Actor:
    """The person who acts if one is named, else an actor without a person. Raises: UnknownEmployee."""
    from core.settings import settings

    name = settings().user
    return Actor(door=door, employee_id=employee_id(db, name) if name else None)


def employee_id(db: Connection, name: str) -> int:
    """The employee with that login or e-mail; the reader's zone and language are remembered from them.

    Raises: UnknownEmployee.
    """
    found = db.exec_driver_sql(_NAMED, {"wanted": name.strip().lower()}).all()
    if not found:
        raise _unknown(db, name)
    number, zone, language = found[-1]
    choices().zone = zone or choices().zone
    choices().language = choices().language or language
    return int(number)


def _unknown(db: Connection, name: str) -> UnknownEmployee:
    from sqlalchemy import select

    from models.people import employees

    known = {word for row in db.execute(select(employees.c.login, employees.c.email)) for word in row if word}
    hint = did_you_mean(name, known) or ". `taktas employees list` shows everybody."
    return UnknownEmployee(f"Nobody here has the login or e-mail {name!r}{hint}")
