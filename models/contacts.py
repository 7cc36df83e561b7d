"""Contacts in and out, complaints, claims, alerts, notes, documents and appointments."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Table, UniqueConstraint

from models.columns import coded, identity, link, metadata, moment, money, not_before, number, text


class InteractionKind(StrEnum):
    """What a contact was."""

    CALL = "call"
    VISIT = "visit"
    LETTER = "letter"
    MESSAGE = "message"
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    PRAISE = "praise"
    SERVICE_REQUEST = "service_request"
    REFERRAL = "referral"


notes = Table(
    "notes",
    metadata,
    identity(),
    link("client_id", "parties", nullable=True, index=True),
    text("on_type"),  # task | case | interaction | claim | party
    number("on_id", nullable=False),
    text("purpose"),  # note | reason | answer
    text("body"),
    moment("written_at", nullable=False),
    link("written_by", "employees", nullable=True),
)
Index("ix_notes_on", notes.c.on_type, notes.c.on_id)

interactions = Table(
    "interactions",
    metadata,
    identity(),
    text("number", nullable=True, unique=True),
    link("party_id", "parties", nullable=True, index=True),
    link("term_id", "terms", nullable=True),
    text("kind"),
    text("direction"),  # in | out
    text("channel"),
    text("topic", nullable=True),
    moment("at", nullable=False),
    link("employee_id", "employees", nullable=True),
    coded("kind", InteractionKind),
)

complaints = Table(
    "complaints",
    metadata,
    Column("interaction_id", BigInteger, ForeignKey("interactions.id"), primary_key=True),
    text("cause", nullable=True),
    moment("received_at", nullable=False),
    Column("answer_by", Date),
    moment("answered_at"),
    moment("closed_at"),
    text("finding", nullable=True),  # confirmed | not_confirmed
    text("corrective_action", nullable=True),
    not_before("received_at", "closed_at"),
)

claims = Table(
    "claims",
    metadata,
    identity(),
    text("number", unique=True),
    text("insurer_number", nullable=True),
    link("policy_id", "policies", index=True),
    link("insured_object_id", "insured_objects", nullable=True),
    moment("occurred_at", nullable=False),
    moment("notified_at"),
    money("reserve"),
    money("paid"),
    text("currency", nullable=True),
    text("state", server_default="open"),
    text("refused_reason", nullable=True),
    moment("closed_at"),
)

missing_documents = Table(
    "missing_documents",
    metadata,
    identity(),
    link("claim_id", "claims", index=True),
    text("type"),
    moment("asked_at", nullable=False),
    moment("received_at"),
)

alerts = Table(
    "alerts",
    metadata,
    identity(),
    link("party_id", "parties", nullable=True, index=True),
    link("term_id", "terms", nullable=True, index=True),
    text("type"),  # provisional_cover | exclusivity | payment_agreement | …
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    not_before("starts_on", "ends_on"),
)

documents = Table(
    "documents",
    metadata,
    identity(),
    link("client_id", "parties", nullable=True, index=True),
    text("on_type"),
    number("on_id", nullable=False),
    text("type"),
    text("file_name"),
    text("content_hash"),
    Column("valid_from", Date),
    Column("valid_until", Date),
    moment("stored_at", nullable=False),
)
Index("ix_documents_on", documents.c.on_type, documents.c.on_id)

appointments = Table(
    "appointments",
    metadata,
    identity(),
    number("task_id"),
    link("party_id", "parties", nullable=True, index=True),
    moment("starts_at", nullable=False),
    moment("ends_at", nullable=False),
    text("place", nullable=True),
    not_before("starts_at", "ends_at"),
)

appointment_attendees = Table(
    "appointment_attendees",
    metadata,
    identity(),
    link("appointment_id", "appointments", index=True),
    link("employee_id", "employees", nullable=True),
    link("party_id", "parties", nullable=True),
    Column("has_accepted", Boolean),
    UniqueConstraint("appointment_id", "employee_id", "party_id"),
)
