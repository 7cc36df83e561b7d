"""Nothing a client is called can add to or break a message."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from notifications.wording.headers import AddressNotUsable, own_line, usable_address, worded
from notifications.wording.writing import Content, Envelope, sender_address, write
from standards.merge import neutral

HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]
HOSTILE = [
    "a\r\nBcc: x@y.example",
    "=?utf-8?q?=0d=0aBcc:_x@y.example?=",
    '"\\',
    "x, y <a@b.example>",
    "\ud800half",
    "\u202eright to left",
    "a" * 100_000,
    "č" * 1000,
    "",
    " ",
]


def written(text: str) -> bytes:
    """A message in which that text stands everywhere it can."""
    envelope = Envelope(
        sender="The House <house@example.lt>",
        address="ona@example.lt",
        name=text,
        message_id="<1@example.lt>",
        written_at=datetime(2026, 3, 2, tzinfo=UTC),
        headers={"Auto-Submitted": "auto-generated"},
    )
    return write(envelope, Content(subject=text, text=f"{text}\n", html=f"<p>{text}</p>\n"))


def assert_harmless(content: bytes, text: str, read: Callable[[bytes], EmailMessage]) -> None:
    """Only our headers, one receiver, lines that fit, and the text as it was."""
    mail = read(content)
    lines = content.split(b"\r\n")
    assert sorted(mail.keys()) == HEADERS
    assert mail["To"].addresses[-1].addr_spec == "ona@example.lt"
    assert len(mail["To"].addresses) == 1
    assert max(map(len, lines)) <= 76  # RFC 2045, RFC 2047
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert mail["Subject"] == neutral(text[:400]).strip()
    part = mail.get_body(("plain",))
    assert part is not None
    body = part.get_content().replace("\r\n", "\n")
    assert body == text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n") + "\n"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str, mail_reader: Callable[[bytes], EmailMessage]) -> None:
    """Line breaks, encoded words, quotes, addresses, half characters and huge names add no header and no receiver."""
    assert_harmless(written(text), text, mail_reader)


def test_every_naughty_string_stays_text(
    real_data: Callable[[str], Path], mail_reader: Callable[[bytes], EmailMessage]
) -> None:
    """The big list of naughty strings as names, subjects and bodies."""
    files = sorted(real_data("naughty_strings").rglob("*.json"))

    for text in json.loads(files[0].read_text(encoding="utf-8")):
        assert_harmless(written(text), text, mail_reader)


@given(some.text(max_size=80))
def test_a_word_of_any_text_is_read_back(text: str) -> None:
    """What a header is given is what a mail program reads from it, controls made visible."""
    encoded = worded(text)

    assert encoded.isascii()
    assert all(len(line) <= 76 for line in encoded.split("\r\n "))
    assert str(make_header(decode_header(encoded.replace("\r\n ", " ")))) == neutral(text).strip()


def test_a_domain_is_written_in_ascii() -> None:
    """Mail servers are told the name as DNS knows it."""
    assert usable_address("ona@žalias.lt") == "ona@xn--alias-tib.lt"
    assert sender_address("The House <house@example.lt>") == "house@example.lt"


@pytest.mark.parametrize(
    "address", ["", "ona", "ona@", "@example.lt", "a b@c.lt", "ona@-.lt", "o@x\r\ny", "ž@x.lt", "a@" + "b" * 300]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Nothing is ever handed to a mail server that could be read as another command."""
    with pytest.raises(AddressNotUsable):
        usable_address(address)


def test_the_refusal_of_an_address_says_what_to_do() -> None:
    """Word for word."""
    with pytest.raises(AddressNotUsable) as refusal:
        usable_address("ona")

    assert str(refusal.value) == "No mail can be sent to 'ona': it is not an e-mail address. Correct it and send again."


def test_an_address_in_other_letters_is_not_called_none() -> None:
    """It may be somebody's; but few servers on the way would take it (RFC 6531)."""
    with pytest.raises(AddressNotUsable) as refusal:
        usable_address("žukė@example.lt")

    assert str(refusal.value) == (
        "No mail can be sent to 'žukė@example.lt': a letter such as ž before the @ is not taken everywhere. "
        "Ask for an address in plain letters."
    )


def test_our_own_headers_are_checked_too() -> None:
    """A value that is not plain printable ASCII is a mistake of ours."""
    with pytest.raises(ValueError, match="cannot be the value of X"):
        own_line("X", "a\r\nb")
