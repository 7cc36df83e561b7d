"""A message as the bytes that leave the house: headers, text, and HTML where there is some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from notifications.headers import address_line, own_line, subject_line, usable_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom, to whom, when and under which Message-ID; `headers` are ours, never a client's words."""

    sender: str
    address: str
    name: str
    message_id: str
    written_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the reader sees."""

    subject: str
    text: str
    html: str | None = None


def write(envelope: Envelope, content: Content) -> bytes:
    """The whole message in ASCII, lines ended by CR LF. Raises: AddressNotUsable."""
    sender_name, sender = parseaddr(envelope.sender)
    lines = [
        address_line("From", sender_name, sender or envelope.sender),
        address_line("To", envelope.name, envelope.address),
        subject_line(content.subject),
        f"Date: {format_datetime(envelope.written_at)}\r\n",
        f"Message-ID: {envelope.message_id}\r\n",
        *(own_line(name, value) for name, value in envelope.headers.items()),
    ]
    return "".join(lines).encode("ascii") + _body(content)


def sender_address(sender: str) -> str:
    """The bare address of the house, as the mail server is told it. Raises: AddressNotUsable."""
    return usable_address(parseaddr(sender)[1] or sender)


def _body(content: Content) -> bytes:
    """The text and its HTML twin with the headers that say what they are."""
    message = EmailMessage(policy=SMTP)
    message.set_content(_sound(content.text), charset="utf-8", cte="quoted-printable")
    if content.html is not None:
        message.add_alternative(_sound(content.html), subtype="html", charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def _sound(text: str) -> str:
    """Half characters (lone surrogates) cannot be written in any encoding; they become a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
