"""Schedules that say how they catch up, and ringings that are rung again when their claimer died."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "ringings_that_are_rung_again"
down_revision: str | None = "what_happenings_brought"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("schedules", sa.Column("catches_up", sa.Text(), server_default="once", nullable=False))
    op.add_column("schedules", sa.Column("is_adjusted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("schedules", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("catches_up_code", "schedules", "catches_up IN ('once', 'each', 'skip')")
    op.execute("UPDATE schedules SET retired_at = starts_at, is_paused = false WHERE is_paused")
    op.add_column("ringings", sa.Column("free_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ringings", sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("ringings", sa.Column("has_failed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.alter_column("ringings", "claimed_by", existing_type=sa.Text(), nullable=True)
    op.create_index(
        "ix_ringings_unfinished", "ringings", ["schedule_id"], postgresql_where=sa.text("finished_at IS NULL")
    )


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.drop_index("ix_ringings_unfinished", table_name="ringings")
    op.execute("UPDATE ringings SET claimed_by = '' WHERE claimed_by IS NULL")
    op.alter_column("ringings", "claimed_by", existing_type=sa.Text(), nullable=False)
    op.drop_column("ringings", "has_failed")
    op.drop_column("ringings", "attempts")
    op.drop_column("ringings", "free_at")
    op.execute("UPDATE schedules SET is_paused = true WHERE retired_at IS NOT NULL")
    op.drop_constraint(op.f("ck_schedules_catches_up_code"), "schedules")
    op.drop_column("schedules", "retired_at")
    op.drop_column("schedules", "is_adjusted")
    op.drop_column("schedules", "catches_up")
