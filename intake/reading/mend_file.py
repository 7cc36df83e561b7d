"""The rows that did not go in, written as they were with their reasons: to be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from core.errors import TaktasError
from intake.cells.problem import RowProblem
from intake.reading.csv_rows import CsvRows, escaped
from intake.reading.row_source import REASON_HEADING, ROW_HEADING, Cell, ErrorCell, RawRow, RowSource
from intake.reading.workbook_rows import WorkbookRows

Refused = Mapping[int, Sequence[RowProblem]]

EXCEL_DATE = "yyyy-mm-dd"
EXCEL_MOMENT = "yyyy-mm-dd hh:mm:ss"
EXCEL_TIME = "[hh]:mm:ss"
LONGEST_IN_EXCEL = 32_767  # characters of one cell


class MendFileNotWritten(TaktasError):
    """The file with the refused rows cannot be written; nothing else was done either."""


def mend_path(path: Path) -> Path:
    """`policies.csv` as `policies.to-mend.csv`; a file that was mended itself is written over."""
    stem = path.stem.removesuffix(".to-mend")
    return path.with_name(f"{stem}.to-mend{path.suffix}")


def write_mend_file(source: RowSource, refused: Refused, target: Path) -> None:
    """The refused rows of a file, in the format of that file, with two columns more. Raises: MendFileNotWritten."""
    rows = ((row, refused[row.number]) for row in source.rows() if row.number in refused)
    beside = target.with_name(f".{target.name}.part{target.suffix}")
    try:
        if isinstance(source, CsvRows):
            _write_csv(source, rows, beside)
        elif isinstance(source, WorkbookRows):
            _write_workbook(source, rows, beside)
        beside.replace(target)
    except (OSError, FileCreateError) as error:
        raise MendFileNotWritten(
            f"The refused rows cannot be written to {target}: {error}. "
            "Nothing was imported. Say with --mend where they may be written."
        ) from error


def _reasons(problems: Iterable[RowProblem]) -> str:
    return "; ".join(
        f"{problem.column}: {problem.reason}" if problem.column else problem.reason for problem in problems
    )


def _write_csv(source: CsvRows, rows: Iterator[tuple[RawRow, Sequence[RowProblem]]], target: Path) -> None:
    """UTF-8 with its mark, so that Excel and the next import know it, whatever the file was."""
    with target.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, delimiter=source.delimiter)
        writer.writerow([*(escaped(heading) for heading in source.headings), ROW_HEADING, REASON_HEADING])
        width = len(source.headings)
        for row, problems in rows:
            cells = [escaped(str(cell)) for cell in row.cells]
            padding = [""] * (width - len(cells))
            writer.writerow([*cells, *padding, row.number, escaped(_reasons(problems))])


def _write_workbook(source: WorkbookRows, rows: Iterator[tuple[RawRow, Sequence[RowProblem]]], target: Path) -> None:
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet(source.sheet)
        formats = {kind: workbook.add_format({"num_format": kind}) for kind in (EXCEL_DATE, EXCEL_MOMENT, EXCEL_TIME)}
        for column, heading in enumerate([*source.headings, ROW_HEADING, REASON_HEADING]):
            sheet.write_string(0, column, heading)
        width = len(source.headings)
        for at, (row, problems) in enumerate(rows, start=1):
            for column, cell in enumerate(row.cells):
                _write_cell(sheet, at, column, cell, formats)
            last = max(width, len(row.cells))
            sheet.write_number(at, last, row.number)
            sheet.write_string(at, last + 1, _reasons(problems)[:LONGEST_IN_EXCEL])


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, formats: Mapping[str, Any]) -> None:
    match cell:
        case None | "":
            return
        case ErrorCell():
            sheet.write_formula(row, column, "=NA()", None, "#N/A")
        case bool():
            sheet.write_boolean(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, cell, formats[EXCEL_MOMENT])
        case date():
            sheet.write_datetime(row, column, cell, formats[EXCEL_DATE])
        case time() | timedelta():
            sheet.write_datetime(row, column, cell, formats[EXCEL_TIME])
        case int() | float():
            sheet.write_number(row, column, cell)
        case _:
            sheet.write_string(row, column, str(cell)[:LONGEST_IN_EXCEL])
