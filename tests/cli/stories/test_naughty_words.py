"""Names made to break programs, on their way through the house: imported, in titles, in messages, and out again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from standards.merge import neutral

Office = Any

HEAD = (
    "client.number,client.kind,client.name,client.account_manager,policy.insurer,policy.number,policy.product_line,"
    "term.starts_on,term.expires_on\n"
)
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"),
    *("auto-submitted", "x-auto-response-suppress", "x-taktas-message", "return-path", "references", "in-reply-to"),
    *("list-unsubscribe", "list-unsubscribe-post", "content-language", "reply-to", "precedence", "sender"),
}


def _names(real_data: Callable[[str], Path]) -> list[str]:
    """Strings from a list of naughty ones, formulas of spreadsheets, and a name or two of every locale."""
    naughty = json.loads((real_data("naughty_strings") / "blns.json").read_text(encoding="utf-8"))
    formulas = (real_data("csv_nasties") / "formula_injection.txt").read_text(encoding="utf-8").splitlines()
    locales = json.loads((real_data("names") / "faker_names.json").read_text(encoding="utf-8"))["locales"]
    people = [name for locale in locales.values() for name in (locale["names"][0], locale["companies"][0])]
    return [name for name in (*naughty, *formulas, *people, HEADERS_INSIDE) if name.strip()]


HEADERS_INSIDE = "Ona\r\nBcc: everybody@house.test\r\nX-Injected: yes\r\n\r\n<script>alert(1)</script>"


def _mail(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _file(names: list[str]) -> str:
    buffer = io.StringIO()
    more = ["rasa", "lumen"]
    rows = [
        [f"N{n}", "person", name, *more, f"P-{n}", "motor", "2025-04-01", "2026-04-01"] for n, name in enumerate(names)
    ]
    csv.writer(buffer).writerows(rows)
    return HEAD + buffer.getvalue()


def test_no_name_breaks_anything_on_its_way_through_the_house(
    office: Office, house: Any, real_data: Callable[[str], Path]
) -> None:
    """Unchanged in the book and harmless elsewhere: one line in titles, no header in mails, no tag in their pages."""
    names = _names(real_data)
    office.publish(as_of="2026-02-01")

    brought = office.bring("policies", _file(names), "--as-of", "2026-02-02")
    office.cli("run", "renewal", "--workers", "1", "--as-of", "2026-03-02T06:00")
    listed = office.ask("tasks", "list", "--limit", "2000", "--as", "rasa", "--as-of", "2026-03-02T09:00")
    screen = office.cli("tasks", "list", "--limit", "2000", "--as", "rasa", "--as-of", "2026-03-02T09:00").out
    cases = office.ask("cases", "list", "--limit", "2000")
    for moment in ("2026-03-10T09:00", "2026-03-11T09:00", "2026-03-12T14:00"):
        office.cli("tick", "--as-of", moment)
        office.cli("send", "--as-of", moment)

    mails = [_mail(path) for path in (house.data_dir / "outbox").rglob("*.eml")]
    assert brought["refused"] == 0
    assert {case["client"] for case in cases} == set(names)
    assert {row["title"] for row in listed} == {
        f"Call {neutral(name)} about renewing P-{n}" for n, name in enumerate(names)
    }
    assert not [letter for letter in screen if not (letter.isprintable() or letter == "\n")]
    assert mails
    for mail in mails:
        assert {name.lower() for name in mail} <= HEADERS, mail.keys()
        assert mail["to"].addresses[0].addr_spec in {"rasa@house.test", "ona@house.test"}
        for part in mail.walk():
            assert "<script" not in (part.get_content() if part.get_content_type() == "text/html" else "")
