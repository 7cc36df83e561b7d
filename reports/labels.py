"""The names behind numbers and codes: what a reader sees instead of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from models.contracts import insurers, product_lines
from models.people import employees, teams
from reports.dimension import By
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


def label(by: By, key: object, known: Mapping[Any, str]) -> str:
    """The name of one key."""
    if key is None:
        return NOBODY if by is By.EMPLOYEE else NONE
    if key == "":
        return NONE
    return known.get(key, str(key))
