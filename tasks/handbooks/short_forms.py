"""The short forms of published processes, made anew after the tables have changed: lists read titles from them."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from models.definitions import process_versions
from models.upgrading import known_versions
from tasks.facts.step_titles import short_form
from tasks.handbooks.handbook import process_version

_version = process_versions.c
_REVISION = _version.titles["revision"].as_string()


def renew_short_forms(db: Connection) -> int:
    """Make those anew that were made for other tables. Returns how many."""
    newest = known_versions()[0]
    stale = db.execute(select(_version.id).where(_REVISION.is_distinct_from(newest))).scalars().all()
    for version_id in stale:
        titles = short_form(process_version(db, version_id))
        db.execute(update(process_versions).where(_version.id == version_id).values(titles=titles))
    return len(stale)
