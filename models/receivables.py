"""Money: receivables, payments and their matching, promises, disputes, dunning, client money and commission."""

from __future__ import annotations

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

from models.columns import Json, identity, link, metadata, moment, money, not_before, number, text

number_series = Table(
    "number_series",
    metadata,
    identity(),
    text("code", unique=True),
    text("prefix", server_default=""),
    Column("next_number", Integer, nullable=False, server_default=sql("1")),
)

receivables = Table(
    "receivables",
    metadata,
    identity(),
    text("issuer"),  # house | the insurer's code: numbers are unique per issuer
    text("number"),
    text("kind"),  # premium | fee | interest | credit_note
    text("creditor"),  # insurer | house
    link("insurer_id", "insurers", nullable=True),
    text("collector"),  # house | insurer
    link("payer_id", "parties", index=True),
    link("term_id", "terms", nullable=True, index=True),
    link("endorsement_id", "endorsements", nullable=True),
    Column("instalment", Integer, nullable=False, server_default=sql("1")),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    money("amount", nullable=False),
    money("open_amount", nullable=False),
    text("currency"),
    text("state"),  # issued | sent | part_paid | paid | credited | written_off | unknown
    link("credits_id", "receivables", nullable=True),
    moment("sent_at"),
    Column("settled_on", Date),
    text("state_source", nullable=True),  # house | insurer_file | client
    moment("state_as_of"),
    Column("waits_until", Date),  # disputed, promised, planned or said to be paid
    text("waits_reason", nullable=True),
    Column("dunning_level", Integer, nullable=False, server_default=sql("0")),
    Column("collect_by", Date),  # the hard limit before cover stops
    Column("cover_notice_on", Date),
    Column("cover_suspended_from", Date),
    Column("cover_terminated_on", Date),
    Column("reinstatable_until", Date),
    moment("written_off_at"),
    link("written_off_by", "employees", nullable=True),
    UniqueConstraint("issuer", "number"),
    CheckConstraint("creditor <> 'insurer' OR insurer_id IS NOT NULL", name="insurer_named"),
    CheckConstraint("kind <> 'premium' OR creditor = 'insurer'", name="premium_is_the_insurers"),
)
Index("ix_receivables_open_due", receivables.c.due_on, postgresql_where=receivables.c.open_amount != 0)

payments = Table(
    "payments",
    metadata,
    identity(),
    text("source"),  # bank | insurer_file | cash | card
    text("reference"),
    link("payer_id", "parties", nullable=True, index=True),
    Column("received_on", Date, nullable=False),
    money("amount", nullable=False),
    money("unmatched_amount", nullable=False),
    text("currency"),
    text("payer_text", nullable=True),
    UniqueConstraint("source", "reference"),
)

payment_matches = Table(
    "payment_matches",
    metadata,
    identity(),
    link("payment_id", "payments", index=True),
    link("receivable_id", "receivables", index=True),
    money("amount", nullable=False),
    moment("matched_at", nullable=False),
    link("matched_by", "employees", nullable=True),
    link("reverses_id", "payment_matches", nullable=True),
)

promises = Table(
    "promises",
    metadata,
    identity(),
    link("receivable_id", "receivables", index=True),
    moment("promised_at", nullable=False),
    Column("pay_by", Date, nullable=False),
    money("amount", nullable=False),
    text("state", server_default="open"),  # open | kept | broken | withdrawn
    link("taken_by", "employees", nullable=True),
)

disputes = Table(
    "disputes",
    metadata,
    identity(),
    link("receivable_id", "receivables", index=True),
    moment("opened_at", nullable=False),
    text("reason"),
    money("amount"),
    Column("waits_until", Date),
    moment("closed_at"),
    text("result", nullable=True),
)

payment_plans = Table(
    "payment_plans",
    metadata,
    identity(),
    link("payer_id", "parties", index=True),
    moment("agreed_at", nullable=False),
    link("agreed_by", "employees", nullable=True),
    text("state", server_default="running"),
)

payment_plan_parts = Table(
    "payment_plan_parts",
    metadata,
    identity(),
    link("payment_plan_id", "payment_plans", index=True),
    link("receivable_id", "receivables"),
    Column("due_on", Date, nullable=False),
    money("amount", nullable=False),
    money("paid_amount", nullable=False),
)

dunning_steps = Table(
    "dunning_steps",
    metadata,
    identity(),
    link("receivable_id", "receivables"),
    Column("level", Integer, nullable=False),
    Column("round", Integer, nullable=False, server_default=sql("1")),
    number("message_id"),
    moment("delivered_at"),
    moment("waived_at"),
    link("waived_by", "employees", nullable=True),
    UniqueConstraint("receivable_id", "level", "round"),
)

client_money_entries = Table(
    "client_money_entries",
    metadata,
    identity(),
    link("insurer_id", "insurers"),
    link("payment_match_id", "payment_matches", nullable=True),
    Column("booked_on", Date, nullable=False),
    money("amount", nullable=False),
    text("currency"),
    text("kind"),  # received | remitted | refunded
    Column("remit_by", Date),
    Column("is_net_of_commission", Boolean, nullable=False, server_default=sql("false")),
)

commission_agreements = Table(
    "commission_agreements",
    metadata,
    identity(),
    link("insurer_id", "insurers"),
    link("product_line_id", "product_lines", nullable=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("rate", Numeric(7, 4), nullable=False),  # percent of net premium
    text("earned_when"),  # paid_instalment | bound | issued
    not_before("since", "until"),
)

commission_entries = Table(
    "commission_entries",
    metadata,
    identity(),
    link("term_id", "terms", index=True),
    link("endorsement_id", "endorsements", nullable=True),
    link("receivable_id", "receivables", nullable=True),
    link("employee_id", "employees", nullable=True),  # the producer whose share it is
    text("kind"),  # expected | earned | stated | received | clawed_back
    Column("booked_on", Date, nullable=False),
    money("base_net_premium"),
    money("amount", nullable=False),
    text("currency"),
    text("source", nullable=True),
    Column("facts", Json),
)

commission_splits = Table(
    "commission_splits",
    metadata,
    identity(),
    link("policy_id", "policies", index=True),
    link("employee_id", "employees"),
    Column("share", Numeric(7, 4), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    not_before("since", "until"),
)
