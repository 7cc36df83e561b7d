"""What a house has of its own and what it has published, for checking definitions that are to lie over it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from models.campaigns import campaigns
from models.contracts import insurers, product_lines
from models.definitions import calendars
from models.people import employees, teams
from standards.checking.surroundings import facts_of_letters
from standards.known_house import InForce, KnownHouse
from tasks.handbooks import handbook


def known_house(db: Connection, today: date) -> KnownHouse:
    """What the house has on that day; people who have left can no longer be told anything."""
    works_here = or_(employees.c.left_on.is_(None), employees.c.left_on >= today)
    return KnownHouse(
        teams=_all(db, select(teams.c.code)),
        logins=_all(db, select(employees.c.login).where(works_here)),
        product_lines=_all(db, select(product_lines.c.code)),
        insurers=_all(db, select(insurers.c.code)),
        campaigns=_all(db, select(campaigns.c.code)),
        in_force=_in_force(db),
    )


def _in_force(db: Connection) -> InForce:
    book = handbook.book(db)
    return InForce(
        processes={it.process.name: it.process for it in handbook.current_processes(db)},
        letters=facts_of_letters(it.letter for it in handbook.current_letters(db)),
        lists=book.lists,
        book=book.book,
        calendars=_all(db, select(calendars.c.code)),
    )


def _all(db: Connection, query: Select[Any]) -> frozenset[str]:
    return frozenset(db.scalars(query))
