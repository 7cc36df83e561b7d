"""A message as the bytes that leave the house: headers, text, and HTML where there is some."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from hashlib import sha256

from notifications.wording.headers import address_line, own_line, subject_line, usable_address


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
    lines = [
        _from_line(envelope.sender),
        address_line("To", envelope.name, envelope.address),
        subject_line(content.subject),
        f"Date: {_date(envelope.written_at)}\r\n",
        f"Message-ID: {envelope.message_id}\r\n",
        *(own_line(name, value) for name, value in envelope.headers.items()),
    ]
    return "".join(lines).encode("ascii") + _body(envelope, content)


@lru_cache(maxsize=8)
def _date(moment: datetime) -> str:
    return format_datetime(moment)


@lru_cache(maxsize=8)
def _from_line(written: str) -> str:
    name, sender = parseaddr(written)
    return address_line("From", name, sender or written)


@lru_cache(maxsize=512)
def sender_address(sender: str) -> str:
    """The bare address of the house, as the mail server is told it. Raises: AddressNotUsable."""
    return usable_address(parseaddr(sender)[1] or sender)


_LINE_END = re.compile(r"\r\n|[\r\n]")


def _body(envelope: Envelope, content: Content) -> bytes:
    """The text and its HTML twin with the headers that say what they are (RFC 2045, RFC 2046)."""
    text = _part("plain", content.text)
    if content.html is None:
        return b"MIME-Version: 1.0\r\n" + text
    border = f"=_{sha256(envelope.message_id.encode()).hexdigest()[:32]}"  # never within quoted-printable text
    line = f"\r\n--{border}\r\n".encode()
    top = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{border}"\r\n'.encode()
    return b"".join((top, line, text, line, _part("html", content.html), f"\r\n--{border}--\r\n".encode()))


def _part(subtype: str, text: str) -> bytes:
    """One way to read it, in quoted-printable: lines of 76 characters at most, whatever the text holds."""
    lines = _LINE_END.sub("\r\n", text if text.endswith("\n") else f"{text}\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(lines.encode("utf-8", "replace"))  # lone surrogates become question marks
