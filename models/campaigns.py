"""Marketing campaigns and who is on their lists."""

from __future__ import annotations

from sqlalchemy import Column, Date, Table, UniqueConstraint

from models.columns import identity, link, metadata, moment, money, not_before, text

campaigns = Table(
    "campaigns",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    link("product_line_id", "product_lines", nullable=True),
    link("owner_id", "employees", nullable=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    money("cost"),
    text("currency", nullable=True),
    not_before("starts_on", "ends_on"),
)

campaign_members = Table(
    "campaign_members",
    metadata,
    identity(),
    link("campaign_id", "campaigns"),
    link("party_id", "parties", index=True),
    moment("listed_at", nullable=False),
    text("source", nullable=True),
    moment("removed_at"),
    text("remove_reason", nullable=True),
    UniqueConstraint("campaign_id", "party_id"),
)
