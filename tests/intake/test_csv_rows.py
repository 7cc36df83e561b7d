"""Reading CSV: what a spreadsheet would show, row by row, and a sentence for what cannot be read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.reading.csv_rows import CsvRows, EncodingNotKnown, checked_encoding, escaped, unescaped
from intake.reading.row_source import FileNotReadable

NASTIES = (
    *("comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf"),
    *("quotes_and_newlines", "simple", "simple_crlf", "utf8"),
)


def _file(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", NASTIES)
def test_a_nasty_file_reads_as_its_makers_say(name: str, real_data: Callable[[str], Path], tmp_path: Path) -> None:
    """Quoted commas, quotes, line breaks and empty cells come out as in the published JSON."""
    folder = real_data("csv_nasties")
    content = (folder / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):  # the carriage returns were lost on the way here
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    source = CsvRows(_file(tmp_path, content))

    found = [dict(zip(source.headings, row.cells, strict=True)) for row in source.rows()]

    assert found == json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))


def test_a_damaged_character_keeps_its_place(real_data: Callable[[str], Path]) -> None:
    """This nasty file holds replacement characters, which are sound UTF-8 and stay."""
    source = CsvRows(real_data("csv_nasties") / "csvs" / "location_coordinates.csv")

    (row,) = source.rows()

    assert row.cells[2:] == ["Modesto", "Stanislaus"]
    assert "\ufffd" in str(row.cells[1])


def test_rows_carry_the_number_a_spreadsheet_shows(tmp_path: Path) -> None:
    """Blank lines count, a quoted line break does not."""
    source = CsvRows(_file(tmp_path, 'a,b\n1,"x\ny"\n\n2,z\n'))

    numbers = [row.number for row in source.rows()]

    assert numbers == [2, 4]


def test_a_row_of_empty_cells_is_no_row(tmp_path: Path) -> None:
    """Excel leaves lines of commas behind."""
    source = CsvRows(_file(tmp_path, "a,b\n,\n1,2\n,,,\n"))

    assert [row.cells for row in source.rows()] == [["1", "2"]]


def test_a_row_with_too_few_or_too_many_cells_says_so(tmp_path: Path) -> None:
    """Empty cells too many are nothing; others would be guessed at, so the row is refused."""
    source = CsvRows(_file(tmp_path, "a,b\n1\n1,2,,\n1,2,3\n"))

    found = [row.trouble for row in source.rows()]

    assert found == ["the row has 1 cells, the heading has 2", "", "the row has 3 cells, the heading has 2"]


def test_wrong_quotation_marks_cost_one_row(tmp_path: Path) -> None:
    """The rows after it are read."""
    source = CsvRows(_file(tmp_path, 'a,b\n"x" y,1\n2,3\n'))

    bad, good = source.rows()

    reason = "after a closing quotation mark stands something else; a quotation mark inside a cell is written twice"
    assert (bad.trouble, bad.cells) == (reason, ['"x" y,1\n'])
    assert good.cells == ["2", "3"]


def test_a_quotation_mark_that_is_never_closed_is_told(tmp_path: Path) -> None:
    """It swallows the rest of the file, and does not pass for a cell."""
    source = CsvRows(_file(tmp_path, 'a,b\n1,"open\n2,3\n'))

    (row,) = source.rows()

    assert row.trouble == "a quotation mark is opened and never closed"


def test_a_cell_longer_than_the_limit_is_told(tmp_path: Path) -> None:
    """A quotation mark opened early in a long file stops after a hundred thousand characters."""
    source = CsvRows(_file(tmp_path, 'a,b\n1,"' + "x" * 140_000 + "\n2,3\n"))

    row = next(source.rows())

    assert row.trouble == (
        f"a cell is longer than {csv.field_size_limit():,} characters; perhaps a quotation mark is never closed"
    )


def test_a_file_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    """It is never held in memory whole."""
    path = _file(tmp_path, "a,b\n" + "x" * 1_100_000)

    with pytest.raises(FileNotReadable) as refused:
        list(CsvRows(path).rows())

    assert str(refused.value) == (
        "A line of table.csv is longer than 1,000,000 characters: this is not a table. "
        "Export it as CSV with one row per line."
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_what_the_file_is(tmp_path: Path, encoding: str) -> None:
    """It wins over what was declared, and is no part of the first heading."""
    source = CsvRows(_file(tmp_path, "Vardas\nŽydrūnė\n".encode(encoding)), encoding="cp1257")

    cells = [row.cells for row in source.rows()]

    assert (source.headings, cells) == (("Vardas",), [["Žydrūnė"]])
    shown = encoding.removesuffix("-sig")
    assert source.notes == [f"The first bytes of the file say that it is {shown}, not cp1257 as declared."]


@pytest.mark.parametrize("encoding", ["cp1257", "iso-8859-13", "utf-16-le"])
def test_a_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    """Baltic Windows, Baltic ISO and UTF-16 without its mark."""
    source = CsvRows(_file(tmp_path, "Vardas\nŽydrūnė\n".encode(encoding)), encoding=encoding)

    assert [row.cells for row in source.rows()] == [["Žydrūnė"]]


def test_utf_16_without_its_mark_is_not_guessed(tmp_path: Path) -> None:
    """Which byte comes first must be declared."""
    path = _file(tmp_path, "a\n1\n".encode("utf-16-le"))

    with pytest.raises(FileNotReadable) as refused:
        CsvRows(path, encoding="utf-16")

    assert str(refused.value) == (
        "table.csv does not begin with the byte order mark of utf-16. Declare utf-16-le or utf-16-be instead."
    )


def test_utf_16_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    """An odd number of bytes cannot be UTF-16."""
    path = _file(tmp_path, "a\n1\n2".encode("utf-16-le")[:-1])

    with pytest.raises(FileNotReadable) as refused:
        list(CsvRows(path, encoding="utf-16-le").rows())

    assert str(refused.value) == (
        "table.csv is not utf-16-le: after row 2 stands a byte that cannot be read. "
        "Declare its encoding in the mapping, for example: file: {encoding: cp1257}."
    )


def test_an_unknown_encoding_is_refused_with_the_nearest() -> None:
    """Names are taken as people write them."""
    assert checked_encoding("Windows-1257") == "cp1257"

    with pytest.raises(EncodingNotKnown) as refused:
        checked_encoding("cp-1257")

    assert str(refused.value) == (
        "There is no encoding 'cp-1257' here; did you mean cp1257? Common ones are utf-8, cp1257 (Baltic Windows), "
        "iso-8859-13, cp1252 and iso-8859-15 (Western Europe)."
    )


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """Nothing was meant to be imported from nothing."""
    with pytest.raises(FileNotReadable) as refused:
        CsvRows(_file(tmp_path, ""))

    assert str(refused.value) == "table.csv is empty. A file needs a row of headings and rows below it."


def test_headings_may_stand_further_down(tmp_path: Path) -> None:
    """What stands above them is not read; an empty heading row is told."""
    path = _file(tmp_path, "Policies of March\n\na,b\n1,2\n")

    source = CsvRows(path, heading_row=3)

    assert (source.headings, [row.number for row in source.rows()]) == (("a", "b"), [4])
    with pytest.raises(FileNotReadable) as refused:
        CsvRows(path, heading_row=2)
    assert str(refused.value) == (
        "Row 2 of table.csv, where the headings should be, is empty. "
        "Say in the mapping where they are, for example: file: {heading row: 3}."
    )


def test_an_excel_file_named_csv_is_refused(tmp_path: Path) -> None:
    """Its bytes are no text."""
    with pytest.raises(FileNotReadable) as refused:
        CsvRows(_file(tmp_path, b"PK\x03\x04anything"))

    assert str(refused.value) == (
        "table.csv is an Excel file by its content. Rename it to end in .xlsx, or save it as CSV."
    )


@given(st.text())
def test_escaping_a_cell_can_be_undone(cell: str) -> None:
    """Whatever is in it, the cell comes back exactly, and the escaped one starts no formula."""
    safe = escaped(cell)

    assert unescaped(safe) == cell
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
