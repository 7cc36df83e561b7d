"""The one table of schedules, and the ringings that were claimed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table, UniqueConstraint
from sqlalchemy import text as sql

from models.columns import Json, identity, link, metadata, moment, text

schedules = Table(
    "schedules",
    metadata,
    identity(),
    text("code", unique=True),
    text("phrase"),  # every monday at 06:00
    text("does"),  # run | tick | send | report | reconcile
    Column("arguments", Json, nullable=False),
    moment("starts_at", nullable=False),  # nothing before is caught up
    Column("is_paused", Boolean, nullable=False, server_default=sql("false")),
)

ringings = Table(
    "ringings",
    metadata,
    identity(),
    link("schedule_id", "schedules"),
    moment("due_at", nullable=False),
    moment("claimed_at", nullable=False),
    text("claimed_by"),
    moment("finished_at"),
    text("result", nullable=True),
    UniqueConstraint("schedule_id", "due_at"),
)
