"""The names a house has for its teams, people, product lines, insurers and campaigns, for checking definitions."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from models.campaigns import campaigns
from models.contracts import insurers, product_lines
from models.people import employees, teams
from standards.known_house import KnownHouse


def known_house(db: Connection, today: date) -> KnownHouse:
    """What the house has on that day; people who have left can no longer be told anything."""
    works_here = or_(employees.c.left_on.is_(None), employees.c.left_on >= today)
    return KnownHouse(
        teams=_all(db, select(teams.c.code)),
        logins=_all(db, select(employees.c.login).where(works_here)),
        product_lines=_all(db, select(product_lines.c.code)),
        insurers=_all(db, select(insurers.c.code)),
        campaigns=_all(db, select(campaigns.c.code)),
    )


def _all(db: Connection, query: Select[Any]) -> frozenset[str]:
    return frozenset(db.scalars(query))
