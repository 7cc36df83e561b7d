"""Excel in: one sheet of a workbook, its dates as dates, its texts exactly as typed, its error cells as errors."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree as Xml

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from core.errors import did_you_mean
from intake.reading.row_source import (
    ROW_HEADING,
    Cell,
    ErrorCell,
    FileNotReadable,
    RawRow,
    checked_headings,
    read_nothing,
    trimmed,
    without_our_columns,
)
from intake.reading.workbook_size import SheetExtent, column_number, measured

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
OLE = b"\xd0\xcf\x11\xe0"
LARGEST_INDEX = 5_000_000  # bytes of the list of sheets


class WorkbookRows:
    """An opened Excel file, looking at one sheet; the only sheet when none is named.

    Raises: FileNotReadable when it is missing, damaged, dangerous, protected, or the sheet is not there.
    """

    def __init__(self, path: Path, *, sheet: str | None = None, heading_row: int = 1) -> None:
        self.path = path
        self.notes: list[str] = []
        _refuse_other_formats(path)
        extents = measured(path)
        with _opened(path) as workbook:
            self.sheet = self._chosen(workbook, sheet)
        self._errors = _error_cells(path, self.sheet, extents)
        self.heading_row = 1
        heading = self._first()
        if heading_row > 1 and not (heading and ROW_HEADING in heading.cells):
            self.heading_row = heading_row
            heading = self._first()
        if heading is None:
            raise read_nothing(path)
        self._headings = checked_headings(path, self.heading_row, heading.cells)
        while self._headings and not self._headings[-1]:
            self._headings.pop()
        self.headings, self._kept = without_our_columns(self._headings)

    def _chosen(self, workbook: CalamineWorkbook, wanted: str | None) -> str:
        names = workbook.sheet_names
        if wanted in names:
            return str(wanted)
        listed = ", ".join(names)
        if wanted is not None:
            hint = did_you_mean(wanted, names) or "."
            raise FileNotReadable(f"{self.path.name} has no sheet {wanted!r}{hint} Its sheets: {listed}.")
        if len(names) != 1:
            example = f"file: {{sheet: {names[0] if names else 'Policies'}}}"
            raise FileNotReadable(
                f"{self.path.name} has {len(names)} sheets ({listed}). "
                f"Say in the mapping which one to read, for example: {example}."
            )
        return names[0]

    def rows(self) -> Iterator[RawRow]:
        """The rows below the heading, with the numbers Excel shows."""
        records = self._records()
        next(records)
        width = len(self._headings)
        for number, cells, _ in records:
            if any(cell not in {"", None} for cell in cells):
                row = trimmed(number, cells, width)
                yield row if row.trouble or self._kept is None else RawRow(number, [cells[at] for at in self._kept])

    def _first(self) -> RawRow | None:
        with closing(self._records()) as records:
            return next(records, None)

    def _records(self) -> Generator[RawRow]:
        """From the row of headings on; columns before the first that is filled do not exist for the reader."""
        with _opened(self.path) as workbook:
            sheet = workbook.get_sheet_by_name(self.sheet)
            left = sheet.start[1] if sheet.start else 0
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                if number >= self.heading_row:
                    yield RawRow(number, self._with_errors(number, list[Cell](cells), left))

    def _with_errors(self, row: int, cells: list[Cell], left: int) -> list[Cell]:
        for column in self._errors.get(row, ()):
            cells[column - 1 - left] = ErrorCell("#ERROR")
        return cells


def _refuse_other_formats(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4)
    if head == OLE:
        raise FileNotReadable(
            f"{path.name} is an old .xls file or is protected by a password. Open it in Excel and save it as .xlsx."
        )
    if head != b"PK\x03\x04":
        raise FileNotReadable(f"{path.name} is not an Excel file by its content. Save it as .xlsx, or as CSV.")


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            yield workbook
    except (CalamineError, PasswordError) as error:
        raise _unsound(path) from error


def _error_cells(path: Path, sheet: str, extents: dict[str, SheetExtent]) -> dict[int, list[int]]:
    """Row -> columns of the cells that show an error: the reader would give them as empty."""
    found: dict[int, list[int]] = {}
    for reference in extents[_part_of(path, sheet, extents)].errors:
        letters = reference.rstrip("0123456789")
        found.setdefault(int(reference[len(letters) :]), []).append(column_number(letters.encode()))
    return found


def _part_of(path: Path, sheet: str, extents: dict[str, SheetExtent]) -> str:
    """The name of the part that holds a sheet: the list of sheets names a relation, the relation names the part."""
    with zipfile.ZipFile(path) as archive:
        listed = _xml(archive, "xl/workbook.xml")
        relations = {one.get("Id"): one.get("Target", "") for one in _xml(archive, "xl/_rels/workbook.xml.rels")}
    for one in listed.findall(".//{*}sheet"):
        if one.get("name") == sheet:
            target = relations.get(one.get(RELATION) or one.get(STRICT_RELATION), "")
            part = normpath(target.lstrip("/") if target.startswith("/") else join("xl", target))
            if part in extents:
                return part
    raise _unsound(path)


def _xml(archive: zipfile.ZipFile, part: str) -> Xml.Element:
    """A small part of the file, parsed."""
    try:
        with archive.open(part) as file:
            return Xml.fromstring(file.read(LARGEST_INDEX))  # noqa: S314 - expat limits the growth of entities itself
    except (KeyError, Xml.ParseError) as error:
        raise _unsound(Path(str(archive.filename))) from error


def _unsound(path: Path) -> FileNotReadable:
    return FileNotReadable(f"{path.name} is not a sound Excel file. Open it in Excel and save it again.")
