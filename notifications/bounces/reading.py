"""What a mail that came back says: which message it answers, about which address, and whether that is for good.

Delivery status notifications are read as RFC 3464 defines them, their status codes as RFC 3463; Exim's older ones name
who failed in a header of their own. What is neither such a notification nor an automatic reply (RFC 3834) is left for a
person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from models.deliveries import BounceKind
from notifications.bounces.delivery_reports import Recipient, decoded, recipients
from notifications.bounces.mailbox import LARGEST
from notifications.sending.verp import token_in
from notifications.wording.headers import AddressNotUsable, usable_address
from standards.merge import neutral

MOST_PARTS = 200
LONGEST_WORDS = 500
_MESSAGE_ID = re.compile(r"^\s*message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_TO_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_FAILED_ONES = "X-Failed-Recipients"  # Exim
_RECEIPT = "disposition-notification"  # RFC 8098


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail of the bounce mailbox, read. `message_id`: that of our message; `token`: of its return path.

    `key` is the same however often the same bytes are read.
    """

    key: str
    kind: BounceKind
    token: str | None = None
    message_id: str | None = None
    address: str | None = None
    status: str | None = None
    words: str = ""
    arrived_at: datetime | None = None


def key_of(content: bytes) -> str:
    """The same for the same bytes."""
    return sha256(content).hexdigest()


def read_bounce(content: bytes, mailbox: str | None) -> Bounce:
    """Read one mail; `mailbox` is the address bounces come to. What cannot be read is not understood, no error."""
    key = key_of(content)
    if len(content) > LARGEST:
        return Bounce(key=key, kind=BounceKind.NOT_UNDERSTOOD, words="too large to be a bounce")
    try:
        return _read(key, message_from_bytes(content, policy=policy.compat32), mailbox)
    except Exception as error:  # hostile mails break parsers in ways nobody lists
        return Bounce(key=key, kind=BounceKind.NOT_UNDERSTOOD, words=f"cannot be read: {type(error).__name__}")


def _read(key: str, mail: Message, mailbox: str | None) -> Bounce:
    token, arrived_at, message_id = _token(mail, mailbox), _date(mail), _returned_id(mail)
    found = recipients(_parts(mail)) or _failed_ones(mail)
    if not found:
        kind = BounceKind.REPLY if _is_reply(mail) else BounceKind.NOT_UNDERSTOOD
        words = _plain(_subject(mail))
        return Bounce(key=key, kind=kind, token=token, message_id=message_id, words=words, arrived_at=arrived_at)
    one = min(found, key=_gravity)
    return Bounce(
        key=key,
        kind=_kind(one),
        token=token,
        message_id=message_id,
        address=_address(one),
        status=one.status,
        words=_plain(one.words or one.action or one.status or ""),
        arrived_at=arrived_at,
    )


_GRAVITY = (BounceKind.REPLY, BounceKind.DELAYED, BounceKind.NOT_UNDERSTOOD, BounceKind.BOUNCED)


def _gravity(one: Recipient) -> int:
    """Each message of ours has one receiver: where it was passed on to several, it works if any of them works."""
    return _GRAVITY.index(_kind(one))


_ACTIONS = {
    "failed": BounceKind.BOUNCED,
    "delayed": BounceKind.DELAYED,
    "delivered": BounceKind.REPLY,
    "relayed": BounceKind.REPLY,
    "expanded": BounceKind.REPLY,
}
_CLASSES = {"5": BounceKind.BOUNCED, "4": BounceKind.DELAYED, "2": BounceKind.REPLY}


def _kind(one: Recipient) -> BounceKind:
    """Given up, still tried, or merely told: a delivery or a relaying is no bounce.

    Where the action is none of RFC 3464, 2.3.3, the status says it; where there is none either, nobody knows.
    """
    return _ACTIONS.get(one.action) or _CLASSES.get((one.status or "")[:1], BounceKind.NOT_UNDERSTOOD)


def _failed_ones(mail: Message) -> list[Recipient]:
    """Those a mail without a report names as failed; why stands in its text."""
    named = [address for _, address in getaddresses([str(mail.get(_FAILED_ONES, ""))]) if address]
    if not named:
        return []
    found = re.search(r"\b5\d\d[ -](5\.\d{1,3}\.\d{1,3})?[^\r\n]*", _text(mail))
    status, words = (found.group(1), found.group(0)) if found else (None, "")
    return [Recipient(action="failed", status=status, words=words, addresses=(one,)) for one in named]


def _text(part: Message) -> str:
    body = part.get_payload(decode=True)
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else ""


def _subject(mail: Message) -> str:
    written = str(mail.get("Subject", ""))
    try:
        return str(make_header(decode_header(written)))
    except (ValueError, LookupError):
        return written


def _parts(mail: Message) -> Iterator[Message]:
    for place, part in enumerate(mail.walk()):
        if place >= MOST_PARTS:
            return
        yield part


def _address(one: Recipient) -> str | None:
    for address in one.addresses:
        try:
            return usable_address(address)
        except AddressNotUsable:
            continue
    return None


def _token(mail: Message, mailbox: str | None) -> str | None:
    """Where the mail was sent to tells which message it answers."""
    if mailbox is None:
        return None
    written = [str(value) for name in _TO_HEADERS for value in mail.get_all(name, [])]
    found = (token_in(address, mailbox) for _, address in getaddresses(written))
    return next((token for token in found if token is not None), None)


def _returned_id(mail: Message) -> str | None:
    """The Message-ID of what is returned with the report, whole or its head only."""
    for part in _parts(mail):
        if part is not mail and (found := _id_in(part)):
            return found
    if mail.get(_FAILED_ONES) and (copied := _MESSAGE_ID.search(_text(mail))):
        return copied.group(1)
    answered = str(mail.get("In-Reply-To", "")).strip()
    return answered if re.fullmatch(r"<[^<>\s]{1,250}>", answered) else None


def _id_in(part: Message) -> str | None:
    kind = part.get_content_type()
    if kind in {"message/rfc822", "message/global"}:
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner else None
        written = message.get("Message-ID") if isinstance(message, Message) else None
        return str(written).strip() if written else _id_in_text(decoded(part))
    if kind == "text/rfc822-headers":
        return _id_in_text(_text(part))
    return _id_in_text(decoded(part)) if kind == "message/global-headers" else None


def _id_in_text(text: str) -> str | None:
    found = _MESSAGE_ID.search(text)
    return found.group(1) if found else None


def _is_reply(mail: Message) -> bool:
    automatic = str(mail.get("Auto-Submitted", "no")).strip().lower()
    is_receipt = str(mail.get_param("report-type", "")).lower() == _RECEIPT
    return is_receipt or automatic not in {"", "no"} or any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond"))


def _date(mail: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None
    except (ValueError, TypeError, OverflowError):
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(text: str) -> str:
    """Words of strangers: on one line, sound, and short."""
    return " ".join(neutral(text.encode("utf-8", "replace").decode()).split())[:LONGEST_WORDS]
