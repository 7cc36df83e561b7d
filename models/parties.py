"""Parties: one record for lead, client, lost client and payer, with their relations, addresses, consents and papers."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Numeric, Table, UniqueConstraint
from sqlalchemy import text as sql

from models.columns import coded, identity, link, metadata, moment, not_before, number, text


class PartyKind(StrEnum):
    """What kind of somebody a party is."""

    PERSON = "person"
    COMPANY = "company"
    CONSORTIUM = "consortium"


class Standing(StrEnum):
    """How the house and the party stand to each other."""

    NEW = "new"
    EXISTING = "existing"
    FORMER = "former"


class Responsibility(StrEnum):
    """What an employee is to a client."""

    ACCOUNT_MANAGER = "account_manager"
    PRODUCER = "producer"
    HANDLER = "handler"
    COLLECTOR = "collector"


parties = Table(
    "parties",
    metadata,
    identity(),
    text("number", unique=True),  # the business key: the client number of the house
    text("kind"),
    text("name"),
    text("given_name", nullable=True),
    text("family_name", nullable=True),
    text("sort_key"),
    text("identity_number", nullable=True),
    Column("birth_date", Date),
    text("language", server_default="en"),
    text("country", nullable=True),
    text("region", nullable=True),
    text("tier", server_default="standard"),
    text("standing", server_default="new"),
    text("channel", nullable=True),
    link("organisation_id", "organisations", nullable=True),
    link("merged_into_id", "parties", nullable=True),
    moment("blacklisted_at"),
    text("blacklist_reason", nullable=True),
    moment("legal_hold_at"),
    moment("erased_at"),
    moment("created_at", nullable=False, server_default=sql("now()")),
    coded("kind", PartyKind),
    coded("standing", Standing),
)
Index("ix_parties_sort_key", parties.c.sort_key)

consortium_members = Table(
    "consortium_members",
    metadata,
    identity(),
    link("consortium_id", "parties"),
    link("member_id", "parties"),
    Column("share", Numeric(7, 4), nullable=False),
    UniqueConstraint("consortium_id", "member_id"),
    CheckConstraint("share > 0 AND share <= 100", name="share_is_percent"),
)

party_relations = Table(
    "party_relations",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    link("related_id", "parties", index=True),
    text("kind"),  # family | representative | parent_company | department | referrer
    Column("since", Date, nullable=False),
    Column("until", Date),
    UniqueConstraint("party_id", "related_id", "kind", "since"),
    not_before("since", "until"),
)

responsibilities = Table(
    "responsibilities",
    metadata,
    identity(),
    link("client_id", "parties"),
    link("employee_id", "employees", index=True),
    text("role"),
    Column("since", Date, nullable=False),
    Column("until", Date),
    coded("role", Responsibility),
    not_before("since", "until"),
)
Index(
    "uq_responsibilities_one_now",
    responsibilities.c.client_id,
    responsibilities.c.role,
    unique=True,
    postgresql_where=responsibilities.c.until.is_(None),
    postgresql_include=["employee_id"],
)
Index(
    "ix_responsibilities_of_client",  # in the order in which the one that holds on a day is looked for
    responsibilities.c.client_id,
    responsibilities.c.role,
    responsibilities.c.since,
    responsibilities.c.id,
)

contact_points = Table(
    "contact_points",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    text("channel"),  # email | phone | post
    text("value"),
    text("purpose", server_default="any"),
    text("language", nullable=True),
    Column("is_preferred", Boolean, nullable=False, server_default=sql("false")),
    moment("verified_at"),
    link("verified_by", "employees", nullable=True),
    moment("bounced_at"),
    text("bounce_reason", nullable=True),
    UniqueConstraint("party_id", "channel", "value", "purpose"),
)

consents = Table(
    "consents",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    link("contact_point_id", "contact_points", nullable=True),
    text("purpose"),  # marketing | profiling | health_data
    text("channel", server_default="any"),
    moment("given_at", nullable=False),
    moment("withdrawn_at"),
    text("source"),
    not_before("given_at", "withdrawn_at"),
)

pending_changes = Table(
    "pending_changes",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    text("field"),
    text("old_value", nullable=True),
    text("new_value", nullable=True),
    link("asked_by", "employees"),
    moment("asked_at", nullable=False),
    link("decided_by", "employees", nullable=True),
    moment("decided_at"),
    text("state", server_default="pending"),  # pending | approved | refused
    CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="approved_by_another"),
)

bank_accounts = Table(
    "bank_accounts",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    text("iban"),
    text("holder", nullable=True),
    Column("since", Date),
    Column("until", Date),
    UniqueConstraint("party_id", "iban"),
)

requirements = Table(
    "requirements",
    metadata,
    identity(),
    link("party_id", "parties", index=True),
    text("type"),  # know_your_client | mandate | proposal_form | …
    text("on_type"),  # party | policy | term | claim | case
    number("on_id", nullable=False),
    moment("asked_at"),
    moment("received_at"),
    Column("valid_until", Date),
    text("state", server_default="asked"),  # asked | received | accepted | refused | waived
    UniqueConstraint("type", "on_type", "on_id", "asked_at"),
)
Index("ix_requirements_on", requirements.c.on_type, requirements.c.on_id)
