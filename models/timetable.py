"""The one table of schedules, and the ringings that were claimed."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from models.columns import Json, coded, identity, link, metadata, moment, text


class CatchUp(StrEnum):
    """What becomes of ringings that were missed."""

    ONCE = "once"  # the latest serves for all before it
    EACH = "each"  # every one, in order
    SKIP = "skip"  # none: it rings in time or not at all


schedules = Table(
    "schedules",
    metadata,
    identity(),
    text("code", unique=True),
    text("phrase"),  # every monday at 06:00
    text("does"),  # run | tick | send | …
    Column("arguments", Json, nullable=False),
    moment("starts_at", nullable=False),  # nothing before is caught up
    Column("is_paused", Boolean, nullable=False, server_default=sql("false")),
    text("catches_up", server_default=CatchUp.ONCE.value),
    Column("is_adjusted", Boolean, nullable=False, server_default=sql("false")),  # changed by the house: stays so
    moment("retired_at"),  # no longer declared: rings no more, its ringings are kept
    coded("catches_up", CatchUp),
)

ringings = Table(
    "ringings",
    metadata,
    identity(),
    link("schedule_id", "schedules"),
    moment("due_at", nullable=False),
    moment("claimed_at", nullable=False),
    text("claimed_by", nullable=True),  # host/process/its start; nobody while a failed one waits to be tried again
    moment("finished_at"),
    text("result", nullable=True),
    moment("free_at"),  # while unfinished: from then on another may take it
    Column("attempts", Integer, nullable=False, server_default=sql("1")),
    Column("has_failed", Boolean, nullable=False, server_default=sql("false")),
    UniqueConstraint("schedule_id", "due_at"),
)

Index("ix_ringings_unfinished", ringings.c.schedule_id, postgresql_where=ringings.c.finished_at.is_(None))
