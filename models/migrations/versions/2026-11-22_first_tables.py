"""The first tables: the book of business, the definitions and the work, with a ledger that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "first_tables"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


LEDGER_GUARD = (
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger (%) is append-only: write a compensating event instead', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "calendars",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["calendars.id"], name=op.f("fk_calendars_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("code", name=op.f("uq_calendars_code")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        "uq_events_case", "events", ["case_id", "number"], unique=True, postgresql_where=sa.text("case_id IS NOT NULL")
    )
    op.create_index(
        "uq_events_task", "events", ["task_id", "number"], unique=True, postgresql_where=sa.text("case_id IS NULL")
    )
    op.create_table(
        "happenings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_happenings")),
        sa.UniqueConstraint("key", name=op.f("uq_happenings_key")),
    )
    op.create_index("ix_happenings_subject", "happenings", ["subject_type", "subject_id"], unique=False)
    op.create_index(
        "ix_happenings_waiting", "happenings", ["id"], unique=False, postgresql_where=sa.text("handled_at IS NULL")
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("calendar_version_id", sa.BigInteger(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("working_seconds", sa.Integer(), nullable=False),
        sa.Column("waiting_seconds", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("task_id", "began_at", name=op.f("uq_holds_task_id_began_at")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "insurers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("collects_itself", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurers")),
        sa.UniqueConstraint("code", name=op.f("uq_insurers_code")),
    )
    op.create_table(
        "number_series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), server_default="", nullable=False),
        sa.Column("next_number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("code", name=op.f("uq_number_series_code")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["organisations.id"], name=op.f("fk_organisations_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
        sa.UniqueConstraint("name", name=op.f("uq_processes_name")),
    )
    op.create_table(
        "product_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_lines")),
        sa.UniqueConstraint("code", name=op.f("uq_product_lines_code")),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("code", name=op.f("uq_schedules_code")),
    )
    op.create_table(
        "commission_agreements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("earned_when", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_commission_agreements_until_not_before_since")
        ),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_commission_agreements_insurer_id")),
        sa.ForeignKeyConstraint(
            ["product_line_id"], ["product_lines.id"], name=op.f("fk_commission_agreements_product_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_agreements")),
    )
    op.create_table(
        "parties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("identity_number", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), server_default="standard", nullable=False),
        sa.Column("standing", sa.Text(), server_default="new", nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("blacklisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blacklist_reason", sa.Text(), nullable=True),
        sa.Column("legal_hold_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'company', 'consortium')", name=op.f("ck_parties_kind_code")),
        sa.CheckConstraint("standing IN ('new', 'existing', 'former')", name=op.f("ck_parties_standing_code")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["parties.id"], name=op.f("fk_parties_merged_into_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_parties_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sa.UniqueConstraint("number", name=op.f("uq_parties_number")),
    )
    op.create_index("ix_parties_sort_key", "parties", ["sort_key"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_products_insurer_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_lines.id"], name=op.f("fk_products_product_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("code", name=op.f("uq_products_code")),
    )
    op.create_table(
        "ringings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_ringings_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ringings")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_ringings_schedule_id_due_at")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_teams_calendar_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_teams_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("code", name=op.f("uq_teams_code")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_appointments_ends_at_not_before_starts_at")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_appointments_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_party_id"), "appointments", ["party_id"], unique=False)
    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_bank_accounts_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
        sa.UniqueConstraint("party_id", "iban", name=op.f("uq_bank_accounts_party_id_iban")),
    )
    op.create_index(op.f("ix_bank_accounts_party_id"), "bank_accounts", ["party_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("end_code", sa.Text(), nullable=True),
        sa.Column("is_success", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_step", sa.Text(), nullable=True),
        sa.Column("parent_member", sa.Text(), nullable=True),
        sa.Column("parent_round", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("(status = 'ended') = (end_code IS NOT NULL)", name=op.f("ck_cases_ended_has_code")),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_cases_ended_has_moment")),
        sa.CheckConstraint("status IN ('running', 'ended')", name=op.f("ck_cases_status_code")),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_cases_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_client_id", "cases", ["client_id"], unique=False)
    op.create_index(
        "ix_cases_parent_id", "cases", ["parent_id"], unique=False, postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    op.create_index(
        "uq_cases_identity", "cases", ["subject_type", "subject_id", "process_id", "cycle_id", "attempt"], unique=True
    )
    op.create_table(
        "consortium_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consortium_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 100", name=op.f("ck_consortium_members_share_is_percent")),
        sa.ForeignKeyConstraint(["consortium_id"], ["parties.id"], name=op.f("fk_consortium_members_consortium_id")),
        sa.ForeignKeyConstraint(["member_id"], ["parties.id"], name=op.f("fk_consortium_members_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortium_members")),
        sa.UniqueConstraint("consortium_id", "member_id", name=op.f("uq_consortium_members_consortium_id_member_id")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("on_type", sa.Text(), nullable=False),
        sa.Column("on_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_documents_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_client_id"), "documents", ["client_id"], unique=False)
    op.create_index("ix_documents_on", "documents", ["on_type", "on_id"], unique=False)
    op.create_table(
        "employees",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("weekly_hours", sa.Numeric(precision=5, scale=2), server_default=sa.text("40"), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("is_manager", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= joined_on", name=op.f("ck_employees_left_on_not_before_joined_on")
        ),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_employees_calendar_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["employees.id"], name=op.f("fk_employees_manager_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_employees_organisation_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["employees.id"], name=op.f("fk_employees_substitute_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_employees_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.UniqueConstraint("login", name=op.f("uq_employees_login")),
    )
    op.create_index(op.f("ix_employees_team_id"), "employees", ["team_id"], unique=False)
    op.create_table(
        "party_relations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("related_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_party_relations_until_not_before_since")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_party_relations_party_id")),
        sa.ForeignKeyConstraint(["related_id"], ["parties.id"], name=op.f("fk_party_relations_related_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_relations")),
        sa.UniqueConstraint(
            "party_id", "related_id", "kind", "since", name=op.f("uq_party_relations_party_id_related_id_kind_since")
        ),
    )
    op.create_index(op.f("ix_party_relations_party_id"), "party_relations", ["party_id"], unique=False)
    op.create_index(op.f("ix_party_relations_related_id"), "party_relations", ["related_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("unmatched_amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payer_text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["parties.id"], name=op.f("fk_payments_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("source", "reference", name=op.f("uq_payments_source_reference")),
    )
    op.create_index(op.f("ix_payments_payer_id"), "payments", ["payer_id"], unique=False)
    op.create_table(
        "programmes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_programmes_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("number", name=op.f("uq_programmes_number")),
    )
    op.create_index(op.f("ix_programmes_client_id"), "programmes", ["client_id"], unique=False)
    op.create_table(
        "requirements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("on_type", sa.Text(), nullable=False),
        sa.Column("on_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="asked", nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_requirements_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirements")),
        sa.UniqueConstraint(
            "type", "on_type", "on_id", "asked_at", name=op.f("uq_requirements_type_on_type_on_id_asked_at")
        ),
    )
    op.create_index("ix_requirements_on", "requirements", ["on_type", "on_id"], unique=False)
    op.create_index(op.f("ix_requirements_party_id"), "requirements", ["party_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resolution_id", sa.BigInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("calendar_version_id", sa.BigInteger(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("waited_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("spare_seconds", sa.Integer(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_what", sa.Text(), nullable=True),
        sa.Column("reminded", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("escalated", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_tight", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("spent_minutes", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("bumped_from_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(status = 'waiting') = (waiting_since IS NOT NULL)", name=op.f("ck_tasks_waiting_has_moment")
        ),
        sa.CheckConstraint(
            "(status IN ('done', 'cancelled', 'expired')) = (finished_at IS NOT NULL)",
            name=op.f("ck_tasks_finished_has_moment"),
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'open', 'active', 'waiting', 'done', 'cancelled', 'expired')",
            name=op.f("ck_tasks_status_code"),
        ),
        sa.CheckConstraint(
            "due_at IS NULL OR limit_at IS NULL OR due_at <= limit_at", name=op.f("ck_tasks_due_within_limit")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_tasks_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "ix_tasks_bumped",
        "tasks",
        ["bumped_from_id"],
        unique=False,
        postgresql_where=sa.text("bumped_from_id IS NOT NULL"),
    )
    op.create_index("ix_tasks_client_id", "tasks", ["client_id"], unique=False)
    op.create_index(
        "ix_tasks_due",
        "tasks",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('planned', 'open', 'active', 'waiting')"),
    )
    op.create_index(
        "ix_tasks_list",
        "tasks",
        ["assignee_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('planned', 'open', 'active', 'waiting')"),
    )
    op.create_index(
        "ix_tasks_next_at", "tasks", ["next_at"], unique=False, postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index(
        "uq_tasks_identity",
        "tasks",
        ["case_id", "step", "member", "round"],
        unique=True,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_absences_ends_at_not_before_starts_at")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_absences_employee_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["employees.id"], name=op.f("fk_absences_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sa.UniqueConstraint("employee_id", "starts_at", name=op.f("uq_absences_employee_id_starts_at")),
    )
    op.create_index("ix_absences_ends_at", "absences", ["ends_at"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_answers_case_id")),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_answers_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_case", "answers", ["case_id", "name", "id"], unique=False)
    op.create_index(op.f("ix_answers_client_id"), "answers", ["client_id"], unique=False)
    op.create_table(
        "appointment_attendees",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("has_accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_attendees_appointment_id")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_appointment_attendees_employee_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_appointment_attendees_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_attendees")),
        sa.UniqueConstraint(
            "appointment_id",
            "employee_id",
            "party_id",
            name=op.f("uq_appointment_attendees_appointment_id_employee_id_party_id"),
        ),
    )
    op.create_index(
        op.f("ix_appointment_attendees_appointment_id"), "appointment_attendees", ["appointment_id"], unique=False
    )
    op.create_table(
        "arrivals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("join_step", sa.Text(), nullable=False),
        sa.Column("join_round", sa.SmallInteger(), nullable=False),
        sa.Column("from_step", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_arrivals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint(
            "case_id",
            "join_step",
            "join_round",
            "from_step",
            "member",
            name=op.f("uq_arrivals_case_id_join_step_join_round_from_step_member"),
        ),
    )
    op.create_table(
        "calendar_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("resolved", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_calendar_versions_calendar_id")),
        sa.ForeignKeyConstraint(["published_by"], ["employees.id"], name=op.f("fk_calendar_versions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint("calendar_id", "version", name=op.f("uq_calendar_versions_calendar_id_version")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_campaigns_ends_on_not_before_starts_on")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_campaigns_owner_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_lines.id"], name=op.f("fk_campaigns_product_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
    )
    op.create_table(
        "contact_points",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="any", nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("is_preferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.BigInteger(), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounce_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_contact_points_party_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["employees.id"], name=op.f("fk_contact_points_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
        sa.UniqueConstraint(
            "party_id", "channel", "value", "purpose", name=op.f("uq_contact_points_party_id_channel_value_purpose")
        ),
    )
    op.create_index(op.f("ix_contact_points_party_id"), "contact_points", ["party_id"], unique=False)
    op.create_table(
        "cost_rates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("hourly", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_cost_rates_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_rates")),
        sa.UniqueConstraint("employee_id", "since", name=op.f("uq_cost_rates_employee_id_since")),
    )
    op.create_table(
        "letter_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("letter_class", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["employees.id"], name=op.f("fk_letter_versions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_versions")),
        sa.UniqueConstraint(
            "name", "language", "content_hash", name=op.f("uq_letter_versions_name_language_content_hash")
        ),
        sa.UniqueConstraint("name", "language", "version", name=op.f("uq_letter_versions_name_language_version")),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_memberships_until_not_before_since")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_memberships_employee_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_employee_id"), "memberships", ["employee_id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("on_type", sa.Text(), nullable=False),
        sa.Column("on_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_notes_client_id")),
        sa.ForeignKeyConstraint(["written_by"], ["employees.id"], name=op.f("fk_notes_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_client_id"), "notes", ["client_id"], unique=False)
    op.create_index("ix_notes_on", "notes", ["on_type", "on_id"], unique=False)
    op.create_table(
        "payment_plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.ForeignKeyConstraint(["agreed_by"], ["employees.id"], name=op.f("fk_payment_plans_agreed_by")),
        sa.ForeignKeyConstraint(["payer_id"], ["parties.id"], name=op.f("fk_payment_plans_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plans")),
    )
    op.create_index(op.f("ix_payment_plans_payer_id"), "payment_plans", ["payer_id"], unique=False)
    op.create_table(
        "pending_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_pending_changes_approved_by_another")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["employees.id"], name=op.f("fk_pending_changes_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["employees.id"], name=op.f("fk_pending_changes_decided_by")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_pending_changes_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_changes")),
    )
    op.create_index(op.f("ix_pending_changes_party_id"), "pending_changes", ["party_id"], unique=False)
    op.create_table(
        "policies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("first_started_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_policies_client_id")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_policies_insurer_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_policies_product_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_lines.id"], name=op.f("fk_policies_product_line_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_policies_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("insurer_id", "number", name=op.f("uq_policies_insurer_id_number")),
    )
    op.create_index(op.f("ix_policies_client_id"), "policies", ["client_id"], unique=False)
    op.create_index("ix_policies_number", "policies", ["number"], unique=False)
    op.create_index(
        "ix_policies_programme_id",
        "policies",
        ["programme_id"],
        unique=False,
        postgresql_where=sa.text("programme_id IS NOT NULL"),
    )
    op.create_table(
        "process_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("titles", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("starts_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name=op.f("fk_process_versions_process_id")),
        sa.ForeignKeyConstraint(["published_by"], ["employees.id"], name=op.f("fk_process_versions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_versions")),
        sa.UniqueConstraint("process_id", "content_hash", name=op.f("uq_process_versions_process_id_content_hash")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_process_versions_process_id_version")),
    )
    op.create_table(
        "responsibilities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('account_manager', 'producer', 'handler', 'collector')",
            name=op.f("ck_responsibilities_role_code"),
        ),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_responsibilities_until_not_before_since")),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_responsibilities_client_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_responsibilities_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibilities")),
    )
    op.create_index(op.f("ix_responsibilities_employee_id"), "responsibilities", ["employee_id"], unique=False)
    op.create_index(
        "ix_responsibilities_of_client", "responsibilities", ["client_id", "role", "since", "id"], unique=False
    )
    op.create_index(
        "uq_responsibilities_one_now",
        "responsibilities",
        ["client_id", "role"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
        postgresql_include=["employee_id"],
    )
    op.create_table(
        "standard_books",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("sources", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["employees.id"], name=op.f("fk_standard_books_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_books")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_standard_books_content_hash")),
        sa.UniqueConstraint("version", name=op.f("uq_standard_books_version")),
    )
    op.create_table(
        "task_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_task_items_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_items_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_items")),
        sa.UniqueConstraint("case_id", "step", "member", "round", name=op.f("uq_task_items_case_id_step_member_round")),
    )
    op.create_index(op.f("ix_task_items_task_id"), "task_items", ["task_id"], unique=False)
    op.create_table(
        "timers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), server_default="", nullable=False),
        sa.Column("fires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_timers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint(
            "case_id",
            "step",
            "member",
            "round",
            "purpose",
            "branch",
            name=op.f("uq_timers_case_id_step_member_round_purpose_branch"),
        ),
    )
    op.create_index(
        "ix_timers_due",
        "timers",
        ["fires_at"],
        unique=False,
        postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "waits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_waits_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
        sa.UniqueConstraint("case_id", "step", "member", "round", name=op.f("uq_waits_case_id_step_member_round")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remove_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_members_campaign_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_campaign_members_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_members")),
        sa.UniqueConstraint("campaign_id", "party_id", name=op.f("uq_campaign_members_campaign_id_party_id")),
    )
    op.create_index(op.f("ix_campaign_members_party_id"), "campaign_members", ["party_id"], unique=False)
    op.create_table(
        "commission_splits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_commission_splits_until_not_before_since")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_commission_splits_employee_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_commission_splits_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_splits")),
    )
    op.create_index(op.f("ix_commission_splits_policy_id"), "commission_splits", ["policy_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="any", nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at",
            name=op.f("ck_consents_withdrawn_at_not_before_given_at"),
        ),
        sa.ForeignKeyConstraint(["contact_point_id"], ["contact_points.id"], name=op.f("fk_consents_contact_point_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_consents_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_party_id"), "consents", ["party_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message_class", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="email", nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("letter_version_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pointless_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("rendered", sa.LargeBinary(), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "message_class IN ('staff', 'service', 'marketing')", name=op.f("ck_messages_message_class_code")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'at_data', 'sent', 'retry', 'failed', 'unknown', 'dropped')",
            name=op.f("ck_messages_state_code"),
        ),
        sa.ForeignKeyConstraint(
            ["letter_version_id"], ["letter_versions.id"], name=op.f("fk_messages_letter_version_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_messages_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
    )
    op.create_index(
        "ix_messages_case_id", "messages", ["case_id"], unique=False, postgresql_where=sa.text("case_id IS NOT NULL")
    )
    op.create_index(
        "ix_messages_due",
        "messages",
        ["not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'retry')"),
    )
    op.create_index(
        "ix_messages_leased",
        "messages",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'at_data')"),
    )
    op.create_index(
        "ix_messages_party_id", "messages", ["party_id"], unique=False, postgresql_where=sa.text("party_id IS NOT NULL")
    )
    op.create_index(
        "ix_messages_task_id", "messages", ["task_id"], unique=False, postgresql_where=sa.text("task_id IS NOT NULL")
    )
    op.create_table(
        "policy_shares",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 100", name=op.f("ck_policy_shares_share_is_percent")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_policy_shares_insurer_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_policy_shares_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_shares")),
        sa.UniqueConstraint("policy_id", "insurer_id", name=op.f("uq_policy_shares_policy_id_insurer_id")),
    )
    op.create_table(
        "resolutions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("standard_book_id", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), server_default="", nullable=False),
        sa.Column("step", sa.Text(), server_default="", nullable=False),
        sa.Column("product_line", sa.Text(), server_default="", nullable=False),
        sa.Column("client_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("client_tier", sa.Text(), server_default="", nullable=False),
        sa.Column("client_standing", sa.Text(), server_default="", nullable=False),
        sa.Column("insurer", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("campaign", sa.Text(), server_default="", nullable=False),
        sa.Column("effort_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fields", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["standard_book_id"], ["standard_books.id"], name=op.f("fk_resolutions_standard_book_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_resolutions_content_hash")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'running', 'done', 'refused')", name=op.f("ck_runs_state_code")
        ),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name=op.f("fk_runs_process_id")),
        sa.ForeignKeyConstraint(["version_id"], ["process_versions.id"], name=op.f("fk_runs_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("is_estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("placed", sa.Text(), server_default="by_us", nullable=False),
        sa.Column("renews", sa.Text(), server_default="by_offer", nullable=False),
        sa.Column("notice_by", sa.Date(), nullable=True),
        sa.Column("renewed_term_id", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="in_force", nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("premium_net", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("premium_tax", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("premium_levies", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("premium_gross", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("premium_period", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("instalments", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("placed IN ('by_us', 'elsewhere')", name=op.f("ck_terms_placed_code")),
        sa.CheckConstraint(
            "premium_period IS NULL OR premium_period IN ('month', 'quarter', 'half_year', 'year', 'term')",
            name=op.f("ck_terms_premium_period_code"),
        ),
        sa.CheckConstraint(
            "renews IN ('by_offer', 'automatically', 'no', 'anniversary')", name=op.f("ck_terms_renews_code")
        ),
        sa.CheckConstraint(
            "stage IN ('accepted', 'bound', 'issued', 'delivered', 'in_force', 'not_taken_up', 'ended')",
            name=op.f("ck_terms_stage_code"),
        ),
        sa.CheckConstraint(
            "expires_on IS NULL OR expires_on >= starts_on", name=op.f("ck_terms_expires_on_not_before_starts_on")
        ),
        sa.CheckConstraint("premium_gross IS NULL OR currency IS NOT NULL", name=op.f("ck_terms_premium_has_currency")),
        sa.CheckConstraint(
            "premium_gross IS NULL OR premium_period IS NOT NULL", name=op.f("ck_terms_premium_has_period")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_terms_policy_id")),
        sa.ForeignKeyConstraint(["renewed_term_id"], ["terms.id"], name=op.f("fk_terms_renewed_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("policy_id", "sequence", name=op.f("uq_terms_policy_id_sequence")),
    )
    op.create_index("ix_terms_expires_on", "terms", ["expires_on"], unique=False)
    op.create_index(
        "ix_terms_renewed_term_id",
        "terms",
        ["renewed_term_id"],
        unique=False,
        postgresql_where=sa.text("renewed_term_id IS NOT NULL"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_alerts_ends_on_not_before_starts_on")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_alerts_party_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_alerts_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_party_id"), "alerts", ["party_id"], unique=False)
    op.create_index(op.f("ix_alerts_term_id"), "alerts", ["term_id"], unique=False)
    op.create_table(
        "endorsements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("premium_difference", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("commission_difference", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("objects_in", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("objects_out", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_endorsements_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
        sa.UniqueConstraint("term_id", "number", name=op.f("uq_endorsements_term_id_number")),
    )
    op.create_table(
        "insured_objects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=True),
        sa.Column("covered_from", sa.Date(), nullable=True),
        sa.Column("covered_to", sa.Date(), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "covered_to IS NULL OR covered_to >= covered_from",
            name=op.f("ck_insured_objects_covered_to_not_before_covered_from"),
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_insured_objects_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insured_objects")),
    )
    op.create_index(op.f("ix_insured_objects_term_id"), "insured_objects", ["term_id"], unique=False)
    op.create_table(
        "interactions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('call', 'visit', 'letter', 'message', 'complaint', 'enquiry', 'praise', 'service_request', 'referral')",
            name=op.f("ck_interactions_kind_code"),
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_interactions_employee_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_interactions_party_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_interactions_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("number", name=op.f("uq_interactions_number")),
    )
    op.create_index(op.f("ix_interactions_party_id"), "interactions", ["party_id"], unique=False)
    op.create_table(
        "quotes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("insurer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=False),
        sa.Column("premium_gross", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("premium_period", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objects", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["parties.id"], name=op.f("fk_quotes_client_id")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_quotes_insurer_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_lines.id"], name=op.f("fk_quotes_product_line_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_quotes_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(op.f("ix_quotes_client_id"), "quotes", ["client_id"], unique=False)
    op.create_index(op.f("ix_quotes_term_id"), "quotes", ["term_id"], unique=False)
    op.create_table(
        "run_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_rows_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_rows")),
        sa.UniqueConstraint(
            "run_id",
            "subject_type",
            "subject_id",
            "cycle_id",
            name=op.f("uq_run_rows_run_id_subject_type_subject_id_cycle_id"),
        ),
    )
    op.create_table(
        "run_shards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_shards_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_shards")),
        sa.UniqueConstraint("run_id", "shard", name=op.f("uq_run_shards_run_id_shard")),
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("insurer_number", sa.Text(), nullable=True),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("insured_object_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserve", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("paid", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["insured_object_id"], ["insured_objects.id"], name=op.f("fk_claims_insured_object_id")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_claims_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_claims_number")),
    )
    op.create_index(op.f("ix_claims_policy_id"), "claims", ["policy_id"], unique=False)
    op.create_table(
        "complaints",
        sa.Column("interaction_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("corrective_action", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= received_at", name=op.f("ck_complaints_closed_at_not_before_received_at")
        ),
        sa.ForeignKeyConstraint(["interaction_id"], ["interactions.id"], name=op.f("fk_complaints_interaction_id")),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_complaints")),
    )
    op.create_table(
        "party_roles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("insured_object_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_party_roles_until_not_before_since")),
        sa.ForeignKeyConstraint(
            ["insured_object_id"], ["insured_objects.id"], name=op.f("fk_party_roles_insured_object_id")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_party_roles_party_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_party_roles_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_roles")),
    )
    op.create_index(op.f("ix_party_roles_party_id"), "party_roles", ["party_id"], unique=False)
    op.create_index(op.f("ix_party_roles_term_id"), "party_roles", ["term_id"], unique=False)
    op.create_table(
        "receivables",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("creditor", sa.Text(), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=True),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        sa.Column("endorsement_id", sa.BigInteger(), nullable=True),
        sa.Column("instalment", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("open_amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("credits_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("state_source", sa.Text(), nullable=True),
        sa.Column("state_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_until", sa.Date(), nullable=True),
        sa.Column("waits_reason", sa.Text(), nullable=True),
        sa.Column("dunning_level", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("collect_by", sa.Date(), nullable=True),
        sa.Column("cover_notice_on", sa.Date(), nullable=True),
        sa.Column("cover_suspended_from", sa.Date(), nullable=True),
        sa.Column("cover_terminated_on", sa.Date(), nullable=True),
        sa.Column("reinstatable_until", sa.Date(), nullable=True),
        sa.Column("written_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_off_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "creditor <> 'insurer' OR insurer_id IS NOT NULL", name=op.f("ck_receivables_insurer_named")
        ),
        sa.CheckConstraint(
            "kind <> 'premium' OR creditor = 'insurer'", name=op.f("ck_receivables_premium_is_the_insurers")
        ),
        sa.ForeignKeyConstraint(["credits_id"], ["receivables.id"], name=op.f("fk_receivables_credits_id")),
        sa.ForeignKeyConstraint(["endorsement_id"], ["endorsements.id"], name=op.f("fk_receivables_endorsement_id")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_receivables_insurer_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["parties.id"], name=op.f("fk_receivables_payer_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_receivables_term_id")),
        sa.ForeignKeyConstraint(["written_off_by"], ["employees.id"], name=op.f("fk_receivables_written_off_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivables")),
        sa.UniqueConstraint("issuer", "number", name=op.f("uq_receivables_issuer_number")),
    )
    op.create_index(
        "ix_receivables_open_due", "receivables", ["due_on"], unique=False, postgresql_where=sa.text("open_amount != 0")
    )
    op.create_index(op.f("ix_receivables_payer_id"), "receivables", ["payer_id"], unique=False)
    op.create_index(op.f("ix_receivables_term_id"), "receivables", ["term_id"], unique=False)
    op.create_table(
        "commission_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("endorsement_id", sa.BigInteger(), nullable=True),
        sa.Column("receivable_id", sa.BigInteger(), nullable=True),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("base_net_premium", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_commission_entries_employee_id")),
        sa.ForeignKeyConstraint(
            ["endorsement_id"], ["endorsements.id"], name=op.f("fk_commission_entries_endorsement_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivables.id"], name=op.f("fk_commission_entries_receivable_id")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_commission_entries_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_entries")),
    )
    op.create_index(op.f("ix_commission_entries_term_id"), "commission_entries", ["term_id"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("waits_until", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_disputes_receivable_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_receivable_id"), "disputes", ["receivable_id"], unique=False)
    op.create_table(
        "dunning_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_dunning_steps_receivable_id")),
        sa.ForeignKeyConstraint(["waived_by"], ["employees.id"], name=op.f("fk_dunning_steps_waived_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_steps")),
        sa.UniqueConstraint("receivable_id", "level", "round", name=op.f("uq_dunning_steps_receivable_id_level_round")),
    )
    op.create_table(
        "missing_documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_missing_documents_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missing_documents")),
    )
    op.create_index(op.f("ix_missing_documents_claim_id"), "missing_documents", ["claim_id"], unique=False)
    op.create_table(
        "payment_matches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matched_by", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["matched_by"], ["employees.id"], name=op.f("fk_payment_matches_matched_by")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_matches_payment_id")),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_payment_matches_receivable_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["payment_matches.id"], name=op.f("fk_payment_matches_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_matches")),
    )
    op.create_index(op.f("ix_payment_matches_payment_id"), "payment_matches", ["payment_id"], unique=False)
    op.create_index(op.f("ix_payment_matches_receivable_id"), "payment_matches", ["receivable_id"], unique=False)
    op.create_table(
        "payment_plan_parts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payment_plan_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("paid_amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_plan_id"], ["payment_plans.id"], name=op.f("fk_payment_plan_parts_payment_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivables.id"], name=op.f("fk_payment_plan_parts_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plan_parts")),
    )
    op.create_index(
        op.f("ix_payment_plan_parts_payment_plan_id"), "payment_plan_parts", ["payment_plan_id"], unique=False
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivables.id"], name=op.f("fk_promises_receivable_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["employees.id"], name=op.f("fk_promises_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_receivable_id"), "promises", ["receivable_id"], unique=False)
    op.create_table(
        "client_money_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("insurer_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_match_id", sa.BigInteger(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remit_by", sa.Date(), nullable=True),
        sa.Column("is_net_of_commission", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurers.id"], name=op.f("fk_client_money_entries_insurer_id")),
        sa.ForeignKeyConstraint(
            ["payment_match_id"], ["payment_matches.id"], name=op.f("fk_client_money_entries_payment_match_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_money_entries")),
    )
    for statement in LEDGER_GUARD:
        op.execute(statement)


def downgrade() -> None:
    """Take the tables back to the version before."""
    op.execute("DROP TRIGGER events_are_append_only ON events")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("client_money_entries")
    op.drop_index(op.f("ix_promises_receivable_id"), table_name="promises")
    op.drop_table("promises")
    op.drop_index(op.f("ix_payment_plan_parts_payment_plan_id"), table_name="payment_plan_parts")
    op.drop_table("payment_plan_parts")
    op.drop_index(op.f("ix_payment_matches_receivable_id"), table_name="payment_matches")
    op.drop_index(op.f("ix_payment_matches_payment_id"), table_name="payment_matches")
    op.drop_table("payment_matches")
    op.drop_index(op.f("ix_missing_documents_claim_id"), table_name="missing_documents")
    op.drop_table("missing_documents")
    op.drop_table("dunning_steps")
    op.drop_index(op.f("ix_disputes_receivable_id"), table_name="disputes")
    op.drop_table("disputes")
    op.drop_index(op.f("ix_commission_entries_term_id"), table_name="commission_entries")
    op.drop_table("commission_entries")
    op.drop_index(op.f("ix_receivables_term_id"), table_name="receivables")
    op.drop_index(op.f("ix_receivables_payer_id"), table_name="receivables")
    op.drop_index("ix_receivables_open_due", table_name="receivables", postgresql_where=sa.text("open_amount != 0"))
    op.drop_table("receivables")
    op.drop_index(op.f("ix_party_roles_term_id"), table_name="party_roles")
    op.drop_index(op.f("ix_party_roles_party_id"), table_name="party_roles")
    op.drop_table("party_roles")
    op.drop_table("complaints")
    op.drop_index(op.f("ix_claims_policy_id"), table_name="claims")
    op.drop_table("claims")
    op.drop_table("run_shards")
    op.drop_table("run_rows")
    op.drop_index(op.f("ix_quotes_term_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_client_id"), table_name="quotes")
    op.drop_table("quotes")
    op.drop_index(op.f("ix_interactions_party_id"), table_name="interactions")
    op.drop_table("interactions")
    op.drop_index(op.f("ix_insured_objects_term_id"), table_name="insured_objects")
    op.drop_table("insured_objects")
    op.drop_table("endorsements")
    op.drop_index(op.f("ix_alerts_term_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_party_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(
        "ix_terms_renewed_term_id", table_name="terms", postgresql_where=sa.text("renewed_term_id IS NOT NULL")
    )
    op.drop_index("ix_terms_expires_on", table_name="terms")
    op.drop_table("terms")
    op.drop_table("runs")
    op.drop_table("resolutions")
    op.drop_table("policy_shares")
    op.drop_index("ix_messages_task_id", table_name="messages", postgresql_where=sa.text("task_id IS NOT NULL"))
    op.drop_index("ix_messages_party_id", table_name="messages", postgresql_where=sa.text("party_id IS NOT NULL"))
    op.drop_index(
        "ix_messages_leased", table_name="messages", postgresql_where=sa.text("state IN ('claimed', 'at_data')")
    )
    op.drop_index("ix_messages_due", table_name="messages", postgresql_where=sa.text("state IN ('pending', 'retry')"))
    op.drop_index("ix_messages_case_id", table_name="messages", postgresql_where=sa.text("case_id IS NOT NULL"))
    op.drop_table("messages")
    op.drop_index(op.f("ix_consents_party_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_commission_splits_policy_id"), table_name="commission_splits")
    op.drop_table("commission_splits")
    op.drop_index(op.f("ix_campaign_members_party_id"), table_name="campaign_members")
    op.drop_table("campaign_members")
    op.drop_table("waits")
    op.drop_index(
        "ix_timers_due", table_name="timers", postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL")
    )
    op.drop_table("timers")
    op.drop_index(op.f("ix_task_items_task_id"), table_name="task_items")
    op.drop_table("task_items")
    op.drop_table("standard_books")
    op.drop_index(
        "uq_responsibilities_one_now",
        table_name="responsibilities",
        postgresql_where=sa.text("until IS NULL"),
        postgresql_include=["employee_id"],
    )
    op.drop_index("ix_responsibilities_of_client", table_name="responsibilities")
    op.drop_index(op.f("ix_responsibilities_employee_id"), table_name="responsibilities")
    op.drop_table("responsibilities")
    op.drop_table("process_versions")
    op.drop_index(
        "ix_policies_programme_id", table_name="policies", postgresql_where=sa.text("programme_id IS NOT NULL")
    )
    op.drop_index("ix_policies_number", table_name="policies")
    op.drop_index(op.f("ix_policies_client_id"), table_name="policies")
    op.drop_table("policies")
    op.drop_index(op.f("ix_pending_changes_party_id"), table_name="pending_changes")
    op.drop_table("pending_changes")
    op.drop_index(op.f("ix_payment_plans_payer_id"), table_name="payment_plans")
    op.drop_table("payment_plans")
    op.drop_index("ix_notes_on", table_name="notes")
    op.drop_index(op.f("ix_notes_client_id"), table_name="notes")
    op.drop_table("notes")
    op.drop_index(op.f("ix_memberships_employee_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_table("letter_versions")
    op.drop_table("cost_rates")
    op.drop_index(op.f("ix_contact_points_party_id"), table_name="contact_points")
    op.drop_table("contact_points")
    op.drop_table("campaigns")
    op.drop_table("calendar_versions")
    op.drop_table("arrivals")
    op.drop_index(op.f("ix_appointment_attendees_appointment_id"), table_name="appointment_attendees")
    op.drop_table("appointment_attendees")
    op.drop_index(op.f("ix_answers_client_id"), table_name="answers")
    op.drop_index("ix_answers_case", table_name="answers")
    op.drop_table("answers")
    op.drop_index("ix_absences_ends_at", table_name="absences")
    op.drop_table("absences")
    op.drop_index("uq_tasks_identity", table_name="tasks", postgresql_where=sa.text("case_id IS NOT NULL"))
    op.drop_index("ix_tasks_next_at", table_name="tasks", postgresql_where=sa.text("next_at IS NOT NULL"))
    op.drop_index(
        "ix_tasks_list",
        table_name="tasks",
        postgresql_where=sa.text("status IN ('planned', 'open', 'active', 'waiting')"),
    )
    op.drop_index(
        "ix_tasks_due",
        table_name="tasks",
        postgresql_where=sa.text("status IN ('planned', 'open', 'active', 'waiting')"),
    )
    op.drop_index("ix_tasks_client_id", table_name="tasks")
    op.drop_index("ix_tasks_bumped", table_name="tasks", postgresql_where=sa.text("bumped_from_id IS NOT NULL"))
    op.drop_table("tasks")
    op.drop_index(op.f("ix_requirements_party_id"), table_name="requirements")
    op.drop_index("ix_requirements_on", table_name="requirements")
    op.drop_table("requirements")
    op.drop_index(op.f("ix_programmes_client_id"), table_name="programmes")
    op.drop_table("programmes")
    op.drop_index(op.f("ix_payments_payer_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_party_relations_related_id"), table_name="party_relations")
    op.drop_index(op.f("ix_party_relations_party_id"), table_name="party_relations")
    op.drop_table("party_relations")
    op.drop_index(op.f("ix_employees_team_id"), table_name="employees")
    op.drop_table("employees")
    op.drop_index("ix_documents_on", table_name="documents")
    op.drop_index(op.f("ix_documents_client_id"), table_name="documents")
    op.drop_table("documents")
    op.drop_table("consortium_members")
    op.drop_index("uq_cases_identity", table_name="cases")
    op.drop_index("ix_cases_parent_id", table_name="cases", postgresql_where=sa.text("parent_id IS NOT NULL"))
    op.drop_index("ix_cases_client_id", table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_bank_accounts_party_id"), table_name="bank_accounts")
    op.drop_table("bank_accounts")
    op.drop_index(op.f("ix_appointments_party_id"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_table("teams")
    op.drop_table("ringings")
    op.drop_table("products")
    op.drop_index("ix_parties_sort_key", table_name="parties")
    op.drop_table("parties")
    op.drop_table("commission_agreements")
    op.drop_table("schedules")
    op.drop_table("product_lines")
    op.drop_table("processes")
    op.drop_table("organisations")
    op.drop_table("number_series")
    op.drop_table("insurers")
    op.drop_table("imports")
    op.drop_table("holds")
    op.drop_index("ix_happenings_waiting", table_name="happenings", postgresql_where=sa.text("handled_at IS NULL"))
    op.drop_index("ix_happenings_subject", table_name="happenings")
    op.drop_table("happenings")
    op.drop_index("uq_events_task", table_name="events", postgresql_where=sa.text("case_id IS NULL"))
    op.drop_index("uq_events_case", table_name="events", postgresql_where=sa.text("case_id IS NOT NULL"))
    op.drop_table("events")
    op.drop_table("calendars")
