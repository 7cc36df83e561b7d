"""Return paths of their own: what comes back to an address tells by that address which message it answers (VERP)."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

TOKEN_LENGTH = 40
_TOKEN = re.compile(rf"[0-9a-f]{{{TOKEN_LENGTH}}}")


def return_path(message_id: str, mailbox: str) -> str:
    """`bounce+<token>@house.example` for the mailbox `bounce@house.example`; the token is the Message-ID's own part."""
    local, domain = _parts(mailbox)
    return f"{local}+{token_of(message_id)}@{domain}"


def token_of(message_id: str) -> str:
    """What tells the Message-ID from every other one of this house."""
    return message_id.strip().strip("<>").rpartition("@")[0]


def token_in(address: str, mailbox: str) -> str | None:
    """The token of a message in the address something came back to; None where it bears none."""
    own, _ = _parts(mailbox)
    local, _, _ = address.strip().strip("<>").rpartition("@")
    before, sign, token = local.rpartition("+")
    is_ours = bool(sign) and before.lower() == own.lower() and _TOKEN.fullmatch(token.lower())
    return token.lower() if is_ours else None


@lru_cache(maxsize=8)
def _parts(mailbox: str) -> tuple[str, str]:
    """`bounce` and `house.example` of `Returned mail <bounce@house.example>`."""
    local, _, domain = parseaddr(mailbox)[1].rpartition("@")
    return local, domain
