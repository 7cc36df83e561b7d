"""Addresses that do not work: clients' are marked when mail comes back or is refused, the house's own stop sending."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from core.settings import settings
from models.deliveries import Stage
from models.outbox import messages
from models.parties import contact_points
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, CarrierDown
from notifications.sending.verp import TOKEN_LENGTH
from notifications.wording.headers import AddressNotUsable
from notifications.wording.writing import sender_address

LONGEST_LOCAL = 64  # characters before the @, RFC 5321
_ADDRESS_IS_WRONG = re.compile(r"\b5\.(1\.(1|2|3|6|10)|2\.1)\b")
"""No such mailbox or domain, moved, disabled (RFC 3463, RFC 7505); a refusal for policy says nothing of the address."""

_ANOTHER_REASON = re.compile(r"4\.|5\.(1\.[78]|2\.[234]|3\.|4\.(?!1$|4$|310$)|[567]\.)")
"""Full, too large, looping, expired, refused for its content or its sender: the address may work tomorrow."""


def may_work(status: str | None) -> bool:
    """Whether mail that came back with that status says nothing against the address; without one it does."""
    return status is not None and _ANOTHER_REASON.match(status) is not None


def check_own() -> None:
    """Look at the house's own addresses before anything is sent: no message is to blame for a setting.

    Raises: CarrierDown.
    """
    chosen = settings()
    for name, address in (("TAKTAS_MAIL_FROM", chosen.mail_from), ("TAKTAS_MAIL_BOUNCES", chosen.mail_bounces)):
        if not address:
            continue
        try:
            local = sender_address(address).rpartition("@")[0]
        except AddressNotUsable as error:
            words = f"{name} is {address!r}, which is no e-mail address. Set it to one; what is due waits."
            raise CarrierDown(words) from error
        if name == "TAKTAS_MAIL_BOUNCES" and len(local) > LONGEST_LOCAL - TOKEN_LENGTH - 1:
            raise CarrierDown(
                f"{name} is {address!r}: each message adds {TOKEN_LENGTH + 1} characters before the @, where an "
                f"address has {LONGEST_LOCAL} at most. Take a shorter one; what is due waits."
            )


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
