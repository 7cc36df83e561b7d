"""The Message-ID of a message: derived from its key, so that every attempt carries the same one.

It is also the token in the message's return path, and whatever comes back there marks an address. Keys can be guessed,
so the house's own secret goes into it: a stranger can make up no token of a message they have not received.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from core.settings import settings
from models.deliveries import mail_secret


def message_id(key: str, secret: str) -> str:
    """`<…@domain>` for that key, in this house; the domain is that of the sender's address."""
    named = f"{settings().house}\n{key}".encode("utf-8", "surrogatepass")
    return f"<{hmac.digest(secret.encode(), named, 'sha256').hex()[:40]}@{sender_domain()}>"


def secret_of_house(db: Connection) -> str:
    """The word that makes the house's Message-IDs its own; the first who needs it makes it up."""
    asked = select(mail_secret.c.word)
    known = db.execute(asked).scalar()
    if known is None:
        made = insert(mail_secret).values(id=1, word=secrets.token_hex(32)).on_conflict_do_nothing()
        db.execute(made)
        known = db.execute(asked).scalar_one()
    return str(known)


def sender_domain() -> str:
    """The domain of the house's sender address, in ASCII."""
    return _domain(settings().mail_from)


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    domain = sender.rpartition("@")[2].strip(" <>").lower() or "localhost"
    return domain.encode("idna").decode("ascii")
