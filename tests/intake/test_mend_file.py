"""The file of refused rows: harmless in a spreadsheet, and exactly the same rows when it is imported again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from core.actor import Actor, Door
from intake.cells.problem import RowProblem
from intake.import_kinds import KINDS
from intake.importing import ImportReport, import_file
from intake.reading.csv_rows import CsvRows
from intake.reading.mend_file import MendFileNotWritten, mend_path, write_mend_file
from intake.reading.workbook_rows import WorkbookRows
from models.parties import parties

Bring = Callable[..., ImportReport]
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def _problem(row: int) -> RowProblem:
    return RowProblem(row=row, column="a", reason="it is wrong")


def test_refused_rows_stand_beside_the_file_with_their_reasons(bring: Bring, tmp_path: Path) -> None:
    """The original columns, then the row and the reason; good rows are not in it."""
    report = bring("clients", "number,kind,name\nK1,person,Ona\nK2,persn,Jonas\n,person,Rasa\n")

    mend = tmp_path / "table.to-mend.csv"
    assert report.mend_file == mend
    with mend.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["number", "kind", "name", "taktas: row", "taktas: reason"],
        [
            *("K2", "persn", "Jonas", "3"),
            "kind: 'persn' is not one of person, company, consortium; did you mean person?",
        ],
        ["", "person", "Rasa", "4", "number: it is empty, and every row needs client.number"],
    ]


def test_a_mended_file_goes_in_the_same_way(db: Connection, bring: Bring) -> None:
    """Its own two columns are known, its escapes undone, and what is mended is no longer in the next file."""
    table = "number,kind,name\n=K1,persn,'quoted\n@K2,persn,=cmd|' /C calc'!A0\n-K3,x,-5\n"
    refused = bring("clients", table).mend_file
    assert refused is not None
    text = refused.read_text(encoding="utf-8-sig")

    again = bring("clients", text.replace("persn,", "person,", 2), name="mended.to-mend.csv")

    assert all(not line.startswith(("=", "@", "-")) for line in text.splitlines()[1:])
    assert set(db.execute(select(parties.c.number, parties.c.name)).all()) == {
        ("=K1", "'quoted"),
        ("@K2", "=cmd|' /C calc'!A0"),
    }
    assert (again.refused, again.mend_file) == (1, refused.with_name("mended.to-mend.csv"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any), min_size=1, max_size=6))
def test_every_refused_row_comes_back_unchanged(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Whatever its cells hold."""
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["a", "b", "c"], *rows])
    source = CsvRows(path)
    read = {row.number: row.cells for row in source.rows()}

    write_mend_file(source, {number: [_problem(number)] for number in read}, tmp_path / "mend.csv")

    again = CsvRows(tmp_path / "mend.csv")
    assert again.headings == ("a", "b", "c")
    assert [row.cells for row in again.rows()] == list(read.values())


def test_a_damaged_byte_is_shown_as_its_number(tmp_path: Path) -> None:
    """It cannot be written as text; the reason says what it is."""
    path = tmp_path / "table.csv"
    path.write_bytes("a\nŽ\n".encode("cp1257"))
    source = CsvRows(path)

    write_mend_file(source, {2: [_problem(2)]}, tmp_path / "mend.csv")

    assert "\\udcde" in (tmp_path / "mend.csv").read_text(encoding="utf-8-sig")


def test_a_row_that_could_not_be_cut_into_cells_is_kept_whole(tmp_path: Path) -> None:
    """In the first column, to be looked at."""
    path = tmp_path / "table.csv"
    path.write_text('a,b\n"x" y,1\n', encoding="utf-8")

    write_mend_file(CsvRows(path), {2: [_problem(2)]}, tmp_path / "mend.csv")

    with (tmp_path / "mend.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ['"x" y,1\n', "", "2", "a: it is wrong"]


def test_an_excel_file_is_mended_as_excel(tmp_path: Path) -> None:
    """Dates, numbers, texts and errors stay what they are; the headings move to the first row."""

    def fill(workbook: Any, sheet: Any) -> None:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["a", "b", "c", "d", "e"])
        sheet.write_string(3, 0, "=007")
        sheet.write_datetime(3, 1, date(2026, 3, 2), day)
        sheet.write_number(3, 2, 1.5)
        sheet.write_boolean(3, 3, True)
        sheet.write_formula(3, 4, "=1/0", None, "#DIV/0!")

    with xlsxwriter.Workbook(tmp_path / "table.xlsx", {"strings_to_formulas": False}) as workbook:
        fill(workbook, workbook.add_worksheet("Policies"))
    source = WorkbookRows(tmp_path / "table.xlsx", heading_row=3)
    (row,) = source.rows()

    write_mend_file(source, {4: [_problem(4)]}, tmp_path / "mend.xlsx")

    again = WorkbookRows(tmp_path / "mend.xlsx", sheet="Policies", heading_row=3)
    (mended,) = again.rows()
    assert again.headings == ("a", "b", "c", "d", "e")
    assert mended.cells == row.cells
    assert [type(cell) for cell in mended.cells] == [type(cell) for cell in row.cells]


def test_a_file_that_cannot_be_written_stops_the_import(db: Connection, tmp_path: Path) -> None:
    """Refused rows must not be lost."""
    path = tmp_path / "table.csv"
    path.write_text("number,kind,name\n,person,Ona\n", encoding="utf-8")
    nowhere = tmp_path / "no" / "mend.csv"

    with pytest.raises(MendFileNotWritten) as refused:
        import_file(db, Actor(door=Door.IMPORT), KINDS["clients"], path, at=MONDAY, mend_to=nowhere)

    assert str(refused.value).startswith(f"The refused rows cannot be written to {nowhere}: ")
    assert str(refused.value).endswith("Nothing was imported. Say with --mend where they may be written.")


def test_the_file_is_named_after_the_one_it_comes_from() -> None:
    """And writes over itself when it is mended in several goes."""
    assert mend_path(Path("a/policies.csv")) == Path("a/policies.to-mend.csv")
    assert mend_path(Path("a/policies.to-mend.csv")) == Path("a/policies.to-mend.csv")
