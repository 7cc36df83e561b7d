"""Untouched tasks of people who were away, found without looking at those that were done for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "tasks_to_give_back"
down_revision: str | None = "ends_that_were_told"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_index(
        "ix_tasks_to_give_back",
        "tasks",
        ["id"],
        postgresql_where=sa.text("bumped_from_id IS NOT NULL AND status IN ('planned', 'open')"),
    )


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.drop_index("ix_tasks_to_give_back", table_name="tasks")
