"""Contracts: product lines, insurers, programmes, policies, their terms, what they cover, endorsements and quotes."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from models.columns import Json, coded, identity, link, metadata, moment, money, not_before, number, text


class Placed(StrEnum):
    """Who placed the term; one placed elsewhere is an x-date."""

    BY_US = "by_us"
    ELSEWHERE = "elsewhere"


class Renews(StrEnum):
    """How the term renews."""

    BY_OFFER = "by_offer"
    AUTOMATICALLY = "automatically"
    NO = "no"
    ANNIVERSARY = "anniversary"


class Stage(StrEnum):
    """How far a sale or renewal has come; it is won when bound."""

    ACCEPTED = "accepted"
    BOUND = "bound"
    ISSUED = "issued"
    DELIVERED = "delivered"
    IN_FORCE = "in_force"
    NOT_TAKEN_UP = "not_taken_up"
    ENDED = "ended"


class PremiumPeriod(StrEnum):
    """What stretch of time a premium pays for."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    TERM = "term"


product_lines = Table(
    "product_lines", metadata, identity(), text("code", unique=True), Column("labels", Json, nullable=False)
)

insurers = Table(
    "insurers",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    text("country", nullable=True),
    Column("collects_itself", Boolean, nullable=False, server_default=sql("false")),
)

products = Table(
    "products",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    link("product_line_id", "product_lines"),
    link("insurer_id", "insurers", nullable=True),
)

programmes = Table(
    "programmes",
    metadata,
    identity(),
    text("number", unique=True),
    link("client_id", "parties", index=True),
    text("kind"),  # fleet | household | employer_group
    text("name"),
)

policies = Table(
    "policies",
    metadata,
    identity(),
    link("client_id", "parties", index=True),
    link("insurer_id", "insurers"),
    link("product_line_id", "product_lines"),
    link("product_id", "products", nullable=True),
    link("programme_id", "programmes", nullable=True),
    text("number"),
    text("channel", nullable=True),
    Column("first_started_on", Date),
    Column("cancelled_on", Date),
    text("cancel_reason", nullable=True),
    UniqueConstraint("insurer_id", "number"),
)
Index("ix_policies_number", policies.c.number)
Index("ix_policies_programme_id", policies.c.programme_id, postgresql_where=policies.c.programme_id.is_not(None))

policy_shares = Table(
    "policy_shares",
    metadata,
    identity(),
    link("policy_id", "policies"),
    link("insurer_id", "insurers"),
    Column("share", Numeric(7, 4), nullable=False),
    Column("is_lead", Boolean, nullable=False),
    UniqueConstraint("policy_id", "insurer_id"),
    CheckConstraint("share > 0 AND share <= 100", name="share_is_percent"),
)

terms = Table(
    "terms",
    metadata,
    identity(),
    link("policy_id", "policies"),
    Column("sequence", Integer, nullable=False),  # the first term of a policy is 1
    Column("starts_on", Date),
    Column("expires_on", Date, nullable=False),
    Column("is_estimated", Boolean, nullable=False, server_default=sql("false")),  # the x-date is a guess
    text("placed", server_default=Placed.BY_US.value),
    text("renews", server_default=Renews.BY_OFFER.value),
    Column("notice_by", Date),
    Column("notice_received_on", Date),  # the client wants to leave
    link("renewed_term_id", "terms", nullable=True),
    text("stage", server_default=Stage.IN_FORCE.value),
    moment("accepted_at"),
    moment("bound_at"),
    moment("issued_at"),
    moment("delivered_at"),
    money("premium_net"),
    money("premium_tax"),
    money("premium_levies"),
    money("premium_gross"),
    text("premium_period", nullable=True),
    text("currency", nullable=True),
    Column("instalments", Integer, nullable=False, server_default=sql("1")),
    Column("ended_on", Date),
    text("end_reason", nullable=True),  # cancelled | unpaid | object_sold | insurer_refused | moved_within_house | …
    Column("end_told_for", Date),  # the expiry whose passing the beat has dealt with
    UniqueConstraint("policy_id", "sequence"),
    coded("placed", Placed),
    coded("renews", Renews),
    coded("stage", Stage),
    coded("premium_period", PremiumPeriod, or_null=True),
    not_before("starts_on", "expires_on"),
    CheckConstraint("premium_gross IS NULL OR premium_period IS NOT NULL", name="premium_has_period"),
    CheckConstraint("premium_gross IS NULL OR currency IS NOT NULL", name="premium_has_currency"),
)
Index("ix_terms_expires_on", terms.c.expires_on)
Index(
    "ix_terms_end_not_told",
    terms.c.expires_on,
    postgresql_where=sql("ended_on IS NULL AND end_told_for IS DISTINCT FROM expires_on"),
)
Index("ix_terms_renewed_term_id", terms.c.renewed_term_id, postgresql_where=terms.c.renewed_term_id.is_not(None))

insured_objects = Table(
    "insured_objects",
    metadata,
    identity(),
    link("term_id", "terms", index=True),
    text("kind"),  # vehicle | building | person | trip | cargo | other
    text("label"),
    text("plate", nullable=True),
    Column("covered_from", Date),
    Column("covered_to", Date),
    Column("facts", Json),
    not_before("covered_from", "covered_to"),
)

party_roles = Table(
    "party_roles",
    metadata,
    identity(),
    link("term_id", "terms", index=True),
    link("insured_object_id", "insured_objects", nullable=True),
    link("party_id", "parties", index=True),
    text("role"),  # policyholder | insured | beneficiary | payer | loss_payee | contact
    Column("since", Date),
    Column("until", Date),
    not_before("since", "until"),
)

endorsements = Table(
    "endorsements",
    metadata,
    identity(),
    link("term_id", "terms"),
    Column("number", Integer, nullable=False),
    moment("effective_at", nullable=False),
    money("premium_difference"),
    money("commission_difference"),
    text("currency", nullable=True),
    Column("objects_in", Json),
    Column("objects_out", Json),
    UniqueConstraint("term_id", "number"),
)

quotes = Table(
    "quotes",
    metadata,
    identity(),
    link("client_id", "parties", index=True),
    link("term_id", "terms", nullable=True, index=True),  # the term it would renew
    number("case_id"),
    link("insurer_id", "insurers"),
    link("product_line_id", "product_lines"),
    money("premium_gross"),
    text("premium_period", nullable=True),
    text("currency", nullable=True),
    Column("valid_until", Date),
    text("stage"),  # asked | received | offered | accepted | refused
    moment("asked_at"),
    moment("received_at"),
    Column("objects", Json),
)
