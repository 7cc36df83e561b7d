"""All tables in one place, for migrations and for those who need the whole."""

from __future__ import annotations

from models import (
    campaigns,
    contacts,
    contracts,
    definitions,
    deliveries,
    history,
    imports,
    outbox,
    parties,
    people,
    receivables,
    runs,
    snapshots,
    timetable,
    work,
)
from models.columns import metadata

__all__ = [
    "campaigns",
    "contacts",
    "contracts",
    "definitions",
    "deliveries",
    "history",
    "imports",
    "metadata",
    "outbox",
    "parties",
    "people",
    "receivables",
    "runs",
    "snapshots",
    "timetable",
    "work",
]
