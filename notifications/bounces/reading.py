"""What a mail that came back says: which message it answers, about which address, and whether that is for good.

Delivery status notifications are read as RFC 3464 defines them, their status codes as RFC 3463. What is neither such a
notification nor an automatic reply (RFC 3834) is left for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from models.deliveries import BounceKind
from notifications.sending.verp import token_in
from notifications.wording.headers import AddressNotUsable, usable_address
from standards.merge import neutral

LARGEST = 10_000_000  # bytes: what is larger is no bounce
MOST_PARTS = 200
LONGEST_WORDS = 500
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID = re.compile(r"^\s*message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_TO_HEADERS = ("Delivered-To", "X-Original-To", "To")


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


def read_bounce(content: bytes, mailbox: str | None) -> Bounce:
    """Read one mail; `mailbox` is the address bounces come to. What cannot be read is not understood, no error."""
    key = sha256(content).hexdigest()
    if len(content) > LARGEST:
        return Bounce(key=key, kind=BounceKind.NOT_UNDERSTOOD, words=f"too large to be a bounce ({len(content)} bytes)")
    try:
        return _read(key, message_from_bytes(content, policy=policy.compat32), mailbox)
    except Exception as error:  # hostile mails break parsers in ways nobody lists
        return Bounce(key=key, kind=BounceKind.NOT_UNDERSTOOD, words=f"cannot be read: {type(error).__name__}")


def _read(key: str, mail: Message, mailbox: str | None) -> Bounce:
    token, arrived_at = _token(mail, mailbox), _date(mail)
    report = _status_part(mail)
    message_id = _returned_id(mail)
    if report is None:
        is_reply = _is_reply(mail)
        kind = BounceKind.REPLY if is_reply else BounceKind.NOT_UNDERSTOOD
        words = _plain(str(mail.get("Subject", "")))
        return Bounce(key=key, kind=kind, token=token, message_id=message_id, words=words, arrived_at=arrived_at)
    status, action = _status(report), str(report.get("Action", "")).strip().lower()
    return Bounce(
        key=key,
        kind=_kind(action, status),
        token=token,
        message_id=message_id,
        address=_recipient(report),
        status=status,
        words=_plain(str(report.get("Diagnostic-Code", "")).partition(";")[2] or action or (status or "")),
        arrived_at=arrived_at,
    )


def _kind(action: str, status: str | None) -> BounceKind:
    """For good, for now, or merely told: a delivery or a relaying is no bounce."""
    if action == "failed" or (not action and status is not None and status.startswith("5.")):
        return BounceKind.DELAYED if status is not None and status.startswith("4.") else BounceKind.BOUNCED
    if action == "delayed" or (status is not None and status.startswith("4.")):
        return BounceKind.DELAYED
    return BounceKind.REPLY


def _parts(mail: Message) -> Iterator[Message]:
    for place, part in enumerate(mail.walk()):
        if place >= MOST_PARTS:
            return
        yield part


def _status_part(mail: Message) -> Message | None:
    """The fields of the first recipient in the delivery status; each message of ours has one recipient."""
    for part in _parts(mail):
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            found = [group for group in groups if isinstance(group, Message)] if isinstance(groups, list) else []
            return next((group for group in found if "Action" in group or "Final-Recipient" in group), None)
    return None


def _status(report: Message) -> str | None:
    for field in ("Status", "Diagnostic-Code"):
        found = _STATUS.search(str(report.get(field, "")))
        if found:
            return found.group(0)
    return None


def _recipient(report: Message) -> str | None:
    for field in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = str(report.get(field, "")).partition(";")
        try:
            if kind.strip().lower() == "rfc822" and address.strip():
                return usable_address(address.strip().strip("<>"))
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
        if part is mail:
            continue
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            message = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(message, Message) and message.get("Message-ID"):
                return str(message["Message-ID"]).strip()
        if kind == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            text = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
            found = _MESSAGE_ID.search(text)
            if found:
                return found.group(1)
    answered = str(mail.get("In-Reply-To", "")).strip()
    return answered if re.fullmatch(r"<[^<>\s]{1,250}>", answered) else None


def _is_reply(mail: Message) -> bool:
    automatic = str(mail.get("Auto-Submitted", "no")).strip().lower()
    return (automatic not in {"", "no"}) or any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond"))


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
