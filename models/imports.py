"""Every import, what it did and which rows it refused."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from models.columns import Json, identity, metadata, moment, number, text

imports = Table(
    "imports",
    metadata,
    identity(),
    text("kind"),
    text("file_name"),
    text("content_hash"),
    moment("at", nullable=False),
    number("employee_id"),
    Column("rows", Integer, nullable=False),
    Column("counts", Json, nullable=False),  # added, changed, unchanged, refused
)
