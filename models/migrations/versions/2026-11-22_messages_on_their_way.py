"""What became of messages on their way: attempts, decisions of people, bounces, domains that asked for patience."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "messages_on_their_way"
down_revision: str | None = "event_logs"
branch_labels: str | None = None
depends_on: str | None = None

STAGES = "'writing', 'connect', 'ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'dot'"
DECISIONS = "'retried', 'sent_again', 'delivered', 'dropped'"
KINDS = "'bounced', 'delayed', 'reply', 'not_understood'"
GUARD = """
    CREATE TRIGGER message_decisions_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON message_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("messages", sa.Column("sender", sa.Text(), nullable=True))
    op.create_index(
        "ix_messages_message_id", "messages", ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL")
    )
    op.create_table(
        "message_attempts",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.CheckConstraint(f"stage IN ({STAGES})", name=op.f("ck_message_attempts_stage_code")),
        sa.PrimaryKeyConstraint("message_id", "attempt", name=op.f("pk_message_attempts")),
    )
    op.create_table(
        "message_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(f"decision IN ({DECISIONS})", name=op.f("ck_message_decisions_decision_code")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_decisions_message_id")),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_message_decisions_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_decisions")),
    )
    op.create_index(op.f("ix_message_decisions_message_id"), "message_decisions", ["message_id"])
    op.execute(GUARD)
    op.create_table(
        "bounces",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_bounces_kind_code")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_bounces_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("key", name=op.f("uq_bounces_key")),
    )
    op.create_index(op.f("ix_bounces_message_id"), "bounces", ["message_id"])
    op.create_index("ix_bounces_kind", "bounces", ["kind", "id"])
    op.create_table(
        "domain_brakes",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("pause_seconds", sa.Float(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain_brakes")),
    )


def downgrade() -> None:
    """Back to the version before."""
    for table in ("domain_brakes", "bounces", "message_decisions", "message_attempts"):
        op.drop_table(table)
    op.drop_index("ix_messages_message_id", table_name="messages")
    op.drop_column("messages", "sender")
