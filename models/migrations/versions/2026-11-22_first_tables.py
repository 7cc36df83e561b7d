"""The first tables: the book of business, the definitions and the work."""

from __future__ import annotations

from alembic import op

from models.ledger_guard import GUARD, UNGUARD
from models.schema import metadata

revision: str = "first_tables"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    metadata.create_all(op.get_bind())
    for statement in GUARD:
        op.execute(statement)


def downgrade() -> None:
    """Take the tables back to the version before."""
    for statement in UNGUARD:
        op.execute(statement)
    metadata.drop_all(op.get_bind())
