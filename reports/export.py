"""Figures for other programs: JSON, CSV and Excel, where text stays text.

CSV keeps every text unchanged and quoted: it is for machines. A spreadsheet may read a name that begins with `=` as a
formula when it opens a CSV; the Excel file marks every text as text, so that no name is ever run.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import zone
from core.settings import settings
from reports.sheet import Column, Kind, Report, Sheet, is_missing

LONGEST_CELL = 32_767  # characters; what Excel can hold
WIDEST_COLUMN = 60  # characters
_ENDS = ("", "_low", "_high")


def as_json(report: Report) -> dict[str, Any]:
    """The question, one object per row and one for all together; every further sheet under its name."""
    main, *others = report.sheets
    told = dict(report.asked) | _rows_and_total(main)
    return told | {sheet.name: _rows_and_total(sheet) for sheet in others}


def _rows_and_total(sheet: Sheet) -> dict[str, Any]:
    rows: dict[str, Any] = {"rows": [_object(row, sheet) for row in sheet.rows]}
    if sheet.total is not None:
        rows["all"] = _object(sheet.total, sheet)
    if sheet.totals:
        rows["all"] = [_object(row, sheet) for row in sheet.totals]
    return rows | ({"notes": list(sheet.notes)} if sheet.notes else {})


def _object(row: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column in sheet.columns:
        told[column.key] = _rate(row, column) if column.kind is Kind.RATE else _known(row.get(column.key))
    return told


def _rate(row: Mapping[str, Any], column: Column) -> dict[str, Any]:
    share, low, high = (_known(row[f"{column.key}{end}"]) for end in _ENDS)
    part, whole = (int(row[name]) for name in column.of)
    return {"numerator": part, "denominator": whole, "share": share, "low": low, "high": high}


def _known(value: Any) -> Any:
    """What a machine can read: nothing for what was not counted, whole numbers whole."""
    if is_missing(value):
        return None
    if isinstance(value, float):
        return round(float(value), 6)
    return int(value) if hasattr(value, "item") else value


def flat(sheet: Sheet) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of plain values, as CSV and Excel take them; the last row is all together."""
    headings = [name for column in sheet.columns for name in _names(column)]
    rows = [*sheet.rows, *sheet.sums]
    return headings, [[_plain(row.get(heading)) for heading in headings] for row in rows]


def _names(column: Column) -> list[str]:
    return [f"{column.key}{end}" for end in _ENDS] if column.kind is Kind.RATE else [column.key]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "; ".join(f"{reason}: {count}" for reason, count in value.items())
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, bool) else _known(value)


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8, comma, every text in quotes, lines ended as RFC 4180 says."""
    headings, rows = flat(sheet)
    written = StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([headings, *rows])
    return written.getvalue().encode("utf-8")


def as_xlsx(report: Report) -> bytes:
    """For people: a sheet for each sheet of figures and one that says what was asked.

    Headings are words, moments are dates on the clock of the house; texts are never formulas or links.
    """
    import xlsxwriter

    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    clock = zone(str(report.asked.get("zone") or settings().zone))
    with xlsxwriter.Workbook(written, options) as book:
        formats = {name: book.add_format(facts) for name, facts in FORMATS.items()}
        for sheet in report.sheets:
            rows = [_cells(row, sheet, clock) for row in (*sheet.rows, *sheet.sums)]
            place = book.add_worksheet(sheet.name.capitalize())
            _write_sheet(place, _headings(sheet), rows, formats)
            if sheet.rows:
                place.autofilter(0, 0, len(sheet.rows), len(rows[0]) - 1)  # the sums stay below
        said = {name: _said(value, clock) for name, value in report.asked.items()}
        asked = [[name.replace("_", " ").capitalize(), words] for name, words in said.items() if words]
        asked += [["Note", note] for sheet in report.sheets for note in sheet.notes]
        _write_sheet(book.add_worksheet("Question"), ["What", "Answer"], asked, formats)
    return written.getvalue()


FORMATS = {
    "heading": {"bold": True},
    "share": {"num_format": "0.0%"},
    "money": {"num_format": "#,##0.00"},
    "number": {"num_format": "0.00"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"},
    "day": {"num_format": "yyyy-mm-dd"},
}


def _headings(sheet: Sheet) -> list[str]:
    """`employee_name` is Employee, and `employee` beside it Employee code; the ends of an interval are from and to."""
    names = [name for column in sheet.columns for name in _names(column)]
    return [_words(name, names) for name in names]


def _words(name: str, every: Sequence[str]) -> str:
    told = f"{name}_code" if f"{name}_name" in every else name.removesuffix("_name")
    for end, word in (("_low", "_from"), ("_high", "_to"), ("_p90", "_nine_in_ten_below")):
        told = told.removesuffix(end) + word if told.endswith(end) else told
    return told.replace("_", " ").capitalize()


def _cells(row: Mapping[str, Any], sheet: Sheet, clock: ZoneInfo) -> list[Any]:
    return [_cell(row.get(name), column, clock) for column in sheet.columns for name in _names(column)]


def _cell(value: Any, column: Column, clock: ZoneInfo) -> Any:
    if isinstance(value, Mapping):
        return "; ".join(f"{column.names.get(code, code.replace('_', ' '))}: {count}" for code, count in value.items())
    if isinstance(value, datetime):
        return value.astimezone(clock).replace(tzinfo=None)
    return value if isinstance(value, date) else _plain(value)


def _said(value: Any, clock: ZoneInfo) -> str:
    """As people read it; nothing where nothing was asked for."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return f"{value.astimezone(clock):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def _write_sheet(place: Any, headings: list[str], rows: list[list[Any]], formats: Mapping[str, Any]) -> None:
    for column, heading in enumerate(headings):
        cells = [row[column] for row in rows]
        place.set_column(column, column, max(12, len(heading) + 3, *map(_width, cells)))
        place.write_string(0, column, heading, formats["heading"])
        is_share = heading.removesuffix(" from").removesuffix(" to").endswith((" rate", " share"))
        for line, cell in enumerate(cells, start=1):
            _write(place, line, column, cell, formats, is_share=is_share)
    place.freeze_panes(1, 0)


def _width(cell: Any) -> int:
    """What a cell needs in characters; Excel shows a moment that finds too little room as a row of hashes."""
    if isinstance(cell, str):
        return min(len(cell), WIDEST_COLUMN)
    return len("2026-03-02 08:00") if isinstance(cell, datetime) else 0


def _write(place: Any, line: int, column: int, cell: Any, formats: Mapping[str, Any], *, is_share: bool) -> None:
    match cell:
        case None:
            return
        case str():
            place.write_string(line, column, cell[:LONGEST_CELL])
        case datetime() | date():
            place.write_datetime(line, column, cell, formats["moment" if isinstance(cell, datetime) else "day"])
        case Decimal():
            place.write_number(line, column, float(cell), formats["money"])
        case float():
            place.write_number(line, column, cell, formats["share" if is_share else "number"])
        case _:
            place.write_number(line, column, cell)
