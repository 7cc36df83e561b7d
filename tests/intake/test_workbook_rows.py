"""Reading Excel: dates as dates, texts as typed, error cells as errors; and files that would do harm refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from intake.reading import workbook_size
from intake.reading.row_source import ErrorCell, FileNotReadable
from intake.reading.workbook_rows import WorkbookRows

Fill = Callable[[Any, Any], None]


def _workbook(path: Path, fill: Fill, *, sheets: tuple[str, ...] = ("Policies",)) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as workbook:
        for name in sheets:
            fill(workbook, workbook.add_worksheet(name))
    return path


def _changed(path: Path, target: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of the file in which one part is another."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == part else content)
    return target


def _two_columns(workbook: Any, sheet: Any) -> None:
    sheet.write_row(0, 0, ["Number", "Name"])
    sheet.write_row(1, 0, ["007", "Bond"])


def test_cells_keep_their_kind(tmp_path: Path) -> None:
    """Leading zeros of text, dates, moments, numbers, yes and no, and what looks like a formula."""

    def fill(workbook: Any, sheet: Any) -> None:
        day, moment = (workbook.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        sheet.write_row(0, 0, ["a", "b", "c", "d", "e", "f"])
        sheet.write_string(1, 0, "007")
        sheet.write_datetime(1, 1, datetime.fromisoformat("2011-02-24"), day)
        sheet.write_datetime(1, 2, datetime.fromisoformat("2011-02-24T14:30"), moment)
        sheet.write_number(1, 3, 384.81)
        sheet.write_boolean(1, 4, True)
        sheet.write_string(1, 5, "=1+1")

    source = WorkbookRows(_workbook(tmp_path / "a.xlsx", fill))

    (row,) = source.rows()

    assert row.cells == ["007", date(2011, 2, 24), datetime.fromisoformat("2011-02-24T14:30"), 384.81, True, "=1+1"]


def test_rows_carry_the_number_excel_shows(tmp_path: Path) -> None:
    """Also where the table does not begin in the first row and column, and has gaps."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_string(0, 1, "Policies of March")
        sheet.write_row(2, 1, ["a", "b"])
        sheet.write_row(4, 1, ["1", "2"])

    source = WorkbookRows(_workbook(tmp_path / "a.xlsx", fill), heading_row=3)

    assert source.headings == ("a", "b")
    assert [(row.number, row.cells) for row in source.rows()] == [(5, ["1", "2"])]


def test_a_cell_that_shows_an_error_is_not_read_as_empty(tmp_path: Path) -> None:
    """The library gives nothing for it; we look at the sheet ourselves."""

    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(1, 2, ["a", "b"])
        sheet.write_string(2, 2, "x")
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")

    source = WorkbookRows(_workbook(tmp_path / "a.xlsx", fill), heading_row=2)

    (row,) = source.rows()

    assert isinstance(row.cells[1], ErrorCell)


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    """None is picked; a misspelt one is answered with the nearest."""
    path = _workbook(tmp_path / "a.xlsx", _two_columns, sheets=("Policies", "Old"))

    with pytest.raises(FileNotReadable) as unnamed:
        WorkbookRows(path)
    with pytest.raises(FileNotReadable) as misspelt:
        WorkbookRows(path, sheet="Policy")

    assert str(unnamed.value) == (
        "a.xlsx has 2 sheets (Policies, Old). Say in the mapping which one to read, "
        "for example: file: {sheet: Policies}."
    )
    assert str(misspelt.value) == ("a.xlsx has no sheet 'Policy'; did you mean Policies? Its sheets: Policies, Old.")
    assert WorkbookRows(path, sheet="Old").headings == ("Number", "Name")


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes are counted while unpacking."""
    monkeypatch.setattr(workbook_size, "MOST_UNPACKED", 3_000_000)
    path = _workbook(tmp_path / "a.xlsx", _two_columns)
    bomb = _changed(path, tmp_path / "b.xlsx", "xl/styles.xml", lambda part: part + b" " * 5_000_000)

    with pytest.raises(FileNotReadable) as refused:
        WorkbookRows(bomb)

    assert bomb.stat().st_size < 20_000
    assert str(refused.value) == (
        "b.xlsx has more than 3,000,000 bytes when unpacked: too much for an Excel file. "
        "Save the sheet as CSV, where size does not matter."
    )


def test_a_file_that_lies_about_its_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size in the directory of the file is not believed."""
    monkeypatch.setattr(workbook_size, "MOST_UNPACKED", 3_000_000)
    path = _workbook(tmp_path / "a.xlsx", _two_columns)
    bomb = _changed(path, tmp_path / "b.xlsx", "xl/styles.xml", lambda part: part + b" " * 5_000_000)
    with zipfile.ZipFile(bomb) as archive:
        size = archive.getinfo("xl/styles.xml").file_size
    bomb.write_bytes(bomb.read_bytes().replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))

    with pytest.raises(FileNotReadable, match="when unpacked"):
        WorkbookRows(bomb)


def test_a_sheet_of_two_cells_far_apart_is_refused(tmp_path: Path) -> None:
    """The library would ask for half a terabyte of memory and abort the process."""
    path = _workbook(tmp_path / "a.xlsx", _two_columns)
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    bomb = _changed(
        path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", far)
    )

    with pytest.raises(FileNotReadable) as refused:
        WorkbookRows(bomb)

    assert str(refused.value) == (
        "b.xlsx has a sheet of 1,048,576 rows by 16,384 columns: too much for an Excel file. "
        "Save the sheet as CSV, where size does not matter."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a.xlsx is not an Excel file by its content. Save it as .xlsx, or as CSV."),
        (b"Number,Name\n", "a.xlsx is not an Excel file by its content. Save it as .xlsx, or as CSV."),
        (b"PK\x03\x04 torn", "a.xlsx is not a sound Excel file. Open it in Excel and save it again."),
        (
            b"\xd0\xcf\x11\xe0 anything",
            "a.xlsx is an old .xls file or is protected by a password. Open it in Excel and save it as .xlsx.",
        ),
    ],
)
def test_what_is_no_sound_excel_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Text, torn files, the format of the nineties."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    with pytest.raises(FileNotReadable) as refused:
        WorkbookRows(path)

    assert str(refused.value) == reason


def test_a_binary_workbook_is_refused(tmp_path: Path) -> None:
    """Its sheets cannot be measured beforehand."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")

    with pytest.raises(FileNotReadable) as refused:
        WorkbookRows(path)

    assert str(refused.value) == "a.xlsx is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    """Nothing was meant to be imported from nothing."""
    path = _workbook(tmp_path / "a.xlsx", lambda _workbook, _sheet: None)

    with pytest.raises(FileNotReadable) as refused:
        WorkbookRows(path)

    assert str(refused.value) == "a.xlsx is empty. A file needs a row of headings and rows below it."
