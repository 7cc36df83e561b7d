"""Which terms the beat has already reported to have run out, so that it need not look at them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "ends_that_were_told"
down_revision: str | None = "messages_on_their_way"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("terms", sa.Column("end_told_for", sa.Date(), nullable=True))
    op.create_index(
        "ix_terms_end_not_told",
        "terms",
        ["expires_on"],
        postgresql_where=sa.text("ended_on IS NULL AND end_told_for IS DISTINCT FROM expires_on"),
    )


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.drop_index("ix_terms_end_not_told", table_name="terms")
    op.drop_column("terms", "end_told_for")
