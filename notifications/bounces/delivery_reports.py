"""The machine's part of a delivery report (RFC 3464, RFC 6533): what it says of each receiver, in any encoding."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import Message
from quopri import decodestring

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MOST_RECIPIENTS = 200
_KINDS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ADDRESSES = ("Original-Recipient", "Final-Recipient")
_BLANK_LINES = re.compile(r"(?:\r?\n[ \t]*){2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What became of one receiver; `addresses` as they are written, the one it was sent to first."""

    action: str
    status: str | None
    words: str
    addresses: tuple[str, ...]


def recipients(parts: Iterable[Message]) -> list[Recipient]:
    """Those of the first report among the parts; none where there is no report."""
    for part in parts:
        if part.get_content_type() in _KINDS:
            groups = [group for group in _groups(part) if "Action" in group or "Final-Recipient" in group]
            return [_recipient(group) for group in groups[:MOST_RECIPIENTS]]
    return []


def _groups(part: Message) -> Iterator[Message]:
    """The groups of fields. The library divides them itself, but only where they are written as they are."""
    payload = part.get_payload()
    is_divided = part.get_content_type() == "message/delivery-status" and not _encoding(part)
    if is_divided and isinstance(payload, list):
        yield from (group for group in payload if isinstance(group, Message))
        return
    for text in _BLANK_LINES.split(decoded(part).strip(), maxsplit=MOST_RECIPIENTS):
        yield message_from_string(text, policy=policy.compat32)


def _encoding(part: Message) -> str:
    written = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    return written if written in {"base64", "quoted-printable"} else ""


def decoded(part: Message) -> str:
    """The text of a part the library takes for a message within the message, its transfer encoding undone."""
    payload = part.get_payload()
    inner = payload if isinstance(payload, list) else [payload]
    written = "\n".join(one.as_string() if isinstance(one, Message) else str(one) for one in inner)
    raw = written.encode("utf-8", "surrogateescape")
    match _encoding(part):
        case "base64":
            raw = b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", raw))
        case "quoted-printable":
            raw = decodestring(raw)
    return raw.decode("utf-8", "replace")


def _recipient(group: Message) -> Recipient:
    written = {name: _field(group, name) for name in (*_ADDRESSES, "Action", "Status", "Diagnostic-Code")}
    status = next((found for name in ("Status", "Diagnostic-Code") if (found := STATUS.search(written[name]))), None)
    return Recipient(
        action=written["Action"].partition("(")[0].strip().lower(),
        status=status.group(0) if status else None,
        words=written["Diagnostic-Code"].partition(";")[2].strip(),
        addresses=tuple(filter(None, (_address(written[name]) for name in _ADDRESSES))),
    )


def _field(group: Message, wanted: str) -> str:
    """As it is written: some servers put their own language there, in plain UTF-8."""
    found = next((value for name, value in group.raw_items() if name.lower() == wanted.lower()), "")
    return str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _address(written: str) -> str:
    """`rfc822;ona@example.lt`, in angle brackets or not; of another kind of address nothing."""
    kind, _, address = written.partition(";")
    return address.strip().strip("<>") if kind.strip().lower() in {"rfc822", "utf-8"} else ""
