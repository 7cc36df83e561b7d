"""Names from every script and strings made to break programs: stored as they are, or refused with a sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from core.sorting import sort_key
from intake.importing import ImportReport
from intake.reading.csv_rows import escaped
from models.parties import parties
from standards.merge import neutral, parse_merge

Bring = Callable[..., ImportReport]

TITLE = parse_merge("Call {policyholder.name} about {policy.number}")


def _clients(names: list[str]) -> str:
    """A file of clients with these names, numbered by their place."""
    buffer = io.StringIO()
    rows = [[f"N{place}", "person", name] for place, name in enumerate(names)]
    csv.writer(buffer).writerows([["number", "kind", "name"], *rows])
    return buffer.getvalue()


def _stored(db: Connection) -> dict[str, str]:
    return dict(db.execute(select(parties.c.number, parties.c.name).order_by(parties.c.id)).all())


def test_naughty_strings_are_stored_as_they_are(db: Connection, bring: Bring, real_data: Callable[[str], Path]) -> None:
    """All 461, as client names; only what is nothing but blanks is refused."""
    names: list[str] = json.loads((real_data("naughty_strings") / "blns.json").read_text(encoding="utf-8"))
    wanted = {f"N{place}": name for place, name in enumerate(names) if name.strip()}

    report = bring("clients", _clients(names))

    assert _stored(db) == wanted
    assert report.refused == len(names) - len(wanted)
    assert all(problem.reason == "the client is new, so client.name and client.kind are needed" for problem in report)


def test_naughty_strings_come_back_from_a_second_import(bring: Bring, real_data: Callable[[str], Path]) -> None:
    """Nothing is lost or changed on the way in, so nothing differs."""
    names = json.loads((real_data("naughty_strings") / "blns.json").read_text(encoding="utf-8"))
    bring("clients", _clients(names))

    again = bring("clients", _clients(names))

    assert (again.tallies["clients"].added, again.tallies["clients"].changed) == (0, 0)


def test_naughty_strings_in_titles_stay_on_one_line(real_data: Callable[[str], Path]) -> None:
    """A title says the name as it is, except for what would move the cursor or turn the line."""
    names = json.loads((real_data("naughty_strings") / "blns.json").read_text(encoding="utf-8"))

    for name in names:
        title = TITLE.render({"policyholder.name": name, "policy.number": "P1"})
        assert title == f"Call {neutral(name) or '—'} about P1"
        assert len(title.splitlines()) == 1


def test_formulas_are_stored_as_they_are_and_written_harmless(
    db: Connection, bring: Bring, real_data: Callable[[str], Path]
) -> None:
    """In the book they are names; in a file for a spreadsheet they begin with an apostrophe."""
    text = (real_data("csv_nasties") / "formula_injection.txt").read_text(encoding="utf-8")
    payloads = [line for line in text.splitlines() if line]

    bring("clients", _clients(payloads))

    assert list(_stored(db).values()) == payloads
    assert all(escaped(payload)[0] not in "=+-@\t\r" for payload in payloads)


def test_names_of_all_locales_are_stored_and_ordered(
    db: Connection, bring: Bring, real_data: Callable[[str], Path]
) -> None:
    """Twenty-three of them, in their own scripts; the stored order is that of the keys."""
    locales = json.loads((real_data("names") / "faker_names.json").read_text(encoding="utf-8"))["locales"]
    names = [name for locale in locales.values() for name in (*locale["names"], *locale["companies"])]

    report = bring("clients", _clients(names))

    assert report.refused == 0
    assert list(_stored(db).values()) == names
    ordered = db.execute(select(parties.c.sort_key).order_by(parties.c.sort_key)).scalars().all()
    assert ordered == sorted(sort_key(name) for name in names)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (b"number,kind,name\nK1,person,a\0b\n", "it contains the character NUL, which no database text can hold"),
        (
            b"number,kind,name\nK1,person,\xed\xa0\x80\n",
            "the byte 0xED belongs to no character of the declared encoding",
        ),
        (
            "number,kind,name\nK1,person,\ud800\n".encode("utf-16", "surrogatepass"),
            "it contains half a character (an unpaired surrogate)",
        ),
        (
            "number,kind,name\nK1,person,Žydrūnė\n".encode("cp1257"),
            "the byte 0xDE belongs to no character of the declared encoding",
        ),
    ],
)
def test_what_no_text_can_hold_is_refused(db: Connection, bring: Bring, table: bytes, reason: str) -> None:
    """With row, column and a sentence; the other rows go in."""
    more = "K2,person,Ona\n"
    content = table + more.encode("utf-16-le" if table.startswith(b"\xff\xfe") else "utf-8")

    report = bring("clients", content)

    (problem,) = report
    assert (problem.row, problem.column) == (2, "name")
    assert problem.reason.startswith(reason)
    assert list(_stored(db).values()) == ["Ona"]


def test_copying_in_survives_its_own_signs(db: Connection, bring: Bring) -> None:
    """Backslashes, the end-of-data sign of COPY, quotation marks, line breaks of all kinds, a lone NULL."""
    names = [
        "\\.",
        "a\n\\.\nb",
        "\\N",
        'a"b',
        "a\r\nb",
        "a\rb",
        "a\nb",
        "NULL",
        "\\",
        "a\tb",
        ",",
        "'; DROP TABLE x;--",
    ]

    bring("clients", _clients(names))

    assert list(_stored(db).values()) == names


def test_a_very_long_name_is_stored(db: Connection, bring: Bring) -> None:
    """An index takes 2,700 bytes; the key is shortened, the name is not."""
    name = "Ž漢" * 4_000

    report = bring("clients", _clients([name, "x" * 10_001]))

    assert _stored(db) == {"N0": name}
    assert [str(problem) for problem in report] == [
        "row 3, name: it is 10,001 characters long; at most 10,000 are taken"
    ]
