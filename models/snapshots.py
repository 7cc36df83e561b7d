"""The figures of every day as they stood at the last snapshot, so that the usual report counts no work anew."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, SmallInteger, Table
from sqlalchemy import text as sql

from models.columns import identity, metadata, moment, number, text

# One taking; the newest says as of when all the figures below are.
snapshots = Table(
    "snapshots",
    metadata,
    identity(),
    moment("taken_at", nullable=False),
    text("zone"),  # whose days they are
    Column("last_event_id", BigInteger, nullable=False),  # the end of the ledger then
    Column("days", Integer, nullable=False),  # how many days were counted anew
)

# A day on which work was assigned, and whether anything of it was still undecided.
snapshot_days = Table(
    "snapshot_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("is_settled", Boolean, nullable=False),
)

# What was assigned on a day (or in a month, which is the sum of its days) and fared alike, counted and added up.
snapshot_figures = Table(
    "snapshot_figures",
    metadata,
    identity(),
    text("grain"),  # day | month
    Column("first_day", Date, nullable=False),
    number("employee_id"),
    number("team_id"),
    text("action"),
    text("product_line"),
    Column("fate", SmallInteger, nullable=False),  # how it fared (reports.judging.Fate)
    text("reason"),  # why it was done late, '' when it was not
    Column("count", Integer, nullable=False, server_default=sql("0")),
    Column("worked_seconds", BigInteger, nullable=False, server_default=sql("0")),
    Column("waited_seconds", BigInteger, nullable=False, server_default=sql("0")),
    Column("recorded", Integer, nullable=False, server_default=sql("0")),  # tasks whose minutes were recorded
    Column("spent_minutes", BigInteger, nullable=False, server_default=sql("0")),
    Column("standard_minutes", BigInteger, nullable=False, server_default=sql("0")),
    Column("worked", LargeBinary),  # the working seconds of each, four bytes apiece
    Column("cases", LargeBinary),  # four times the number of each case, and how it ended; eight bytes apiece
)
Index("ix_snapshot_figures_day", snapshot_figures.c.grain, snapshot_figures.c.first_day)
