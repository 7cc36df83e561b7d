"""Header lines of a message, written by hand: the standard library decodes encoded words that stand in a plain text,
so that a client named `=?utf-8?q?=0d=0aBcc:…?=` would add a header of their own.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator

from core.errors import TaktasError
from standards.merge import neutral

LONGEST_NAME = 200  # characters of a name in a header; the whole name stands in the text
LONGEST_SUBJECT = 400  # characters
LONGEST_ADDRESS = 254  # characters, RFC 5321
WORD_BYTES = 39  # of UTF-8 in one encoded word: its line has 76 characters at most, "Subject: " included (RFC 2047)
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .!'/+_#-]{0,58}[A-Za-z0-9.!])?")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")


class AddressNotUsable(TaktasError):
    """No mail can be sent to an address as it is written."""


def subject_line(subject: str) -> str:
    """The subject of any text."""
    return f"Subject: {worded(subject[:LONGEST_SUBJECT])}\r\n"


def address_line(header: str, name: str, address: str) -> str:
    """`To: Ona <ona@example.lt>`, for any name. Raises: AddressNotUsable."""
    plain = usable_address(address)
    return f"{header}: {worded(name[:LONGEST_NAME])}\r\n <{plain}>\r\n" if name.strip() else f"{header}: <{plain}>\r\n"


def own_line(header: str, value: str) -> str:
    """A header whose value we wrote ourselves. Raises: ValueError for anything but plain printable ASCII."""
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{value!r} cannot be the value of {header}")
    return f"{header}: {value}\r\n"


def worded(text: str) -> str:
    """Text for a header: as it is where it is harmless and short, else as encoded words, one a line (RFC 2047)."""
    sound = neutral(text).strip()
    if _PLAIN.fullmatch(sound):
        return sound
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece).decode('ascii')}?=" for piece in _pieces(sound))


def _pieces(text: str) -> Iterator[bytes]:
    """The text's UTF-8 in pieces, none of which splits a character."""
    piece = b""
    for letter in text:
        encoded = letter.encode("utf-8", "replace")
        if len(piece) + len(encoded) > WORD_BYTES:
            yield piece
            piece = b""
        piece += encoded
    yield piece


def usable_address(address: str) -> str:
    """The address as the mail server is told it, its domain in ASCII. Raises: AddressNotUsable."""
    local, _, domain = address.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    usable = f"{local}@{plain}"
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(plain) or len(usable) > LONGEST_ADDRESS:
        raise AddressNotUsable(f"No mail can be sent to {neutral(address)[:LONGEST_ADDRESS]!r}: {_why_not(local)}")
    return usable


def _why_not(local: str) -> str:
    strange = next((letter for letter in local if letter.isalpha() and not letter.isascii()), None)
    if strange is None or not local.isprintable():
        return "it is not an e-mail address. Correct it and send again."
    return f"a letter such as {strange} before the @ is not taken everywhere. Ask for an address in plain letters."
