"""The Message-ID of a message: derived from its key, so that every attempt carries the same one."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from core.settings import settings


def message_id(key: str) -> str:
    """`<…@domain>` for that key, in this house; the domain is that of the sender's address."""
    digest = sha256(f"{settings().house}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{digest[:40]}@{sender_domain()}>"


def sender_domain() -> str:
    """The domain of the house's sender address, in ASCII."""
    return _domain(settings().mail_from)


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    domain = sender.rpartition("@")[2].strip(" <>").lower() or "localhost"
    return domain.encode("idna").decode("ascii")
