"""Tables for the figures of every day, as the nightly snapshot counts them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "figures_of_every_day"
down_revision: str | None = "ringings_that_are_rung_again"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "snapshots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "snapshot_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_snapshot_days")),
    )
    op.create_table(
        "snapshot_figures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("product_line", sa.Text(), nullable=False),
        sa.Column("fate", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("worked_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("waited_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("recorded", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_minutes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("standard_minutes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("worked", sa.LargeBinary(), nullable=True),
        sa.Column("cases", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot_figures")),
    )
    op.create_index("ix_snapshot_figures_day", "snapshot_figures", ["grain", "first_day"], unique=False)


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("snapshot_figures")
    op.drop_table("snapshot_days")
    op.drop_table("snapshots")
