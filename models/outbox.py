"""Everything that leaves the house is first a row here; queueing one is the only way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert

from models.columns import Json, coded, identity, link, metadata, moment, number, text


class MessageState(StrEnum):
    """Where a message stands between the row and the server that took it."""

    PENDING = "pending"
    CLAIMED = "claimed"
    AT_DATA = "at_data"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class MessageClass(StrEnum):
    """Whom it may reach and under which rules."""

    STAFF = "staff"
    SERVICE = "service"
    MARKETING = "marketing"


messages = Table(
    "messages",
    metadata,
    identity(),
    text("key", unique=True),
    text("message_class"),
    text("channel", server_default="email"),
    text("template"),
    link("letter_version_id", "letter_versions", nullable=True),
    text("language"),
    number("employee_id"),
    link("party_id", "parties", nullable=True),
    text("role", nullable=True),  # which role of the party it addresses
    text("subject_type", nullable=True),
    number("subject_id"),
    number("case_id"),
    number("task_id"),
    Column("facts", Json, nullable=False),  # what must not drift: amounts, dates
    text("state", server_default=MessageState.PENDING.value),
    moment("created_at", nullable=False),
    moment("not_before", nullable=False),
    moment("pointless_after"),
    moment("lease_until"),
    text("sender", nullable=True),  # the process that has it, by a word of its own
    Column("attempts", Integer, nullable=False, server_default=sql("0")),
    moment("sent_at"),
    text("address", nullable=True),
    text("message_id", nullable=True),
    Column("rendered", LargeBinary),  # kept as it was sent
    text("last_answer", nullable=True),
    coded("state", MessageState),
    coded("message_class", MessageClass),
)
Index("ix_messages_due", messages.c.not_before, messages.c.id, postgresql_where=sql("state IN ('pending', 'retry')"))
Index("ix_messages_leased", messages.c.lease_until, postgresql_where=sql("state IN ('claimed', 'at_data')"))
Index(  # bounces name it
    "ix_messages_message_id", messages.c.message_id, postgresql_where=messages.c.message_id.is_not(None)
)
Index("ix_messages_task_id", messages.c.task_id, postgresql_where=messages.c.task_id.is_not(None))
Index("ix_messages_case_id", messages.c.case_id, postgresql_where=messages.c.case_id.is_not(None))
Index("ix_messages_party_id", messages.c.party_id, postgresql_where=messages.c.party_id.is_not(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to leave the house; `key` makes it unique (subject, rule, occurrence, channel, recipient)."""

    key: str
    message_class: MessageClass
    template: str
    language: str
    created_at: datetime
    not_before: datetime
    channel: str = "email"
    employee_id: int | None = None
    party_id: int | None = None
    role: str | None = None
    subject_type: str | None = None
    subject_id: int | None = None
    case_id: int | None = None
    task_id: int | None = None
    letter_version_id: int | None = None
    pointless_after: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def queue(db: Connection, message: Message) -> int | None:
    """Write the message once, in the caller's transaction. Returns its id, or None when it was queued before."""
    values = {name: getattr(message, name) for name in Message.__slots__}
    values["facts"] = dict(message.facts)
    statement = insert(messages).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(messages.c.id)
    return db.execute(statement).scalar_one_or_none()
