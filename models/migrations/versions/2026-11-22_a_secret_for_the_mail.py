"""A word only this house knows, so that nobody can guess a return path; the address of each attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "a_secret_for_the_mail"
down_revision: str | None = "tasks_to_give_back"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "mail_secret",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_secret_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_secret")),
    )
    op.add_column("message_attempts", sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.drop_column("message_attempts", "address")
    op.drop_table("mail_secret")
