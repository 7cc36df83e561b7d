"""When a client gave notice; who reported a happening, and what it brought about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "what_happenings_brought"
down_revision: str | None = "first_tables"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("terms", sa.Column("notice_received_on", sa.Date(), nullable=True))
    op.add_column("happenings", sa.Column("reported_by", sa.BigInteger(), nullable=True))
    brought = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.add_column("happenings", sa.Column("brought", brought, nullable=True))


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.drop_column("happenings", "brought")
    op.drop_column("happenings", "reported_by")
    op.drop_column("terms", "notice_received_on")
