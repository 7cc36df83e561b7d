"""CSV in: declared encoding and delimiter, quoted line breaks, and a row number for everything that is wrong."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from core.errors import did_you_mean
from intake.reading.row_source import (
    ROW_HEADING,
    Cell,
    FileNotReadable,
    RawRow,
    checked_headings,
    read_nothing,
    trimmed,
    without_our_columns,
)

ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
    *(f"cp{page}" for page in (437, 737, 775, 850, 852, 855, 857, 866)),
    *(f"cp125{page}" for page in range(9)),
    *(f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "mac-roman", "ascii"),
)
MARKS = (  # the longer first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NEEDS_MARK = {"utf-16": "utf-16-le or utf-16-be", "utf-32": "utf-8"}
LONGEST_LINE = 1_000_000  # characters
ESCAPE = "'"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class EncodingNotKnown(FileNotReadable):
    """A declared encoding that does not exist here."""


def checked_encoding(name: str) -> str:
    """The encoding as Python calls it. Raises: EncodingNotKnown."""
    written = name.strip().lower().replace("_", "-").replace("windows-", "cp")
    if written in ENCODINGS:
        return written
    hint = did_you_mean(written, ENCODINGS) or "."
    raise EncodingNotKnown(
        f"There is no encoding {name!r} here{hint} Common ones are utf-8, cp1257 (Baltic Windows), iso-8859-13, "
        "cp1252 and iso-8859-15 (Western Europe)."
    )


@dataclass(slots=True)
class _Lines:
    """The lines of a text, remembering those of the present record for the case that it cannot be read."""

    stream: TextIO
    seen: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        while line := self.stream.readline(LONGEST_LINE):
            if len(line) >= LONGEST_LINE:
                raise FileNotReadable(
                    f"A line of {Path(self.stream.name).name} is longer than {LONGEST_LINE:,} characters: this is "
                    "not a table. Export it as CSV with one row per line."
                )
            self.seen.append(line)
            yield line


class CsvRows:
    """An opened CSV file.

    Raises: FileNotReadable when it is missing, empty, or not text in the declared encoding.
    """

    def __init__(self, path: Path, *, encoding: str = "utf-8", delimiter: str = ",", heading_row: int = 1) -> None:
        self.path = path
        self.delimiter = delimiter
        self.notes: list[str] = []
        self.encoding = self._encoding(checked_encoding(encoding))
        self.heading_row = 1
        heading = self._first()
        if heading_row > 1 and not (heading and ROW_HEADING in heading.cells):
            self.heading_row = heading_row
            heading = self._first()
        if heading is None:
            raise read_nothing(path)
        if heading.trouble:
            raise FileNotReadable(f"The headings of {path.name} cannot be read: {heading.trouble}.")
        self.all_headings = checked_headings(path, self.heading_row, heading.cells)
        headings, self._kept = without_our_columns(self.all_headings)
        self.headings = tuple(unescaped(heading) for heading in headings) if self._kept is not None else headings

    def _encoding(self, declared: str) -> str:
        """A mark at the head of the file says what it is; it wins over what was declared."""
        with self.path.open("rb") as file:
            head = file.read(4)
        if head.startswith(b"PK\x03\x04"):
            raise FileNotReadable(
                f"{self.path.name} is an Excel file by its content. Rename it to end in .xlsx, or save it as CSV."
            )
        marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
        if marked and not marked.startswith(declared):
            self.notes.append(
                f"The first bytes of the file say that it is {marked.removesuffix('-sig')}, not {declared} as declared."
            )
        if marked is None and declared in NEEDS_MARK:
            raise FileNotReadable(
                f"{self.path.name} does not begin with the byte order mark of {declared}. "
                f"Declare {NEEDS_MARK[declared]} instead."
            )
        return marked or declared

    def rows(self) -> Iterator[RawRow]:
        """The rows below the heading; cells that belong to no character of the encoding keep a surrogate."""
        records = self._records()
        next(records)
        width = len(self.all_headings)
        for number, cells, trouble in records:
            if trouble:
                yield RawRow(number, cells, trouble)
            elif len(cells) == width:
                if any(cells):
                    yield RawRow(number, self._own(cells))
            elif any(cells):
                row = trimmed(number, cells, width)
                yield row if row.trouble else RawRow(number, self._own(row.cells))

    def _own(self, cells: list[Cell]) -> list[Cell]:
        if self._kept is None:
            return cells
        return [unescaped(str(cells[position])) for position in self._kept]

    def _first(self) -> RawRow | None:
        with closing(self._records()) as records:
            return next(records, None)

    def _records(self) -> Generator[RawRow]:
        """From the heading on, with the numbers a spreadsheet would show."""
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as stream:
            number = 0
            try:
                for number, cells, trouble in _parsed(stream, self.delimiter):
                    if number >= self.heading_row:
                        yield RawRow(number, cells, trouble)
            except UnicodeDecodeError as error:
                raise FileNotReadable(
                    f"{self.path.name} is not {self.encoding}: after row {number} stands a byte that cannot be read. "
                    "Declare its encoding in the mapping, for example: file: {encoding: cp1257}."
                ) from error


def _parsed(stream: TextIO, delimiter: str) -> Iterator[RawRow]:
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.seen.clear()
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield RawRow(number, ["".join(lines.seen)], _why(error))
            continue
        if cells is None:
            return
        yield RawRow(number, list[Cell](cells))


def _why(error: csv.Error) -> str:
    told = str(error)
    if "field larger" in told:
        return f"a cell is longer than {csv.field_size_limit():,} characters; perhaps a quotation mark is never closed"
    if "unexpected end" in told:
        return "a quotation mark is opened and never closed"
    return "after a closing quotation mark stands something else; a quotation mark inside a cell is written twice"


def escaped(cell: str) -> str:
    """A cell no spreadsheet takes for a formula; `unescaped` gives it back exactly."""
    return ESCAPE + cell if cell.startswith((*FORMULA, ESCAPE)) else cell


def unescaped(cell: str) -> str:
    """The cell as it was before `escaped`."""
    return cell[1:] if cell.startswith(ESCAPE) else cell
