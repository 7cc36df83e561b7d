"""What event logs brought: the logs, their cases with the attributes they came with, and each event as it was written.

The ledger holds ids, codes and moments; the words of a log stand here, where they can be erased without touching it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, UniqueConstraint

from models.columns import Json, identity, link, metadata, moment, number, text

logs = Table(
    "logs",
    metadata,
    identity(),
    number("process_id", nullable=False),
    text("file_name"),
    text("content_hash"),
    Column("header", Json, nullable=False),  # extensions, globals, classifiers and attributes of the whole log
    moment("at", nullable=False),
    number("import_id"),
)

imported_cases = Table(
    "imported_cases",
    metadata,
    identity(),
    link("log_id", "logs"),
    number("process_id", nullable=False),
    text("number"),  # as the log calls the case
    text("content_hash"),  # the same case with other events is told apart from the same case again
    Column("attributes", Json, nullable=False),
    UniqueConstraint("process_id", "number"),
)

imported_events = Table(
    "imported_events",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),  # in the ledger
    Column("attributes", Json, nullable=False),
)
