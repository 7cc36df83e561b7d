"""The efficiency figures for other programs: JSON, CSV and Excel, where text stays text.

CSV keeps every text unchanged and quoted: it is for machines. A spreadsheet may read a name that begins with `=` as a
formula when it opens a CSV; the Excel file marks every text as text, so that no name is ever run.
"""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from math import isnan
from typing import Any

from reports.efficiency import COUNTS, HOURS, RATES, Efficiency

LONGEST_CELL = 32_767  # characters; what Excel can hold


def as_json(figures: Efficiency) -> dict[str, Any]:
    """The question, one object per group, and one for all together."""
    question = figures.question
    return {
        "from": question.period.first,
        "to": question.period.last,
        "zone": question.period.zone,
        "as_of": question.as_of,
        "by": [by.value for by in question.by],
        "counts": "each person's time with a task" if question.tells_people_apart else "each task once",
        "rows": [_object(row, figures) for row in figures.rows.to_dict("records")],
        "all": next((_object(row, figures) for row in figures.total.to_dict("records")), None),
    }


def _object(row: dict[Any, Any], figures: Efficiency) -> dict[str, Any]:
    groups = {name: row[name] for name in _group_columns(figures)}
    counts = {name: int(row[name]) for name in COUNTS}
    hours = {name: _known(row[name]) for name in HOURS}
    rates = {
        rate: {
            "numerator": int(row[numerator]),
            "denominator": int(row[denominator]),
            "share": _known(row[rate]),
            "low": _known(row[f"{rate}_low"]),
            "high": _known(row[f"{rate}_high"]),
        }
        for rate, (numerator, denominator) in RATES.items()
    }
    return groups | counts | {"late_reasons": row["late_reasons"]} | hours | rates


def _group_columns(figures: Efficiency) -> list[str]:
    return [name for by in figures.question.by for name in (by.value, f"{by.value}_name")]


def _known(number: float) -> float | None:
    return None if isnan(number) else round(float(number), 6)


def flat(figures: Efficiency) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of plain values, as CSV and Excel take them; the last row is all together."""
    rates = [f"{rate}{end}" for rate in RATES for end in ("", "_low", "_high")]
    headings = [*_group_columns(figures), *COUNTS, *HOURS, *rates, "late_reasons"]
    rows = figures.rows.to_dict("records")
    if figures.question.by:
        rows += figures.total.to_dict("records")
    return headings, [[_plain(row[heading]) for heading in headings] for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{reason}: {count}" for reason, count in value.items())
    if isinstance(value, float):
        return _known(value)
    return value


def as_csv(figures: Efficiency) -> bytes:
    """UTF-8, comma, every text in quotes, lines ended as RFC 4180 says."""
    headings, rows = flat(figures)
    written = StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([headings, *rows])
    return written.getvalue().encode("utf-8")


def as_xlsx(figures: Efficiency) -> bytes:
    """One sheet of figures and one that says what was asked; texts are never formulas or links."""
    import xlsxwriter

    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        _write_sheet(book, "Figures", *flat(figures))
        question = figures.question
        asked = [
            ["From", str(question.period.first)],
            ["To", str(question.period.last)],
            ["Zone", question.period.zone],
            ["As of", question.as_of.isoformat()],
            ["Split by", ", ".join(by.value for by in question.by)],
            ["Counted", as_json(figures)["counts"]],
            ["Rates", "share, and the low and high end of its Wilson 95 % interval"],
        ]
        _write_sheet(book, "Question", ["What", "Answer"], asked)
    return written.getvalue()


def _write_sheet(book: Any, name: str, headings: list[str], rows: list[list[Any]]) -> None:
    sheet = book.add_worksheet(name)
    bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    for column, heading in enumerate(headings):
        is_share = heading.removesuffix("_low").removesuffix("_high").endswith("_rate")
        sheet.set_column(column, column, max(12, len(heading)), share if is_share else None)
        sheet.write_string(0, column, heading, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value[:LONGEST_CELL])
            elif value is not None:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 0)
