"""What an Excel file unpacks to, measured before anything trusts it: its size, its extent and its error cells."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from intake.reading.row_source import FileNotReadable

MOST_UNPACKED = 500_000_000  # bytes of all parts together
MOST_PARTS = 5_000
MOST_CELLS = 20_000_000  # of the rectangle a sheet spans: this many are held in memory, filled or not
PIECE = 1 << 20
LONGEST_TAG = 4096
LOCAL_HEADER = 30

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\b(?=[^>]*\bt\s*=\s*["']e["'])[^>]*\br\s*=\s*["']([A-Za-z]{1,3}[0-9]+)["']""")


@dataclass(slots=True)
class SheetExtent:
    """How far the cells of one sheet reach, and which of them hold an error."""

    is_sheet: bool = False
    columns: int = 0
    rows: int = 0
    errors: set[str] = field(default_factory=set)

    def look_at(self, text: bytes) -> None:
        """Take in a piece of the sheet's XML."""
        self.is_sheet = self.is_sheet or b"sheetData" in text
        found = _REFERENCE.findall(text)
        if found:
            self.columns = max(self.columns, *(column_number(letters) for letters in {letters for letters, _ in found}))
            self.rows = max(self.rows, *(int(row) for row in {row for _, row in found}))
        if b'"e"' in text or b"'e'" in text:
            self.errors.update(reference.decode().upper() for reference in _ERROR_CELL.findall(text))


def column_number(letters: bytes) -> int:
    """`A` is 1, `AA` is 27; nothing is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def measured(path: Path) -> dict[str, SheetExtent]:
    """The extent of every sheet by the name of its part; nothing is kept in memory on the way.

    Sizes are counted while unpacking, not read from the file, which may lie.
    Raises: FileNotReadable.
    """
    left = MOST_UNPACKED
    extents: dict[str, SheetExtent] = {}
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            parts = archive.infolist()
            if any(part.filename.endswith("workbook.bin") for part in parts):
                raise FileNotReadable(
                    f"{path.name} is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."
                )
            if len(parts) > MOST_PARTS:
                raise _too_big(path, f"{len(parts):,} parts")
            for part in parts:
                extents[part.filename] = SheetExtent()
                left = _unpack(path, file, part, extents[part.filename], left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise FileNotReadable(f"{path.name} is not a sound Excel file. Open it in Excel and save it again.") from error
    _refuse_wide_sheets(path, extents)
    return {name: extent for name, extent in extents.items() if extent.is_sheet}


def _unpack(path: Path, file: BinaryIO, part: zipfile.ZipInfo, extent: SheetExtent, left: int) -> int:
    tail = b""
    for piece in _pieces(path, file, part):
        left -= len(piece)
        if left < 0:
            raise _too_big(path, f"more than {MOST_UNPACKED:,} bytes when unpacked")
        extent.look_at(tail + piece)
        tail = piece[-LONGEST_TAG:]
    return left


def _refuse_wide_sheets(path: Path, extents: dict[str, SheetExtent]) -> None:
    for extent in extents.values():
        if extent.is_sheet and extent.columns * extent.rows > MOST_CELLS:
            raise _too_big(path, f"a sheet of {extent.rows:,} rows by {extent.columns:,} columns")


def _too_big(path: Path, what: str) -> FileNotReadable:
    return FileNotReadable(
        f"{path.name} has {what}: too much for an Excel file. Save the sheet as CSV, where size does not matter."
    )


def _pieces(path: Path, file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of a part, at most PIECE at a time."""
    _go_to_data(file, part)
    if part.compress_type == zipfile.ZIP_STORED:
        yield from _read(file, part.compress_size)
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for packed in _read(file, part.compress_size):
            rest = packed
            while rest and not inflate.eof:
                yield inflate.decompress(rest, PIECE)
                rest = inflate.unconsumed_tail
        yield inflate.flush(PIECE)
    else:
        raise FileNotReadable(f"{path.name} is packed in a way Excel does not use. Open it in Excel and save it again.")


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, PIECE))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece


def _go_to_data(file: BinaryIO, part: zipfile.ZipInfo) -> None:
    file.seek(part.header_offset)
    header = file.read(LOCAL_HEADER)
    if len(header) < LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise EOFError
    name_length = int.from_bytes(header[26:28], "little")
    extra_length = int.from_bytes(header[28:30], "little")
    file.seek(name_length + extra_length, 1)
