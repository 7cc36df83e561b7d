"""The names behind numbers and codes: what a reader sees instead of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from models.contracts import insurers, product_lines
from models.people import employees, teams
from reports.dimension import CALENDAR, By
from reports.sheet import ALL
from tasks.handbooks import handbook

LISTED = {
    By.ACTION: "actions",
    By.CLIENT_KIND: "party_kinds",
    By.CLIENT_TIER: "tiers",
    By.CLIENT_STANDING: "standings",
    By.CHANNEL: "channels",
}
"""Dimensions whose codes are labelled in a list of the house."""

NOBODY = "(nobody yet)"
NONE = "(none)"


def labels(db: Connection, by: By, language: str) -> Mapping[Any, str]:
    """Key -> name for those dimensions that have names; the others are read as they are."""
    if by is By.EMPLOYEE:
        return {row.id: row.name for row in db.execute(select(employees.c.id, employees.c.name))}
    if by is By.TEAM:
        return {row.id: row.name for row in db.execute(select(teams.c.id, teams.c.name))}
    if by is By.INSURER:
        return {row.code: row.name for row in db.execute(select(insurers.c.code, insurers.c.name))}
    if by is By.PRODUCT:
        found = db.execute(select(product_lines.c.code, product_lines.c.labels))
        return {row.code: row.labels.get(language) or row.labels.get("en") or row.code for row in found}
    return listed(db, LISTED[by], language) if by in LISTED else {}


def listed(db: Connection, name: str, language: str) -> Mapping[str, str]:
    """Code -> label of one of the house's lists; none where nothing is published."""
    lists = handbook.lists(db)
    return {code: lists.label(name, code, language) for code in lists.codes(name)}


def total_names(groups: Sequence[By]) -> dict[str, str]:
    """What the row of all together is called: in its first column; the others stay empty."""
    return {f"{by.value}_name": "" if place else ALL for place, by in enumerate(groups)}


def calendar_name(by: By, first_day: str) -> str:
    """`2026-10`, `2026 Q4`, `2026`; a day and a week by their first day."""
    day = date.fromisoformat(first_day)
    if by is By.MONTH:
        return f"{day:%Y-%m}"
    if by is By.QUARTER:
        return f"{day.year} Q{(day.month + 2) // 3}"
    return str(day.year) if by is By.YEAR else first_day


def label(by: By, key: object, known: Mapping[Any, str]) -> str:
    """The name of one key."""
    if key is None:
        return NOBODY if by is By.EMPLOYEE else NONE
    if key == "":
        return NONE
    if by in CALENDAR:
        return calendar_name(by, str(key))
    return known.get(key, str(key))
