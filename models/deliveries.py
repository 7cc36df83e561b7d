"""What became of messages on their way: attempts, decisions of people, bounces, and domains that asked for patience."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)
from sqlalchemy import text as sql

from models.columns import coded, identity, link, metadata, moment, number, text


class Stage(StrEnum):
    """How far an attempt came, in the order of the conversation with a mail server."""

    WRITING = "writing"
    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Decision(StrEnum):
    """What a person decided about a message that stood still."""

    RETRIED = "retried"
    SENT_AGAIN = "sent_again"
    DELIVERED = "delivered"
    DROPPED = "dropped"


class BounceKind(StrEnum):
    """What a mail in the bounce mailbox turned out to be."""

    BOUNCED = "bounced"
    DELAYED = "delayed"
    REPLY = "reply"
    NOT_UNDERSTOOD = "not_understood"


# Written once for every message that leaves: a foreign key would touch the message's row once more each time.
message_attempts = Table(
    "message_attempts",
    metadata,
    number("message_id", nullable=False),
    Column("attempt", Integer, nullable=False),
    moment("began_at", nullable=False),
    moment("ended_at", nullable=False),
    text("stage"),
    text("outcome"),
    Column("code", Integer),
    text("answer"),
    text("host", nullable=True),
    text("address", nullable=True),  # where this try went; the message's row knows only that of the last
    PrimaryKeyConstraint("message_id", "attempt"),
    coded("stage", Stage),
)

# Only grows; the reason in words is a note that points to the message.
message_decisions = Table(
    "message_decisions",
    metadata,
    identity(),
    link("message_id", "messages", index=True),
    text("decision"),
    text("state_before"),
    text("state_after"),
    moment("at", nullable=False),
    moment("recorded_at", nullable=False, server_default=sql("clock_timestamp()")),
    number("employee_id"),
    number("on_behalf_of"),
    text("door"),
    link("note_id", "notes", nullable=True),
    coded("decision", Decision),
)

bounces = Table(
    "bounces",
    metadata,
    identity(),
    text("key", unique=True),  # of the bounce's own bytes: read twice, it is known
    text("kind"),
    link("message_id", "messages", nullable=True, index=True),
    text("address", nullable=True),
    text("status", nullable=True),  # RFC 3463: 5.1.1
    text("words"),
    text("place"),
    moment("arrived_at"),
    moment("read_at", nullable=False),
    Column("content", LargeBinary),  # kept for a person where it was not understood
    coded("kind", BounceKind),
)
Index("ix_bounces_kind", bounces.c.kind, bounces.c.id)

# One row, made up by the house for itself: whoever does not know it can name no message of another receiver.
mail_secret = Table(
    "mail_secret",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1", name="only_one"), primary_key=True, autoincrement=False),
    text("word"),
)

domain_brakes = Table(
    "domain_brakes",
    metadata,
    text("domain", primary_key=True),
    Column("strikes", Integer, nullable=False),
    Column("at_once", Integer, nullable=False),  # messages this domain may be sent at the same time
    Column("pause_seconds", Float, nullable=False),
    moment("paused_until"),
    moment("changed_at", nullable=False, server_default=sql("clock_timestamp()")),
    text("last_answer"),
)
