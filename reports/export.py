"""Figures for other programs: JSON, CSV and Excel, where text stays text.

CSV keeps every text unchanged and quoted: it is for machines. A spreadsheet may read a name that begins with `=` as a
formula when it opens a CSV; the Excel file marks every text as text, so that no name is ever run.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from reports.sheet import Column, Kind, Report, Sheet, is_missing

LONGEST_CELL = 32_767  # characters; what Excel can hold
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
    """One sheet for each sheet of figures and one that says what was asked; texts are never formulas or links."""
    import xlsxwriter

    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        for sheet in report.sheets:
            _write_sheet(book, sheet.name.capitalize(), *flat(sheet))
        asked = [[name.replace("_", " ").capitalize(), _said(value)] for name, value in report.asked.items()]
        asked += [["Note", note] for sheet in report.sheets for note in sheet.notes]
        _write_sheet(book, "Question", ["What", "Answer"], asked)
    return written.getvalue()


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _write_sheet(book: Any, name: str, headings: list[str], rows: list[list[Any]]) -> None:
    sheet = book.add_worksheet(name)
    bold, share, money = (
        book.add_format(it) for it in ({"bold": True}, {"num_format": "0.0%"}, {"num_format": "0.00"})
    )
    for column, heading in enumerate(headings):
        is_share = heading.removesuffix("_low").removesuffix("_high").endswith(("_rate", "_share"))
        sheet.set_column(column, column, max(12, len(heading)), share if is_share else None)
        sheet.write_string(0, column, heading, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value[:LONGEST_CELL])
            elif isinstance(value, Decimal):
                sheet.write_number(line, column, float(value), money)
            elif value is not None:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 0)
