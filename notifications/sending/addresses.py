"""Addresses that do not work: marked when mail to them came back, or was refused for good because of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from models.deliveries import Stage
from models.outbox import messages
from models.parties import contact_points
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer

_ADDRESS_IS_WRONG = re.compile(r"\b5\.(1\.(1|2|3|6|10)|2\.1)\b")
"""No such mailbox or domain, moved, disabled (RFC 3463, RFC 7505); a refusal for policy says nothing of the address."""

_ANOTHER_REASON = re.compile(r"4\.|5\.(1\.[78]|2\.[234]|3\.|4\.(?!1$|4$|310$)|[567]\.)")
"""Full, too large, looping, expired, refused for its content or its sender: the address may work tomorrow."""


def may_work(status: str | None) -> bool:
    """Whether mail that came back with that status says nothing against the address; without one it does."""
    return status is not None and _ANOTHER_REASON.match(status) is not None


def mark(db: Connection, addresses: Collection[str], reason: str, *, at: datetime) -> list[str]:
    """Mark the addresses in every row of the book that has them. Returns those that were not marked before."""
    if not addresses:
        return []
    point = contact_points.c
    marked = db.execute(
        update(contact_points)
        .where(point.channel == "email", func.lower(point.value).in_(sorted({it.lower() for it in addresses})))
        .where(point.bounced_at.is_(None))
        .values(bounced_at=at, bounce_reason=reason)
        .returning(point.value)
    )
    return sorted(set(marked.scalars()))


def mark_refused(db: Connection, message_id: int, answer: Answer, *, at: datetime) -> None:
    """Mark the address of a message the server refused for good because of that address."""
    is_about_address = answer.stage is Stage.RCPT and answer.outcome is Outcome.FAILED
    if is_about_address and _ADDRESS_IS_WRONG.search(answer.words):
        address = db.execute(select(messages.c.address).where(messages.c.id == message_id)).scalar()
        mark(db, [address] if address else [], answer.words, at=at)
